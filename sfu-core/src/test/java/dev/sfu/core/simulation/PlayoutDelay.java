package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;

/**
 * How long a viewer holds video back: the fastest way through the network lately and, on top of it, what makes all but
 * the latest one percent of frames be in time, from their mean and spread as in libwebrtc's jitter estimator.
 */
final class PlayoutDelay {
    private static final long WINDOW_NANOS = 5 * Deadlines.SECOND;
    private static final long MAX_NANOS = 2 * Deadlines.SECOND;
    private static final double WEIGHT = 1 / 60.0;
    private static final double SPREADS = 2.33;
    /** Decoding and rendering. */
    private static final long FIXED_NANOS = 20 * Deadlines.MILLISECOND;

    private long base = Long.MAX_VALUE;
    private long formerBase = Long.MAX_VALUE;
    private long windowSinceNanos;
    private double mean;
    private double variance;

    /** A frame of that media time is complete. */
    void onComplete(long mediaNanos, long nowNanos) {
        long transit = nowNanos - mediaNanos;
        if (nowNanos - windowSinceNanos > WINDOW_NANOS) {
            formerBase = base;
            base = Long.MAX_VALUE;
            windowSinceNanos = nowNanos;
        }
        base = Math.min(base, transit);
        double late = Math.min(MAX_NANOS, transit - best());
        double off = late - mean;
        mean += WEIGHT * off;
        variance += WEIGHT * (off * off - variance);
    }

    private long best() {
        return Math.min(base, formerBase);
    }

    /** When a frame of that media time is to be shown. */
    long renderNanos(long mediaNanos) {
        return mediaNanos + best() + jitterNanos() + FIXED_NANOS;
    }

    /** What is added to the fastest way. */
    long jitterNanos() {
        return (long) Math.clamp(mean + SPREADS * Math.sqrt(variance), 0, MAX_NANOS);
    }
}
