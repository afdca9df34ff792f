package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * Notices a queue that neither grows nor shrinks, to which the trend of the delay is blind: typically left behind by
 * the first probes on a slow path, or held at its limit by a buffer that drops.
 *
 * <p>The way there takes, by both clocks, some time and an unknown constant; the least of the last ten seconds is taken
 * for an empty queue. If even the least of half a second is 100 ms more, there is a queue that stands. Reacting
 * to it must make it shorter; when it does not three times over, it was the path that became longer.
 */
final class StandingQueueDetector {
    static final long THRESHOLD_NANOS = 100 * Deadlines.MILLISECOND;
    static final long INTERVAL_NANOS = 500 * Deadlines.MILLISECOND;
    static final int BASELINE_INTERVALS = 20;
    static final int MAX_REACTIONS = 3;

    /** It takes so long for a reaction to be seen, beyond the queue itself. */
    static final long REACTION_NANOS = Deadlines.SECOND;

    private static final long NONE = Long.MAX_VALUE;

    // The least way of each interval, a ring.
    private final long[] least = new long[BASELINE_INTERVALS];
    private int filled;
    private int next;
    private boolean started;
    private long intervalStartNanos;
    private long current = NONE;
    private long queueNanos;
    private long reactedNanos;
    private long reactedQueueNanos;
    private int reactions;

    void onPacket(long sentNanos, long arrivalNanos) {
        current = Math.min(current, arrivalNanos - sentNanos);
    }

    /** Ends an interval when it is time. */
    void onFeedback(long nowNanos) {
        if (!started) {
            started = true;
            intervalStartNanos = nowNanos;
        }
        if (nowNanos - intervalStartNanos < INTERVAL_NANOS || current == NONE) {
            return;
        }
        long baseline = current;
        for (int i = 0; i < filled; i++) {
            baseline = Math.min(baseline, least[i]);
        }
        queueNanos = current - baseline;
        least[next] = current;
        next = (next + 1) % BASELINE_INTERVALS;
        filled = Math.min(filled + 1, BASELINE_INTERVALS);
        intervalStartNanos = nowNanos;
        current = NONE;
        if (queueNanos < THRESHOLD_NANOS) {
            reactions = 0;
        }
    }

    /** Whether there is such a queue. */
    boolean standing() {
        return queueNanos >= THRESHOLD_NANOS;
    }

    /** Whether to send less because of it now; the caller then does. */
    boolean takeReaction(long nowNanos) {
        if (!standing() || (reactions > 0 && nowNanos - reactedNanos < REACTION_NANOS + reactedQueueNanos)) {
            return false;
        }
        if (reactions > 0 && queueNanos < reactedQueueNanos * 3 / 4) {
            // It helps.
            reactions = 1;
        } else if (reactions == MAX_REACTIONS) {
            reset();
            return false;
        } else {
            reactions++;
        }
        reactedNanos = nowNanos;
        reactedQueueNanos = queueNanos;
        return true;
    }

    /** The queue at the end of the last interval. */
    long queueNanos() {
        return queueNanos;
    }

    /** What was measured is of another time or path. */
    void reset() {
        filled = 0;
        next = 0;
        started = false;
        current = NONE;
        queueNanos = 0;
        reactions = 0;
    }
}
