package dev.sfu.core.sdp;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The hash of a DTLS certificate as {@code a=fingerprint} carries it (RFC 8122 §5).
 *
 * @param algorithm the hash function's name in lower case, {@code sha-256} for example
 * @param value the hash of the DER certificate; copied in and out
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below
public record Fingerprint(String algorithm, byte[] value) {
    private static final int VALUE_LIMIT_BYTES = 64;
    private static final HexFormat COLON_HEX = HexFormat.ofDelimiter(":").withUpperCase();

    /** Normalises the algorithm's name and takes a copy of the hash. */
    public Fingerprint {
        algorithm = algorithm.toLowerCase(Locale.ROOT);
        value = value.clone();
        if (value.length == 0 || value.length > VALUE_LIMIT_BYTES) {
            throw new IllegalArgumentException(
                    "fingerprint: " + value.length + " bytes (expected: 1.." + VALUE_LIMIT_BYTES + ")");
        }
    }

    /** A copy of the hash. */
    @Override
    public byte[] value() {
        return value.clone();
    }

    /**
     * Reads {@code sha-256 AB:CD:...}, the value of the attribute; hex digits of either case.
     *
     * @throws SdpException when the form is another, or the length does not suit a known algorithm
     */
    public static Fingerprint parse(String text) throws SdpException {
        int space = text.indexOf(' ');
        if (space < 0) {
            throw SdpException.of(text, "hash function and value");
        }
        String algorithm = Syntax.token(text.substring(0, space), 16, "hash function").toLowerCase(Locale.ROOT);
        String hex = text.substring(space + 1);
        int bytes = (hex.length() + 1) / 3;
        if (bytes == 0 || bytes > VALUE_LIMIT_BYTES || hex.length() != bytes * 3 - 1) {
            throw SdpException.of(hex, "hex pairs joined by colons");
        }
        byte[] value = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            int at = i * 3;
            if (!HexFormat.isHexDigit(hex.charAt(at)) || !HexFormat.isHexDigit(hex.charAt(at + 1))
                    || (i > 0 && hex.charAt(at - 1) != ':')) {
                throw SdpException.of(hex, "hex pairs joined by colons");
            }
            value[i] = (byte) HexFormat.fromHexDigits(hex, at, at + 2);
        }
        int wanted = hashBytes(algorithm);
        if (wanted != 0 && wanted != bytes) {
            throw SdpException.of(hex, algorithm + " of " + wanted + " bytes");
        }
        return new Fingerprint(algorithm, value);
    }

    /** The attribute's value: {@code sha-256 AB:CD:...}, in the upper case that RFC 8122 asks for. */
    public String format() {
        return algorithm + " " + COLON_HEX.formatHex(value);
    }

    private static int hashBytes(String algorithm) {
        return switch (algorithm) {
            case "md5" -> 16;
            case "sha-1" -> 20;
            case "sha-224" -> 28;
            case "sha-256" -> 32;
            case "sha-384" -> 48;
            case "sha-512" -> 64;
            default -> 0;
        };
    }

    /** Equal by algorithm and content, in time that does not depend on where the bytes differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint that && algorithm.equals(that.algorithm)
                && MessageDigest.isEqual(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * algorithm.hashCode() + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return format();
    }
}
