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
    /** Length of a video orientation element. */
    public static final int VIDEO_ORIENTATION_BYTES = 1;
    /** Length of a playout delay element. */
    public static final int PLAYOUT_DELAY_BYTES = 3;
    /** Length of an abs-capture-time element without clock offset. */
    public static final int ABS_CAPTURE_TIME_BYTES = 8;
    /** Length of an abs-capture-time element with clock offset. */
    public static final int ABS_CAPTURE_TIME_EXTENDED_BYTES = 16;
    /** The audio level of silence in -dBov. */
    public static final int SILENCE_LEVEL = 127;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long ABS_SEND_TIME_PERIOD_NANOS = 64 * SECOND_NANOS;
    private static final int ABS_SEND_TIME_MASK = 0xFF_FFFF;
    private static final int PLAYOUT_DELAY_UNIT_MILLIS = 10;

    private ExtensionValues() {}

    /** A time with any origin as unsigned 6.18 fixed-point seconds, which wrap every 64 s; rounded to nearest. */
    public static int absSendTime(long nanos) {
        long withinPeriod = Math.floorMod(nanos, ABS_SEND_TIME_PERIOD_NANOS);
        return (int) (((withinPeriod << 18) + SECOND_NANOS / 2) / SECOND_NANOS) & ABS_SEND_TIME_MASK;
    }

    /** Nanoseconds from one abs-send-time to another, between -32 s and just below 32 s. */
    public static long absSendTimeDeltaNanos(int from, int to) {
        int delta = ((to - from) << 8) >> 8;
        return Math.floorDiv(delta * SECOND_NANOS + (1 << 17), 1L << 18);
    }

    /** Reads an abs-send-time. */
    public static int readAbsSendTime(byte[] array, int offset) {
        return Bytes.u24(array, offset);
    }

    /** Writes the abs-send-time of {@code nanos}, a time with any origin. */
    public static void writeAbsSendTime(byte[] array, int offset, long nanos) {
        Bytes.put24(array, offset, absSendTime(nanos));
    }

    /** Audio level in -dBov (RFC 6464 section 3): 0 is the loudest, {@link #SILENCE_LEVEL} is silence. */
    public static int readAudioLevel(byte[] array, int offset) {
        return array[offset] & 0x7F;
    }

    /** Whether the sender believes that the packet has voice; senders that cannot tell also say so. */
    public static boolean readVoiceActivity(byte[] array, int offset) {
        return array[offset] < 0;
    }

    /** Writes an audio level, 0 to 127 -dBov. */
    public static void writeAudioLevel(byte[] array, int offset, int level, boolean voice) {
        array[offset] = (byte) ((voice ? 0x80 : 0) | (level & 0x7F));
    }

    /** Clockwise degrees by which the receiver turns the picture: 0, 90, 180 or 270 (3GPP TS 26.114 section 7.4.5). */
    public static int readRotationDegrees(byte[] array, int offset) {
        return (array[offset] & 0x03) * 90;
    }

    /** Lowest delay, in milliseconds, that the receiver should render with. */
    public static int readMinPlayoutDelayMillis(byte[] array, int offset) {
        return (Bytes.u24(array, offset) >>> 12) * PLAYOUT_DELAY_UNIT_MILLIS;
    }

    /** Highest delay, in milliseconds, that the receiver should render with. */
    public static int readMaxPlayoutDelayMillis(byte[] array, int offset) {
        return (Bytes.u24(array, offset) & 0xFFF) * PLAYOUT_DELAY_UNIT_MILLIS;
    }

    /** Writes playout delay limits, each 0 to 40950 ms; rounded down to 10 ms and clamped. */
    public static void writePlayoutDelay(byte[] array, int offset, int minMillis, int maxMillis) {
        Bytes.put24(array, offset, (playoutDelayUnits(minMillis) << 12) | playoutDelayUnits(maxMillis));
    }

    /** Capture time as a 64-bit NTP timestamp in the capturer's clock. */
    public static long readAbsCaptureNtp(byte[] array, int offset) {
        return Bytes.i64(array, offset);
    }

    /** What to add to the capture time to be in the sender's clock: signed seconds times 2^32. */
    public static long readCaptureClockOffset(byte[] array, int offset) {
        return Bytes.i64(array, offset + ABS_CAPTURE_TIME_BYTES);
    }

    private static int playoutDelayUnits(int millis) {
        return Math.clamp(millis / PLAYOUT_DELAY_UNIT_MILLIS, 0, 0xFFF);
    }
}
