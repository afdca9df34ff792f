package dev.sfu.core.peerconnection;

import dev.sfu.core.time.Deadlines;

/**
 * What an outgoing stream of video began with, as long as that may have to be repeated.
 *
 * <p>In a slot that a renegotiation adds, the first keyframe may come before the answer that says what it belongs to, and then the
 * browser throws it away; the first it keeps makes it ask for another, which the publisher would not send so soon after. So a
 * receiver that shows for the first time that it knows the stream gets by RTX what it cannot have kept.
 */
final class StreamBeginning {
    private static final long REPEATED_NANOS = 500 * Deadlines.MILLISECOND;
    private static final int REPEATED_PACKETS = 200;
    private static final long NONE = Long.MIN_VALUE;

    private boolean addedLater;
    private long keyframeSequence = NONE;
    private long keyframeNanos;
    private long lastSequence = NONE;

    /** The m-section is new on a connection that was there before. */
    void onAddedLater() {
        addedLater = true;
    }

    /** A packet is about to be sent. */
    void onPacket(long sequence, boolean keyframeStart, long nowNanos) {
        if (keyframeStart) {
            keyframeSequence = sequence;
            keyframeNanos = nowNanos;
        }
        lastSequence = sequence;
    }

    /** Whether it is worth repeating now; then {@link #firstSequence} to {@link #lastSequence}. */
    boolean repeatable(long nowNanos) {
        return addedLater
                && keyframeSequence != NONE
                && nowNanos - keyframeNanos <= REPEATED_NANOS
                && lastSequence - keyframeSequence < REPEATED_PACKETS;
    }

    /** Where the keyframe starts. */
    long firstSequence() {
        return keyframeSequence;
    }

    /** The newest packet. */
    long lastSequence() {
        return lastSequence;
    }
}
