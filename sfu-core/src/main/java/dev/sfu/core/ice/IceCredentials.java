package dev.sfu.core.ice;

import java.util.random.RandomGenerator;

/**
 * The ufrag and password of one side and one generation (RFC 8445 section 5.3, RFC 8839 section 5.4).
 *
 * @param ufrag 4 to 256 ice-chars
 * @param password 22 to 256 ice-chars
 */
public record IceCredentials(String ufrag, String password) {
    /** Characters in a ufrag made here: 48 random bits, since ufrags alone tell connections on a port apart. */
    public static final int CREATED_UFRAG_LENGTH = 8;

    /** Characters in a password made here: 144 random bits; RFC 8445 wants 128. */
    public static final int CREATED_PASSWORD_LENGTH = 24;

    private static final int MAX_LENGTH = 256;
    private static final String ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException if a length or character is not allowed; the message does not show the value
     */
    public IceCredentials {
        check("ice-ufrag", ufrag, 4);
        check("ice-pwd", password, 22);
    }

    private static void check(String name, String value, int minLength) {
        boolean good = value.length() >= minLength && value.length() <= MAX_LENGTH;
        for (int i = 0; i < value.length() && good; i++) {
            good = ICE_CHARS.indexOf(value.charAt(i)) >= 0;
        }
        if (!good) {
            throw new IllegalArgumentException(name + ": " + value.length() + " characters (expected: " + minLength
                    + " to " + MAX_LENGTH + " of A-Z a-z 0-9 + /)");
        }
    }

    /**
     * New credentials.
     *
     * @param random unpredictable: a {@link java.security.SecureRandom} outside of tests
     */
    public static IceCredentials create(RandomGenerator random) {
        return create(random, "");
    }

    /**
     * New credentials whose ufrag is {@code ufragPrefix} and what is random.
     *
     * @param random unpredictable: a {@link java.security.SecureRandom} outside of tests
     * @param ufragPrefix ice-chars that tell whoever gets a connectivity check where it belongs; may be empty
     */
    public static IceCredentials create(RandomGenerator random, String ufragPrefix) {
        return new IceCredentials(
                ufragPrefix + randomText(random, CREATED_UFRAG_LENGTH), randomText(random, CREATED_PASSWORD_LENGTH));
    }

    /**
     * The ice-char that stands for a number, for use in a ufrag prefix.
     *
     * @param number 0 to 63
     */
    public static char iceChar(int number) {
        return ICE_CHARS.charAt(number);
    }

    /** The number, 0 to 63, that an ice-char stands for; -1 when it is not one. */
    public static int numberOf(byte iceChar) {
        return ICE_CHARS.indexOf(iceChar);
    }

    private static String randomText(RandomGenerator random, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ICE_CHARS.charAt(random.nextInt(ICE_CHARS.length())));
        }
        return text.toString();
    }

    /** Neither value: logs are read by more people than may join a call. */
    @Override
    public String toString() {
        return "IceCredentials[redacted]";
    }
}
