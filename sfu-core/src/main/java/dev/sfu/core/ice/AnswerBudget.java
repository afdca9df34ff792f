package dev.sfu.core.ice;

import dev.sfu.core.time.Deadlines;

/** A token bucket that holds one second's worth of answers, kept as the time at which it would be full again. */
final class AnswerBudget {
    private final long intervalNanos;
    private long fullAtNanos = Long.MIN_VALUE;

    AnswerBudget(int answersPerSecond) {
        intervalNanos = Deadlines.SECOND / answersPerSecond;
    }

    boolean take(long nowNanos) {
        long fullAt = Math.max(fullAtNanos, nowNanos);
        if (fullAt - nowNanos > Deadlines.SECOND - intervalNanos) {
            return false;
        }
        fullAtNanos = fullAt + intervalNanos;
        return true;
    }
}
