package dev.sfu.core.sdp;

import java.util.Locale;

/** Who sends media, seen from the writer of the description (RFC 8866 §6.7; W3C {@code RTCRtpTransceiverDirection}). */
public enum Direction {
    /** Both ways. */
    SENDRECV,
    /** From the writer only. */
    SENDONLY,
    /** To the writer only. */
    RECVONLY,
    /** Neither way. */
    INACTIVE;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name of the attribute. */
    public String text() {
        return text;
    }

    /** Whether the writer sends. */
    public boolean sends() {
        return this == SENDRECV || this == SENDONLY;
    }

    /** Whether the writer receives. */
    public boolean receives() {
        return this == SENDRECV || this == RECVONLY;
    }

    /** The same flow seen from the other side. */
    public Direction reversed() {
        return of(receives(), sends());
    }

    /** What is left when both must agree; with a reversed offer this is the answer of RFC 9429 §5.3.1. */
    public Direction and(Direction other) {
        return of(sends() && other.sends(), receives() && other.receives());
    }

    /** The direction of a writer who sends, receives, both or neither. */
    public static Direction of(boolean sends, boolean receives) {
        if (sends) {
            return receives ? SENDRECV : SENDONLY;
        }
        return receives ? RECVONLY : INACTIVE;
    }

    static boolean isDirection(String text) {
        return text.equals("sendrecv") || text.equals("sendonly") || text.equals("recvonly")
                || text.equals("inactive");
    }

    static Direction parse(String text) throws SdpException {
        for (Direction direction : values()) {
            if (direction.text.equals(text)) {
                return direction;
            }
        }
        throw SdpException.of(text, "sendrecv, sendonly, recvonly or inactive");
    }
}
