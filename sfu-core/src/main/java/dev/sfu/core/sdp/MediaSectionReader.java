package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the lines of one section, from its {@code m=} line to the next. */
final class MediaSectionReader {
    private static final int FORMAT_LIMIT = 128;
    private static final int CANDIDATE_LIMIT = 64;
    private static final int LIST_LIMIT = 256;

    private final MediaSection.Builder section;
    private final List<String> formats;
    private final boolean audio;
    private final @Nullable CodecReader codecs;
    private final TransportReader transport = new TransportReader();
    private final Map<Long, MediaSection.Ssrc> ssrcs = new LinkedHashMap<>();
    private final List<MediaSection.SsrcGroup> ssrcGroups = new ArrayList<>();
    private final List<MediaSection.Msid> msids = new ArrayList<>();
    private final List<MediaSection.Bandwidth> bandwidths = new ArrayList<>();
    private final List<HeaderExtension> headerExtensions = new ArrayList<>();
    private final Set<Integer> extensionIds = new HashSet<>();
    private final List<Rid> rids = new ArrayList<>();
    private final Set<String> ridIds = new HashSet<>();
    private final List<IceCandidate> candidates = new ArrayList<>();
    private final List<Attribute> others = new ArrayList<>();
    private @Nullable String mid;
    private @Nullable Direction direction;
    private @Nullable Simulcast simulcast;

    MediaSectionReader(String mLine, String connectionAddress) throws SdpException {
        List<String> words = Syntax.split(mLine, ' ', 3 + FORMAT_LIMIT, "words in an m= line");
        if (words.size() < 4) {
            throw SdpException.of(mLine, "m=<media> <port> <protocol> <formats>");
        }
        String kind = Syntax.token(words.get(0), 32, "media");
        String protocol = Syntax.word(words.get(2), 32, "protocol");
        formats = words.subList(3, words.size());
        for (String format : formats) {
            Syntax.token(format, 64, "format");
        }
        audio = kind.equals("audio");
        codecs = protocol.contains("RTP/") ? new CodecReader(formats) : null;
        section = new MediaSection.Builder(kind)
                .port(Syntax.integer(words.get(1), 0, 65535, "port"))
                .protocol(protocol)
                .connectionAddress(connectionAddress);
    }

    @Nullable String mid() {
        return mid;
    }

    void line(char type, String value) throws SdpException {
        switch (type) {
            case 'a' -> attribute(Attribute.parse(value));
            case 'c' -> section.connectionAddress(SdpReader.connectionAddress(value));
            case 'b' -> bandwidth(value);
            case 'i', 'k' -> {
                // Titles and keys (obsolete) mean nothing here.
            }
            default -> throw SdpException.of(type + "=", "a=, b=, c= or i= in a section");
        }
    }

    private void bandwidth(String value) throws SdpException {
        String amount = Syntax.after(value, ':');
        if (amount == null) {
            throw SdpException.of(value, "<type>:<bandwidth>");
        }
        bounded(bandwidths, "b= lines").add(new MediaSection.Bandwidth(
                Syntax.token(Syntax.before(value, ':'), 32, "bandwidth type"),
                Syntax.number(amount, 0, Long.MAX_VALUE, "bandwidth")));
    }

    private void attribute(Attribute attribute) throws SdpException {
        if (transport.accept(attribute) || (codecs != null && codecs.accept(attribute))) {
            return;
        }
        if (attribute.value() == null ? flag(attribute.name()) : valued(attribute.name(), attribute.value())) {
            return;
        }
        others.add(attribute);
    }

    private boolean flag(String name) throws SdpException {
        switch (name) {
            case "rtcp-mux" -> section.rtcpMux(true);
            case "rtcp-rsize" -> section.rtcpRsize(true);
            case "bundle-only" -> section.bundleOnly(true);
            case "extmap-allow-mixed" -> section.extmapAllowMixed(true);
            case "end-of-candidates" -> section.endOfCandidates(true);
            default -> {
                if (!Direction.isDirection(name)) {
                    return false;
                }
                Syntax.once(direction, "direction");
                direction = Direction.parse(name);
            }
        }
        return true;
    }

    private boolean valued(String name, String value) throws SdpException {
        switch (name) {
            case "mid" -> {
                Syntax.once(mid, "mid");
                mid = Syntax.token(value, 64, "mid");
            }
            case "extmap" -> extmap(HeaderExtension.parse(value));
            case "msid" -> bounded(msids, "msid lines").add(msid(value));
            case "rid" -> rid(Rid.parse(value));
            case "simulcast" -> {
                Syntax.once(simulcast, "simulcast");
                simulcast = Simulcast.parse(value);
            }
            case "ssrc" -> {
                return ssrc(value);
            }
            case "ssrc-group" -> ssrcGroup(value);
            case "candidate" -> {
                return candidate(value);
            }
            case "sctp-port" -> section.sctpPort(Syntax.integer(value, 0, 65535, "sctp-port"));
            case "max-message-size" ->
                section.maxMessageSize(Syntax.number(value, 0, Long.MAX_VALUE, "max-message-size"));
            // RFC 8866 lets packet times be fractions; nobody here uses those, they stay as text.
            case "ptime" -> {
                return Syntax.isDigits(value) && set(section.ptime(Syntax.integer(value, 1, 10_000, "ptime")));
            }
            case "maxptime" -> {
                return Syntax.isDigits(value) && set(section.maxptime(Syntax.integer(value, 1, 10_000, "maxptime")));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean set(MediaSection.Builder builder) {
        return builder == section;
    }

    private void extmap(HeaderExtension extension) throws SdpException {
        if (!extensionIds.add(extension.id())) {
            throw SdpException.of(String.valueOf(extension.id()), "each extension id once");
        }
        bounded(headerExtensions, "extmap lines").add(extension);
    }

    private void rid(Rid rid) throws SdpException {
        if (!ridIds.add(rid.id())) {
            throw SdpException.of(rid.id(), "each rid once");
        }
        bounded(rids, "rid lines").add(rid);
    }

    private static MediaSection.Msid msid(String value) throws SdpException {
        List<String> words = Syntax.split(value.strip(), ' ', 2, "words in an msid");
        return new MediaSection.Msid(
                Syntax.word(words.get(0), 256, "stream id"),
                words.size() == 2 ? Syntax.word(words.get(1), 256, "track id") : null);
    }

    /** Source attributes other than cname and msid (label, mslabel, previous-ssrc) are left as text. */
    private boolean ssrc(String value) throws SdpException {
        String attribute = Syntax.after(value, ' ');
        if (attribute == null) {
            throw SdpException.of(value, "<ssrc> <attribute>");
        }
        long ssrc = ssrcNumber(Syntax.before(value, ' '));
        String text = Syntax.after(attribute, ':');
        String name = Syntax.before(attribute, ':');
        boolean cname = name.equals("cname");
        if (text == null || !(cname || name.equals("msid"))) {
            return false;
        }
        MediaSection.Ssrc known = ssrcs.getOrDefault(ssrc, new MediaSection.Ssrc(ssrc, null, null));
        ssrcs.put(ssrc, cname
                ? new MediaSection.Ssrc(ssrc, Syntax.word(text, 256, "cname"), known.msid())
                : new MediaSection.Ssrc(ssrc, known.cname(), msid(text)));
        if (ssrcs.size() > LIST_LIMIT) {
            throw SdpException.of(value, "at most " + LIST_LIMIT + " sources");
        }
        return true;
    }

    private void ssrcGroup(String value) throws SdpException {
        List<String> words = Syntax.split(value, ' ', 1 + LIST_LIMIT, "sources in a group");
        List<Long> members = new ArrayList<>();
        for (String word : words.subList(1, words.size())) {
            members.add(ssrcNumber(word));
        }
        bounded(ssrcGroups, "ssrc-group lines").add(
                new MediaSection.SsrcGroup(Syntax.token(words.get(0), 32, "group semantics"), members));
    }

    private static long ssrcNumber(String text) throws SdpException {
        return Syntax.number(text, 0, 0xffff_ffffL, "ssrc");
    }

    /** Other transports are left as text (RFC 8839 §5.1), and those over the limit are of no more use. */
    private boolean candidate(String value) throws SdpException {
        List<String> words = Syntax.split(value, ' ', 128, "words in a candidate");
        String protocol = words.size() > 2 ? words.get(2).toLowerCase(Locale.ROOT) : "udp";
        if (!protocol.equals("udp") && !protocol.equals("tcp")) {
            return false;
        }
        IceCandidate candidate = IceCandidate.parse(value);
        if (candidates.size() < CANDIDATE_LIMIT) {
            candidates.add(candidate);
        }
        return true;
    }

    private static <T> List<T> bounded(List<T> list, String what) throws SdpException {
        if (list.size() >= LIST_LIMIT) {
            throw SdpException.of(what, "at most " + LIST_LIMIT);
        }
        return list;
    }

    MediaSection finish(Direction sessionDirection) {
        return section.codecs(codecs == null ? List.of() : codecs.finish(formats, audio))
                .formats(formats)
                .bandwidths(bandwidths)
                .mid(mid)
                .direction(direction == null ? sessionDirection : direction)
                .transport(transport.finish())
                .headerExtensions(headerExtensions)
                .msids(msids)
                .ssrcs(List.copyOf(ssrcs.values()))
                .ssrcGroups(ssrcGroups)
                .rids(rids)
                .simulcast(simulcast)
                .candidates(candidates)
                .attributes(others)
                .build();
    }
}
