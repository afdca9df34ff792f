package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a session description (RFC 8866, with the attributes of RFC 9429). Strict about what it understands, and keeps
 * what it does not. Time and memory are linear in the text, whose size is bounded; the only exception that leaves is
 * {@link SdpException}, whose message names line and expectation.
 *
 * <p>Limits: 1 Mi characters, 20,000 lines of 8,192 characters, 256 sections. A browser with thirty video sections
 * writes 150 KB. Of a section's candidates the first 64 are kept.
 */
public final class SdpReader {
    private static final int TEXT_LIMIT = 1 << 20;
    private static final int LINE_LIMIT = 20_000;
    private static final int LINE_LENGTH_LIMIT = 8_192;
    private static final int SECTION_LIMIT = 256;
    private static final int GROUP_LIMIT = 64;
    private static final String HEADER = "vos";

    private final TransportReader transport = new TransportReader();
    private final List<SdpSession.Group> groups = new ArrayList<>();
    private final List<Attribute> others = new ArrayList<>();
    private final List<MediaSection> media = new ArrayList<>();
    private final Set<String> mids = new HashSet<>();
    private SdpSession.@Nullable Origin origin;
    private boolean iceLite;
    private boolean extmapAllowMixed;
    private String connectionAddress = "0.0.0.0";
    private @Nullable Direction direction;
    private @Nullable MediaSectionReader section;
    private int lines;

    private SdpReader() {}

    /**
     * Reads a description; lines end with CRLF or LF, the last one may end with neither.
     *
     * @throws SdpException when it is malformed or over a limit
     */
    public static SdpSession read(String text) throws SdpException {
        if (text.length() > TEXT_LIMIT) {
            throw new SdpException(text.length() + " characters (expected: at most " + TEXT_LIMIT + ")");
        }
        return new SdpReader().readAll(text);
    }

    private SdpSession readAll(String text) throws SdpException {
        int length = text.length();
        // Line ends behind the last line are what hands leave when they edit.
        while (length > 0 && (text.charAt(length - 1) == '\n' || text.charAt(length - 1) == '\r')) {
            length--;
        }
        int start = 0;
        try {
            while (start < length) {
                lines++;
                int end = text.indexOf('\n', start);
                end = end < 0 || end > length ? length : end;
                int trimmed = end > start && end < length && text.charAt(end - 1) == '\r' ? end - 1 : end;
                if (lines > LINE_LIMIT || trimmed - start > LINE_LENGTH_LIMIT) {
                    throw new SdpException("too much (expected: at most " + LINE_LIMIT + " lines of "
                            + LINE_LENGTH_LIMIT + " characters)");
                }
                line(text, start, trimmed);
                start = end + 1;
            }
            finishSection();
            if (lines < HEADER.length() || origin == null) {
                throw SdpException.of(text, "v=, o= and s= lines");
            }
        } catch (SdpException e) {
            throw e.atLine(lines);
        }
        return new SdpSession(origin, groups, iceLite, extmapAllowMixed, transport.finish(), others, media);
    }

    private void line(String text, int start, int end) throws SdpException {
        if (end - start < 2 || text.charAt(start + 1) != '=') {
            throw SdpException.of(text.substring(start, end), "<letter>=<value>");
        }
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if ((c < 0x20 && c != '\t') || c == 0x7f) {
                throw SdpException.of(text.substring(start, end), "no control characters");
            }
        }
        char type = text.charAt(start);
        String value = text.substring(start + 2, end);
        if (lines <= HEADER.length()) {
            header(type, value);
        } else if (type == 'm') {
            startSection(value);
        } else if (section != null) {
            section.line(type, value);
        } else {
            sessionLine(type, value);
        }
    }

    private void header(char type, String value) throws SdpException {
        char expected = HEADER.charAt(lines - 1);
        if (type != expected) {
            throw SdpException.of(type + "=" + value, expected + "= on line " + lines);
        }
        if (type == 'v' && !value.equals("0")) {
            throw SdpException.of(value, "version 0");
        }
        if (type == 'o') {
            origin = origin(value);
        }
    }

    private void startSection(String value) throws SdpException {
        finishSection();
        if (media.size() == SECTION_LIMIT) {
            throw SdpException.of("m=" + value, "at most " + SECTION_LIMIT + " sections");
        }
        section = new MediaSectionReader(value, connectionAddress);
    }

    private void finishSection() throws SdpException {
        if (section == null) {
            return;
        }
        String mid = section.mid();
        if (mid != null && !mids.add(mid)) {
            throw SdpException.of(mid, "each mid once");
        }
        media.add(section.finish(direction == null ? Direction.SENDRECV : direction));
    }

    private void sessionLine(char type, String value) throws SdpException {
        switch (type) {
            case 'a' -> attribute(Attribute.parse(value));
            case 'c' -> connectionAddress = connectionAddress(value);
            case 'i', 'u', 'e', 'p', 'b', 't', 'r', 'z', 'k' -> {
                // Announcements of broadcasts need these; offers and answers do not.
            }
            default -> throw SdpException.of(type + "=" + value, "a line type of RFC 8866");
        }
    }

    private void attribute(Attribute attribute) throws SdpException {
        if (transport.accept(attribute)) {
            return;
        }
        switch (attribute.name()) {
            case "ice-lite" -> iceLite = true;
            case "extmap-allow-mixed" -> extmapAllowMixed = true;
            case "group" -> group(attribute.requiredValue());
            default -> {
                if (attribute.value() == null && Direction.isDirection(attribute.name())) {
                    Syntax.once(direction, "direction");
                    direction = Direction.parse(attribute.name());
                } else {
                    others.add(attribute);
                }
            }
        }
    }

    private void group(String value) throws SdpException {
        if (groups.size() == GROUP_LIMIT) {
            throw SdpException.of(value, "at most " + GROUP_LIMIT + " groups");
        }
        List<String> words = Syntax.split(value.stripTrailing(), ' ', 1 + SECTION_LIMIT, "mids in a group");
        Set<String> members = new HashSet<>();
        for (String word : words.subList(1, words.size())) {
            if (!members.add(Syntax.token(word, 64, "mid"))) {
                throw SdpException.of(word, "each mid once in a group");
            }
        }
        String semantics = Syntax.token(words.get(0), 32, "group semantics");
        groups.add(new SdpSession.Group(semantics, words.subList(1, words.size())));
    }

    private static SdpSession.Origin origin(String value) throws SdpException {
        List<String> words = Syntax.split(value, ' ', 6, "words in an o= line");
        if (words.size() != 6) {
            throw SdpException.of(value, "o=<user> <id> <version> IN IP4|IP6 <address>");
        }
        return new SdpSession.Origin(
                Syntax.word(words.get(0), 256, "user name"),
                unsigned(words.get(1), "session id"),
                unsigned(words.get(2), "session version"),
                internet(words.subList(3, 6)));
    }

    private static long unsigned(String text, String what) throws SdpException {
        // GStreamer draws session ids from all 64 bits.
        if (Syntax.isDigits(text) && text.length() <= 20) {
            try {
                return Long.parseUnsignedLong(text);
            } catch (NumberFormatException tooLarge) {
                throw SdpException.of(text, what + " of 64 bits");
            }
        }
        throw SdpException.of(text, what + " of 64 bits");
    }

    /** The address of {@code IN IP4 address}; a host name is allowed, and so is a multicast TTL, which is cut off. */
    static String connectionAddress(String value) throws SdpException {
        return internet(Syntax.split(value, ' ', 3, "words in a c= line"));
    }

    private static String internet(List<String> words) throws SdpException {
        if (words.size() != 3 || !words.get(0).equals("IN")
                || !(words.get(1).equals("IP4") || words.get(1).equals("IP6"))) {
            throw SdpException.of(String.join(" ", words), "IN IP4|IP6 <address>");
        }
        return Syntax.address(Syntax.before(words.get(2), '/'));
    }
}
