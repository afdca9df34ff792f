package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * Tells when the application, not the network, limits what is sent (application-limited region): over half a second
 * much less than 65 % of the estimate.
 *
 * <p>A budget of 65 % of the estimate fills with time, up to half a second of it, and sending empties it.
 */
final class AlrDetector {
    static final double BANDWIDTH_USAGE = 0.65;
    static final double START_LEVEL = 0.80;
    static final double STOP_LEVEL = 0.50;
    static final long WINDOW_NANOS = 500 * Deadlines.MILLISECOND;

    private static final long OUTSIDE = Long.MAX_VALUE;

    private long budgetBps;
    private double maxBytes;
    private double remainingBytes;
    private boolean started;
    private long lastSentNanos;
    private long startNanos = OUTSIDE;
    private long endNanos = OUTSIDE;

    AlrDetector(long estimateBps) {
        setEstimate(estimateBps);
    }

    void setEstimate(long estimateBps) {
        budgetBps = DataRate.scale(estimateBps, BANDWIDTH_USAGE);
        maxBytes = Math.max(1, DataRate.bytes(budgetBps, WINDOW_NANOS));
        remainingBytes = Math.clamp(remainingBytes, -maxBytes, maxBytes);
    }

    void onSent(int bytes, long nowNanos) {
        if (!started) {
            started = true;
            lastSentNanos = nowNanos;
            return;
        }
        remainingBytes = Math.max(remainingBytes - bytes, -maxBytes);
        elapse(nowNanos);
    }

    /** Time passes, with or without sending. */
    void elapse(long nowNanos) {
        if (!started) {
            return;
        }
        long elapsed = Math.clamp(nowNanos - lastSentNanos, 0, 2 * WINDOW_NANOS);
        lastSentNanos = Math.max(lastSentNanos, nowNanos);
        remainingBytes = Math.min(remainingBytes + DataRate.bytes(budgetBps, elapsed), maxBytes);
        double level = remainingBytes / maxBytes;
        if (!inAlr() && level > START_LEVEL) {
            startNanos = nowNanos;
        } else if (inAlr() && level < STOP_LEVEL) {
            startNanos = OUTSIDE;
            endNanos = nowNanos;
        }
    }

    boolean inAlr() {
        return startNanos != OUTSIDE;
    }

    /** Since when; only in the region. */
    long startNanos() {
        return startNanos;
    }

    /** Whether the region was left at most so long ago. */
    boolean endedWithin(long nanos, long nowNanos) {
        return endNanos != OUTSIDE && nowNanos - endNanos < nanos;
    }
}
