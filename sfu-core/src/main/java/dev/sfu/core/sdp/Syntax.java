package dev.sfu.core.sdp;

import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The small grammar productions that several lines share (RFC 8866 §9, RFC 8839 §5). */
final class Syntax {
    private static final int HOST_NAME_LIMIT = 253;

    private Syntax() {}

    /** A run of ASCII digits between {@code min} and {@code max}. */
    static long number(String text, long min, long max, String what) throws SdpException {
        if (isDigits(text) && text.length() <= 19) {
            long value = 0;
            for (int i = 0; i < text.length() && value >= 0; i++) {
                value = value * 10 + (text.charAt(i) - '0');
            }
            // Nineteen digits may wrap; a wrapped value is negative.
            if (value >= min && value <= max) {
                return value;
            }
        }
        throw SdpException.of(text, what + " " + min + ".." + max);
    }

    static int integer(String text, int min, int max, String what) throws SdpException {
        return (int) number(text, min, max, what);
    }

    static boolean isDigits(String text) {
        if (text.isEmpty()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
        }
        return true;
    }

    /** RFC 8866 {@code token}: what names of attributes, mids, codecs and groups are made of. */
    static String token(String text, int limit, String what) throws SdpException {
        if (!isToken(text, limit)) {
            throw SdpException.of(text, what);
        }
        return text;
    }

    static boolean isToken(String text, int limit) {
        if (text.isEmpty() || text.length() > limit) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= 0x20 || c >= 0x7f || "\"(),/:;<=>?@[\\]".indexOf(c) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Printable ASCII without blanks: identifiers whose grammar peers stretch (msid, cname, URIs). */
    static String word(String text, int limit, String what) throws SdpException {
        boolean ok = !text.isEmpty() && text.length() <= limit;
        for (int i = 0; ok && i < text.length(); i++) {
            char c = text.charAt(i);
            ok = c > 0x20 && c < 0x7f;
        }
        if (!ok) {
            throw SdpException.of(text, what);
        }
        return text;
    }

    /**
     * ICE characters (RFC 8839 §5.4: letters, digits, {@code +}, {@code /}) and the four that deployed endpoints use
     * besides. None of them is the {@code :} that STUN's USERNAME is split at.
     */
    static boolean isIceText(String text, int min, int max) {
        if (text.length() < min || text.length() > max) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isLetterOrDigit(c) && "+/-=#_".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /** An IPv4 or IPv6 literal or a host name (an mDNS name, for one); nothing is ever resolved here. */
    static String address(String text) throws SdpException {
        if (isIpLiteral(text) || isHostName(text)) {
            return text;
        }
        throw SdpException.of(text, "IP address or host name");
    }

    static boolean isIpLiteral(String text) {
        return isIpv4(text) || isIpv6(text);
    }

    private static boolean isIpv4(String text) {
        int dots = 0;
        int digits = 0;
        int octet = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                if (digits == 0 || ++dots > 3) {
                    return false;
                }
                digits = 0;
                octet = 0;
            } else if (c >= '0' && c <= '9') {
                octet = octet * 10 + (c - '0');
                if (++digits > 3 || octet > 255) {
                    return false;
                }
            } else {
                return false;
            }
        }
        return dots == 3 && digits > 0;
    }

    private static boolean isIpv6(String text) {
        if (text.length() > 45 || text.indexOf(':') < 0) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!HexFormat.isHexDigit(c) && c != ':' && c != '.') {
                return false;
            }
        }
        try {
            // Literals only: this call never asks a resolver. That of InetAddress would fail as IPv4 first, with a costly message.
            return Inet6Address.ofLiteral(text).getAddress().length > 0;
        } catch (IllegalArgumentException notALiteral) {
            return false;
        }
    }

    private static boolean isHostName(String text) {
        if (text.isEmpty() || text.length() > HOST_NAME_LIMIT || text.charAt(0) == '.' || text.charAt(0) == '-') {
            return false;
        }
        boolean letter = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isLetterOrDigit(c) && c != '.' && c != '-') {
                return false;
            }
            letter |= isLetterOrDigit(c) && (c < '0' || c > '9');
        }
        // Without a letter it is a bad IPv4 literal, which resolvers read in surprising ways ("127.1").
        return letter;
    }

    /** The parts between single separators; more than {@code limit} parts are an error. */
    static List<String> split(String text, char separator, int limit, String what) throws SdpException {
        List<String> parts = new ArrayList<>();
        int start = 0;
        while (true) {
            int end = text.indexOf(separator, start);
            if (parts.size() == limit) {
                throw SdpException.of(text, "at most " + limit + " " + what);
            }
            if (end < 0) {
                parts.add(text.substring(start));
                return parts;
            }
            parts.add(text.substring(start, end));
            start = end + 1;
        }
    }

    /** Refuses a second line of what a section may say once: two answers to one question hide an error. */
    static void once(@Nullable Object earlier, String what) throws SdpException {
        if (earlier != null) {
            throw SdpException.of(what, "once");
        }
    }

    /** Text before the first separator, or all of it. */
    static String before(String text, char separator) {
        int at = text.indexOf(separator);
        return at < 0 ? text : text.substring(0, at);
    }

    /** Text after the first separator, or null when there is none. */
    static @Nullable String after(String text, char separator) {
        int at = text.indexOf(separator);
        return at < 0 ? null : text.substring(at + 1);
    }
}
