package dev.sfu.core.peerconnection;

import dev.sfu.core.repair.KeyframeRequester;
import dev.sfu.core.time.Deadlines;

/**
 * Passes the keyframe requests of a carried stream's subscribers on to where the stream comes in, of many at once only one.
 *
 * <p>Repeating what is not answered and keeping a distance between requests is done there. Here only what cannot change
 * anything is left out: whoever asks while a request stands gets the same keyframe.
 */
final class KeyframeRelay {
    /** After this a request counts anew, because the other side may have given up. */
    static final long STANDS_NANOS = KeyframeRequester.MIN_INTERVAL_NANOS;
    /** Shorter, because the other side lets pass what was asked before the last keyframe can have been seen. */
    static final long FEEDBACK_STANDS_NANOS = 50 * Deadlines.MILLISECOND;

    private final int stream;
    private final CarriedReceiver.Origin origin;
    private boolean requested;
    private long requestedNanos;
    private boolean fedBack;
    private long fedBackNanos;

    KeyframeRelay(int stream, CarriedReceiver.Origin origin) {
        this.stream = stream;
        this.origin = origin;
    }

    void request(long nowNanos) {
        if (!stands(nowNanos)) {
            requested = true;
            requestedNanos = nowNanos;
            origin.requestKeyframe(stream, CarriedReceiver.STARTS);
        }
    }

    void requestByFeedback(long subscriberRoundTripNanos, long nowNanos) {
        boolean justAsked = fedBack && nowNanos - fedBackNanos < FEEDBACK_STANDS_NANOS;
        if (!stands(nowNanos) && !justAsked) {
            fedBack = true;
            fedBackNanos = nowNanos;
            origin.requestKeyframe(stream, Math.max(0, subscriberRoundTripNanos));
        }
    }

    private boolean stands(long nowNanos) {
        return requested && nowNanos - requestedNanos < STANDS_NANOS;
    }

    void onKeyframe() {
        requested = false;
        fedBack = false;
    }
}
