package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/**
 * By how much the delay varies although nothing waits: the mean difference between packets that, by what is thought of the path,
 * find nothing of our own before them. Packets of sound and of video are compared among themselves, because on a thin path the
 * larger ones take longer.
 */
final class DelayJitter {
    /** What has been sent is taken to be through when a path of this part of the estimate would be through with it. */
    static final double RATE_FACTOR = 0.7;
    /** What lies further apart is compared with no neighbour. */
    static final long MAX_GAP_NANOS = Deadlines.SECOND;

    /** What differs more is a clock that was set or a path that was away. */
    static final long MAX_DIFFERENCE_NANOS = 100 * Deadlines.MILLISECOND;

    private static final int LARGE_BYTES = 400;
    private static final long NEVER = Long.MIN_VALUE / 2;
    private static final double GAIN = 1 / 32.0;
    private static final double BIT_NANOS = 8.0 * Deadlines.SECOND;

    private boolean started;
    private long throughNanos;
    // Of small packets and of large ones.
    private final long[] lastSentNanos = {NEVER, NEVER};
    private final long[] lastDelayNanos = new long[2];
    private double nanos;

    /**
     * Takes a packet that has arrived.
     *
     * @param rateBps what is thought of the path
     */
    void onPacket(long sentNanos, long arrivalNanos, int bytes, long rateBps) {
        boolean alone = !started || sentNanos >= throughNanos;
        throughNanos = (started ? Math.max(throughNanos, sentNanos) : sentNanos)
                + (long) (bytes * BIT_NANOS / (RATE_FACTOR * rateBps));
        if (!alone) {
            return;
        }
        started = true;
        int size = bytes < LARGE_BYTES ? 0 : 1;
        long delayNanos = arrivalNanos - sentNanos;
        if (sentNanos - lastSentNanos[size] < MAX_GAP_NANOS) {
            long differenceNanos = Math.min(Math.abs(delayNanos - lastDelayNanos[size]), MAX_DIFFERENCE_NANOS);
            nanos += (differenceNanos - nanos) * GAIN;
        }
        lastSentNanos[size] = sentNanos;
        lastDelayNanos[size] = delayNanos;
    }

    /** 0 before anything is known. */
    long nanos() {
        return (long) nanos;
    }

    /** What was measured is of another path. */
    void reset() {
        started = false;
        Arrays.fill(lastSentNanos, NEVER);
        nanos = 0;
    }
}
