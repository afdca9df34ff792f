package dev.sfu.core.routing;

import dev.sfu.core.time.Deadlines;

/**
 * How many keyframes a viewer's feedback may ask for. A keyframe goes to everybody who watches the track, so a viewer on a bad path, or
 * one who means harm, would cost a thousand others theirs. The more there are the longer the pause between one viewer's requests;
 * a few may follow each other, because keyframes get lost too. What is refused, browsers ask for again while they cannot decode.
 */
final class KeyframeAllowance {
    static final long PAUSE_NANOS_PER_WATCHER = 10 * Deadlines.MILLISECOND;
    static final long MAX_PAUSE_NANOS = 5 * Deadlines.SECOND;
    /** Requests that may follow each other at once. */
    static final int BURST = 3;

    /** When the whole burst is there again. */
    private long fullAgainNanos = Long.MIN_VALUE;

    /**
     * Whether a request may go to the publisher; if so, that is one less for some time.
     *
     * @param watchers who would get the keyframe
     */
    boolean take(int watchers, long nowNanos) {
        long pause = Math.min(watchers * PAUSE_NANOS_PER_WATCHER, MAX_PAUSE_NANOS);
        long full = Math.max(nowNanos, fullAgainNanos);
        if (full - nowNanos > (BURST - 1) * pause) {
            return false;
        }
        fullAgainNanos = full + pause;
        return true;
    }
}
