package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;

/**
 * Freezes as webrtc-stats defines {@code freezeCount} and {@code totalFreezesDuration}: a frame that is shown longer
 * than three times the average of the last thirty, or 150 ms longer than that average, whichever is more.
 */
final class FreezeMeter {
    private static final int WINDOW = 30;
    private static final int MIN_SAMPLES = 5;
    private static final long MARGIN_NANOS = 150 * Deadlines.MILLISECOND;

    private final long[] durations = new long[WINDOW];
    private int samples;
    private long sum;
    private long lastNanos = -1;
    private int freezes;
    private long frozenNanos;
    private long longestNanos;

    void onRendered(long nowNanos) {
        if (lastNanos >= 0) {
            onDuration(nowNanos - lastNanos);
        }
        lastNanos = nowNanos;
    }

    private void onDuration(long duration) {
        if (isFreeze(duration)) {
            freezes++;
            frozenNanos += duration;
            longestNanos = Math.max(longestNanos, duration);
        }
        int slot = samples % WINDOW;
        sum += duration - (samples >= WINDOW ? durations[slot] : 0);
        durations[slot] = duration;
        samples++;
    }

    private boolean isFreeze(long duration) {
        int count = Math.min(samples, WINDOW);
        if (count < MIN_SAMPLES) {
            return false;
        }
        long average = sum / count;
        return duration >= Math.max(3 * average, average + MARGIN_NANOS);
    }

    /** Freezes that have ended, and the present one if it is one. */
    int freezes(long nowNanos) {
        return freezes + (ongoing(nowNanos) ? 1 : 0);
    }

    /** Their duration. */
    long frozenNanos(long nowNanos) {
        return frozenNanos + (ongoing(nowNanos) ? nowNanos - lastNanos : 0);
    }

    /** The longest of them. */
    long longestNanos(long nowNanos) {
        return ongoing(nowNanos) ? Math.max(longestNanos, nowNanos - lastNanos) : longestNanos;
    }

    private boolean ongoing(long nowNanos) {
        return lastNanos >= 0 && isFreeze(nowNanos - lastNanos);
    }
}
