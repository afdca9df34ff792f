package dev.sfu.core.time;

import java.time.Instant;

/**
 * A fixed mapping from monotonic time to wall clock and NTP time, taken once at start so that a stepped system clock
 * cannot bend sender reports.
 *
 * @param originNanos a monotonic time
 * @param originEpochNanos nanoseconds since 1970-01-01 at that moment
 */
public record WallClock(long originNanos, long originEpochNanos) {
    /** Seconds from 1900-01-01 (NTP era 0) to 1970-01-01. */
    public static final long NTP_UNIX_OFFSET_SECONDS = 2_208_988_800L;

    /** The mapping that makes {@code nowNanos} be {@code instant}. */
    public static WallClock at(long nowNanos, Instant instant) {
        return new WallClock(nowNanos, instant.getEpochSecond() * Deadlines.SECOND + instant.getNano());
    }

    /** Nanoseconds since 1970-01-01. */
    public long epochNanos(long nowNanos) {
        return originEpochNanos + (nowNanos - originNanos);
    }

    /** Milliseconds since 1970-01-01 with fraction, the unit of W3C {@code DOMHighResTimeStamp}. */
    public double epochMillis(long nowNanos) {
        return epochNanos(nowNanos) / 1e6;
    }

    /** 64-bit NTP timestamp (RFC 5905 section 6): seconds since 1900 in the high half, fraction in the low. */
    public long ntp(long nowNanos) {
        return ntpOfEpochNanos(epochNanos(nowNanos));
    }

    /** The monotonic time of a 64-bit NTP timestamp in era 0. */
    public long nanosOfNtp(long ntp) {
        long seconds = (ntp >>> 32) - NTP_UNIX_OFFSET_SECONDS;
        long nanos = ((ntp & 0xFFFF_FFFFL) * Deadlines.SECOND + (1L << 31)) >>> 32;
        return seconds * Deadlines.SECOND + nanos - originEpochNanos + originNanos;
    }

    /** The middle 32 bits of {@link #ntp}: the unit of LSR, 1/65536 s (RFC 3550 section 4). */
    public int compactNtp(long nowNanos) {
        return (int) (ntp(nowNanos) >>> 16);
    }

    private static long ntpOfEpochNanos(long epochNanos) {
        long seconds = Math.floorDiv(epochNanos, Deadlines.SECOND) + NTP_UNIX_OFFSET_SECONDS;
        long fraction = (Math.floorMod(epochNanos, Deadlines.SECOND) << 32) / Deadlines.SECOND;
        return (seconds << 32) | fraction;
    }
}
