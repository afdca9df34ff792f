package dev.sfu.core.stun;

/** The class of a STUN message: two bits spread over its type (RFC 8489 section 5). */
public enum StunClass {
    /** Wants an answer. */
    REQUEST(0x000),
    /** Wants none. */
    INDICATION(0x010),
    /** Answers a request. */
    SUCCESS(0x100),
    /** Refuses a request. */
    ERROR(0x110);

    private static final int MASK = 0x110;

    private final int bits;

    StunClass(int bits) {
        this.bits = bits;
    }

    static StunClass ofType(int type) {
        return switch (type & MASK) {
            case 0x000 -> REQUEST;
            case 0x010 -> INDICATION;
            case 0x100 -> SUCCESS;
            default -> ERROR;
        };
    }

    static int methodOfType(int type) {
        return (type & 0x000F) | ((type & 0x00E0) >>> 1) | ((type & 0x3E00) >>> 2);
    }

    int typeWith(int method) {
        return bits | (method & 0x000F) | ((method & 0x0070) << 1) | ((method & 0x0F80) << 2);
    }
}
