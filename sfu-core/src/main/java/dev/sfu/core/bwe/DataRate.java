package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/** Arithmetic on rates in bits per second. */
final class DataRate {
    /** Not measured. */
    static final long UNKNOWN = -1;

    /** No limit; small enough to be multiplied by the factors that occur here. */
    static final long UNLIMITED = Long.MAX_VALUE >> 8;

    private DataRate() {}

    static boolean known(long bps) {
        return bps >= 0;
    }

    /** The rate of {@code bytes} in a positive time. */
    static long bps(long bytes, long nanos) {
        return (long) (bytes * (8.0 * Deadlines.SECOND) / nanos);
    }

    /** What a rate carries in a time. */
    static long bytes(long bps, long nanos) {
        return (long) ((double) bps * nanos / (8.0 * Deadlines.SECOND));
    }

    /** How long a positive rate needs for {@code bytes}. */
    static long nanos(long bytes, long bps) {
        return (long) (bytes * (8.0 * Deadlines.SECOND) / bps);
    }

    static long scale(long bps, double factor) {
        return (long) (bps * factor);
    }
}
