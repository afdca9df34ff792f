package dev.sfu.core.shard;

import dev.sfu.core.time.Deadlines;

/**
 * When a shard's one timer goes off.
 *
 * <p>Deadlines closer together than a millisecond are met in one turn, so the timer is set no nearer than that. What it was set
 * to stays, even when deadlines are overdue meanwhile: a busy shard takes turns much more often than each millisecond, and a timer
 * that each of them put off by another would never go off.
 */
final class WakeUp {
    static final long GRANULARITY_NANOS = Deadlines.MILLISECOND;

    private long nanos = Deadlines.NEVER;

    /**
     * Asks for a wake-up.
     *
     * @param deadlineNanos the earliest deadline, perhaps over
     * @return whether the timer has to be set anew, to {@link #nanos}
     */
    boolean moves(long deadlineNanos, long nowNanos) {
        long wanted = Math.max(deadlineNanos, nowNanos + GRANULARITY_NANOS);
        if (wanted >= nanos) {
            return false;
        }
        nanos = wanted;
        return true;
    }

    /** What the timer is set to; never, if it is not set. */
    long nanos() {
        return nanos;
    }

    /** The timer has gone off. */
    void onTimer() {
        nanos = Deadlines.NEVER;
    }
}
