package dev.sfu.core.sdp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a session description: the line order of RFC 8866 §5, CRLF, and the order of attributes that libwebrtc uses.
 * What {@link SdpReader} read comes back equal when it is written and read again.
 */
public final class SdpWriter {
    private final StringBuilder out = new StringBuilder(4096);

    private SdpWriter() {}

    /**
     * The text of a description.
     *
     * @throws IllegalArgumentException when a value contains a control character and would break its line
     */
    public static String write(SdpSession session) {
        SdpWriter writer = new SdpWriter();
        writer.session(session);
        session.media().forEach(writer::section);
        return writer.out.toString();
    }

    private void session(SdpSession session) {
        SdpSession.Origin origin = session.origin();
        line('v', "0");
        line('o', origin.username() + " " + Long.toUnsignedString(origin.sessionId()) + " "
                + Long.toUnsignedString(origin.version()) + " " + internet(origin.address()));
        line('s', "-");
        line('t', "0 0");
        for (SdpSession.Group group : session.groups()) {
            line('a', "group:" + group.semantics() + words("", group.mids()));
        }
        flag(session.iceLite(), "ice-lite");
        flag(session.extmapAllowMixed(), "extmap-allow-mixed");
        transport(session.transport());
        session.attributes().forEach(attribute -> line('a', attribute.format()));
    }

    private void section(MediaSection section) {
        line('m', section.kind() + " " + section.port() + " " + section.protocol() + words("", section.formats()));
        line('c', internet(section.connectionAddress()));
        section.bandwidths().forEach(b -> line('b', b.type() + ":" + b.value()));
        section.candidates().forEach(candidate -> line('a', candidate.format()));
        flag(section.endOfCandidates(), "end-of-candidates");
        transport(section.transport());
        value("mid", section.mid());
        flag(section.bundleOnly(), "bundle-only");
        section.headerExtensions().forEach(extension -> value("extmap", extension.format()));
        flag(section.extmapAllowMixed(), "extmap-allow-mixed");
        // A direction means nothing to data channels; browsers leave it out, or write sendrecv.
        flag(section.isRtp() || section.direction() != Direction.SENDRECV, section.direction().text());
        section.msids().forEach(msid -> value("msid", format(msid)));
        flag(section.rtcpMux(), "rtcp-mux");
        flag(section.rtcpRsize(), "rtcp-rsize");
        section.codecs().forEach(this::codec);
        value("ptime", section.ptime());
        value("maxptime", section.maxptime());
        sources(section);
        section.rids().forEach(rid -> value("rid", rid.format()));
        value("simulcast", section.simulcast() == null ? null : section.simulcast().format());
        value("sctp-port", section.sctpPort());
        value("max-message-size", section.maxMessageSize());
        section.attributes().forEach(attribute -> line('a', attribute.format()));
    }

    private void transport(TransportAttributes transport) {
        value("ice-ufrag", transport.iceUfrag());
        value("ice-pwd", transport.icePwd());
        if (!transport.iceOptions().isEmpty()) {
            line('a', words("ice-options:", transport.iceOptions()));
        }
        transport.fingerprints().forEach(fingerprint -> value("fingerprint", fingerprint.format()));
        value("setup", transport.setup() == null ? null : transport.setup().text());
    }

    private void codec(RtpCodec codec) {
        value("rtpmap", codec.payloadType() + " " + codec.encoding());
        codec.rtcpFeedback().forEach(feedback -> value("rtcp-fb", codec.payloadType() + " " + feedback));
        if (!codec.fmtp().isEmpty()) {
            value("fmtp", codec.payloadType() + " " + codec.fmtp().text());
        }
    }

    /** Groups before sources: libwebrtc reads them in any order, and writes them in this one. */
    private void sources(MediaSection section) {
        for (MediaSection.SsrcGroup group : section.ssrcGroups()) {
            line('a', "ssrc-group:" + group.semantics() + words("", group.ssrcs()));
        }
        for (MediaSection.Ssrc source : section.ssrcs()) {
            if (source.cname() != null) {
                value("ssrc", source.ssrc() + " cname:" + source.cname());
            }
            if (source.msid() != null) {
                value("ssrc", source.ssrc() + " msid:" + format(source.msid()));
            }
        }
    }

    private static String format(MediaSection.Msid msid) {
        return msid.trackId() == null ? msid.streamId() : msid.streamId() + " " + msid.trackId();
    }

    private static String internet(String address) {
        return (address.indexOf(':') < 0 ? "IN IP4 " : "IN IP6 ") + address;
    }

    /** {@code first} with the words behind it; after an empty one every word has a blank before it. */
    private static String words(String first, List<?> words) {
        StringBuilder text = new StringBuilder(first);
        for (Object word : words) {
            if (text.isEmpty() || text.length() > first.length()) {
                text.append(' ');
            }
            text.append(word);
        }
        return text.toString();
    }

    private void flag(boolean present, String name) {
        if (present) {
            line('a', name);
        }
    }

    private void value(String name, @Nullable Object value) {
        if (value != null) {
            line('a', name + ":" + value);
        }
    }

    private void line(char type, String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < 0x20 && value.charAt(i) != '\t') {
                throw new IllegalArgumentException(
                        type + "=" + SdpException.clip(value) + " (expected: no control characters)");
            }
        }
        out.append(type).append('=').append(value).append("\r\n");
    }
}
