package dev.sfu.core.peerconnection;

import dev.sfu.core.time.Deadlines;

/**
 * When to ask for the keyframe without which nothing that is sent is of use, after frames had to be dropped. A path too thin for
 * what it is given loses keyframes too: they are asked for less and less often.
 */
final class NeededKeyframe {
    private static final long FIRST_PAUSE_NANOS = Deadlines.SECOND;
    private static final long MAX_PAUSE_NANOS = 8 * Deadlines.SECOND;

    private boolean needed;
    private long askedNanos;
    private long pauseNanos = FIRST_PAUSE_NANOS;

    /** Frames were dropped. */
    void onFramesDropped(long nowNanos) {
        needed = true;
        if (nowNanos - askedNanos > 2 * MAX_PAUSE_NANOS) {
            pauseNanos = FIRST_PAUSE_NANOS;
        }
    }

    /** A keyframe has come. */
    void onKeyframe() {
        needed = false;
    }

    /** Whether to ask now; if so, that counts as asked. */
    boolean ask(long nowNanos) {
        if (!needed || nowNanos - askedNanos < pauseNanos) {
            return false;
        }
        askedNanos = nowNanos;
        pauseNanos = Math.min(2 * pauseNanos, MAX_PAUSE_NANOS);
        return true;
    }
}
