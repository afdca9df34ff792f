package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/** Notices that feedback has stopped coming, or comes absurdly late, while packets are being sent. */
final class RttBasedBackoff {
    static final long LIMIT_NANOS = 3 * Deadlines.SECOND;
    static final double DROP_FRACTION = 0.8;
    static final long DROP_INTERVAL_NANOS = Deadlines.SECOND;

    private boolean heard;
    private long updatedNanos;
    private long roundTripNanos;
    private long lastSentNanos;

    void onSent(long nowNanos) {
        lastSentNanos = nowNanos;
    }

    void onRoundTrip(long nanos, long nowNanos) {
        heard = true;
        updatedNanos = nowNanos;
        roundTripNanos = nanos;
    }

    /** Whether to back off; never before there was feedback, so that receivers without it are let alone. */
    boolean aboveLimit() {
        return heard && roundTripNanos + Math.max(0, lastSentNanos - updatedNanos) > LIMIT_NANOS;
    }

    void reset() {
        heard = false;
    }
}
