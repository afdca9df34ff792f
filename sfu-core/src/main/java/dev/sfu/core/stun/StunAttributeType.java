package dev.sfu.core.stun;

/**
 * Attribute types (IANA "STUN Attributes"). Types below 0x8000 are comprehension-required: a request that carries an
 * unknown one is answered with 420 (RFC 8489 section 6.3.1). Types from 0x8000 on may be ignored.
 */
public final class StunAttributeType {
    /** RFC 8489 section 14.1. */
    public static final int MAPPED_ADDRESS = 0x0001;
    /** RFC 8489 section 14.3; in ICE {@code receiver-ufrag:sender-ufrag}. */
    public static final int USERNAME = 0x0006;
    /** RFC 8489 section 14.5. */
    public static final int MESSAGE_INTEGRITY = 0x0008;
    /** RFC 8489 section 14.8. */
    public static final int ERROR_CODE = 0x0009;
    /** RFC 8489 section 14.13. */
    public static final int UNKNOWN_ATTRIBUTES = 0x000A;
    /** RFC 8489 section 14.9, long-term credentials. */
    public static final int REALM = 0x0014;
    /** RFC 8489 section 14.10, long-term credentials. */
    public static final int NONCE = 0x0015;
    /** RFC 8489 section 14.2. */
    public static final int XOR_MAPPED_ADDRESS = 0x0020;
    /** RFC 8445 section 16.1. */
    public static final int PRIORITY = 0x0024;
    /** RFC 8445 section 16.1. */
    public static final int USE_CANDIDATE = 0x0025;
    /** RFC 8489 section 14.14. */
    public static final int SOFTWARE = 0x8022;
    /** RFC 8489 section 14.7. */
    public static final int FINGERPRINT = 0x8028;
    /** RFC 8445 section 16.1. */
    public static final int ICE_CONTROLLED = 0x8029;
    /** RFC 8445 section 16.1. */
    public static final int ICE_CONTROLLING = 0x802A;
    /** draft-thatcher-ice-renomination: a 32-bit value; the greatest wins. Chromium sends it. */
    public static final int NOMINATION = 0xC001;

    private static final int FIRST_OPTIONAL = 0x8000;

    private StunAttributeType() {}

    static boolean isRequired(int type) {
        return type < FIRST_OPTIONAL;
    }
}
