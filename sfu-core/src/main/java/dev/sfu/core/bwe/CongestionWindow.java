package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * How much may be in flight: what the target sends in the least round trip of the last feedback and a queue of 350 ms.
 * Stops a sender whose feedback has stopped long before a timeout would.
 */
final class CongestionWindow {
    static final long QUEUE_NANOS = 350 * Deadlines.MILLISECOND;
    static final long MIN_BYTES = 3000;

    private static final int FEEDBACKS = 32;

    private final long[] roundTripNanos = new long[FEEDBACKS];
    private int count;
    private long bytes = DataRate.UNLIMITED;

    /** The longest time from sending a packet to the feedback about it. */
    void onFeedback(long maxRoundTripNanos, long targetBps) {
        roundTripNanos[count % FEEDBACKS] = maxRoundTripNanos;
        // On, but never beyond what an int holds.
        count = count == 2 * FEEDBACKS - 1 ? FEEDBACKS : count + 1;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < Math.min(count, FEEDBACKS); i++) {
            least = Math.min(least, roundTripNanos[i]);
        }
        long window = DataRate.bytes(targetBps, least + QUEUE_NANOS);
        bytes = Math.max(MIN_BYTES, bytes == DataRate.UNLIMITED ? window : (bytes + window) / 2);
    }

    /** Unlimited before there was feedback. */
    long bytes() {
        return bytes;
    }

    void reset() {
        count = 0;
        bytes = DataRate.UNLIMITED;
    }
}
