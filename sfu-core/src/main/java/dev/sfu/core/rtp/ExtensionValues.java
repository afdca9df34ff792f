package dev.sfu.core.rtp;

import dev.sfu.core.buffer.Bytes;

/**
 * Values inside header extension elements.
 *
 * <p>Offsets are those of the element's data, as {@link RtpPacket#extensionOffset} and
 * {@link RtpHeaderWriter#extensionOffset} give them. The caller has checked that the element is as long as the constant
 * says; an element may be longer.
 */
public final class ExtensionValues {
    /** Length of an abs-send-time element. */
    public static final int ABS_SEND_TIME_BYTES = 3;
    /** Length of a transport-wide sequence number element: an unsigned 16-bit value. */
    public static final int TRANSPORT_SEQUENCE_BYTES = 2;
    /** Length of an audio level element. */
    public static final int AUDIO_LEVEL_BYTES = 1;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long ABS_SEND_TIME_PERIOD_NANOS = 64 * SECOND_NANOS;
    private static final int ABS_SEND_TIME_MASK = 0xFF_FFFF;

    private ExtensionValues() {}

    /** A time with any origin as unsigned 6.18 fixed-point seconds, which wrap every 64 s; rounded to nearest. */
    public static int absSendTime(long nanos) {
        long withinPeriod = Math.floorMod(nanos, ABS_SEND_TIME_PERIOD_NANOS);
        return (int) (((withinPeriod << 18) + SECOND_NANOS / 2) / SECOND_NANOS) & ABS_SEND_TIME_MASK;
    }

    /** Writes the abs-send-time of {@code nanos}, a time with any origin. */
    public static void writeAbsSendTime(byte[] array, int offset, long nanos) {
        Bytes.put24(array, offset, absSendTime(nanos));
    }

    /** Audio level in -dBov (RFC 6464 section 3): 0 is the loudest, 127 is silence. */
    public static int readAudioLevel(byte[] array, int offset) {
        return array[offset] & 0x7F;
    }

    /** Writes an audio level, 0 to 127 -dBov. */
    public static void writeAudioLevel(byte[] array, int offset, int level, boolean voice) {
        array[offset] = (byte) ((voice ? 0x80 : 0) | (level & 0x7F));
    }
}
