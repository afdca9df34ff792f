package dev.sfu.core.sdp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session description (RFC 8866) of the kind RFC 9429 exchanges.
 *
 * @param origin who wrote it, and its version
 * @param groups {@code a=group} lines, BUNDLE for one (RFC 5888, RFC 9143)
 * @param iceLite whether the writer is a lite ICE agent
 * @param extmapAllowMixed one-byte and two-byte header extensions may be mixed in every section (RFC 8285 §6)
 * @param transport session-level ICE and DTLS attributes; {@link #transportOf} applies them
 * @param attributes other session-level attributes in order: {@code msid-semantic}, {@code identity}, {@code tls-id}
 * @param media the sections in the order that identifies them across offer and answer
 */
public record SdpSession(
        Origin origin,
        List<Group> groups,
        boolean iceLite,
        boolean extmapAllowMixed,
        TransportAttributes transport,
        List<Attribute> attributes,
        List<MediaSection> media) {
    /** Copies the lists. */
    public SdpSession {
        groups = List.copyOf(groups);
        attributes = List.copyOf(attributes);
        media = List.copyOf(media);
    }

    /**
     * The {@code o=} line.
     *
     * @param username {@code -} but for Firefox, which signs here
     * @param sessionId constant for the life of a connection; an unsigned 64-bit number when read, but below 2^63 when
     *     written, or Firefox may refuse it
     * @param version goes up by one when a description changes (RFC 9429 §5.2.2); an unsigned 64-bit number
     * @param address an address of the writer, or a placeholder
     */
    public record Origin(String username, long sessionId, long version, String address) {
        /** The origin of a writer who tells neither name nor address, as RFC 9429 §5.2.1 asks. */
        public Origin(long sessionId, long version) {
            this("-", sessionId, version, "127.0.0.1");
        }
    }

    /**
     * A group of sections.
     *
     * @param semantics {@code BUNDLE}, {@code LS}
     * @param mids the members in order; the first of a BUNDLE group is tagged: its transport is the group's
     */
    public record Group(String semantics, List<String> mids) {
        /** Copies the list. */
        public Group {
            mids = List.copyOf(mids);
        }
    }

    /** The first BUNDLE group, or null. */
    public @Nullable Group bundle() {
        for (Group group : groups) {
            if (group.semantics().equals("BUNDLE")) {
                return group;
            }
        }
        return null;
    }

    /** The section of this mid, or null. */
    public @Nullable MediaSection section(String mid) {
        for (MediaSection section : media) {
            if (mid.equals(section.mid())) {
                return section;
            }
        }
        return null;
    }

    /** The value of the first session attribute of this name, "" when it has none, or null when it is not there. */
    public @Nullable String attribute(String name) {
        return MediaSection.find(attributes, name);
    }

    /**
     * ICE and DTLS attributes of a section: its own, and the session's where it has none. A bundled section may still
     * have gaps that the tagged section of its group fills (RFC 9143 §7.1.3).
     */
    public TransportAttributes transportOf(MediaSection section) {
        return section.transport().orElse(transport);
    }

    /** Whether a section lets both header extension forms be mixed, by its own line or the session's. */
    public boolean extmapAllowMixed(MediaSection section) {
        return extmapAllowMixed || section.extmapAllowMixed();
    }
}
