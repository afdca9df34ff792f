package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * At which rate packets arrive while they queue: what the path carries, however little is sent on average.
 *
 * <p>An SFU passes frames on as they come, and a keyframe makes a queue at a bottleneck that is wide enough for the
 * stream. The mean throughput is then far below what the path carries, and lowering the estimate to it would take a layer
 * away for nothing. While there is a queue the bottleneck works without a pause, so what comes out in that time is its
 * rate.
 *
 * <p>Where the delay jitters as if there were always a queue, this is the mean throughput again.
 */
final class BottleneckRate {
    /** Packets that took so much longer than the fastest found a queue. */
    static final long QUEUED_NANOS = 8 * Deadlines.MILLISECOND;

    /** Shorter queues say nothing. */
    static final long MIN_DURATION_NANOS = 20 * Deadlines.MILLISECOND;

    /** What is longer ago counts half. */
    static final long MEMORY_NANOS = 500 * Deadlines.MILLISECOND;

    static final int MIN_PACKETS = 5;

    /** A feedback may tell of the end of a queue together with its beginning: so long it is remembered. */
    static final long REMEMBERED_NANOS = 500 * Deadlines.MILLISECOND;

    /** The fastest is looked for in the present and the former interval. */
    static final long LEAST_INTERVAL_NANOS = 5 * Deadlines.SECOND;

    /** Of so many packets not one has found an empty queue, if there is one. */
    static final int RECENT_PACKETS = 20;

    /** Between two arrivals; what is more is a clock that was set or a path that was away. */
    static final long MAX_GAP_NANOS = 2 * Deadlines.SECOND;

    private static final long NONE = Long.MAX_VALUE;

    private final long[] recentDelays = new long[RECENT_PACKETS];
    private int recent;

    private long least = NONE;
    private long formerLeast = NONE;
    private long intervalStartNanos;
    private long startNanos;
    private long lastNanos;
    private double bytes;
    private int packets;
    private long formerRateBps = DataRate.UNKNOWN;
    private long formerEndNanos;

    /** Takes an arrival; they come in the order of their times. */
    void onPacket(long sentNanos, long arrivalNanos, int packetBytes) {
        long delay = arrivalNanos - sentNanos;
        if (arrivalNanos - lastNanos > MAX_GAP_NANOS || lastNanos - arrivalNanos > MAX_GAP_NANOS) {
            reset();
        }
        if (least == NONE || arrivalNanos - intervalStartNanos > LEAST_INTERVAL_NANOS) {
            formerLeast = least;
            least = delay;
            intervalStartNanos = arrivalNanos;
        }
        least = Math.min(least, delay);
        recentDelays[recent % RECENT_PACKETS] = delay;
        // On, but never beyond what an int holds.
        recent = recent == 2 * RECENT_PACKETS - 1 ? RECENT_PACKETS : recent + 1;
        if (delay - Math.min(least, formerLeast) < QUEUED_NANOS || arrivalNanos < lastNanos) {
            long rateBps = presentRateBps();
            if (DataRate.known(rateBps)) {
                formerRateBps = rateBps;
                formerEndNanos = lastNanos;
            }
            startNanos = arrivalNanos;
            lastNanos = arrivalNanos;
            bytes = 0;
            packets = 0;
            return;
        }
        if (packets == 0) {
            // It took that long to pass by itself, or was behind others; before that the path may have had nothing to do.
            startNanos = Math.max(startNanos, sentNanos + Math.min(least, formerLeast));
        }
        bytes += packetBytes;
        packets++;
        lastNanos = arrivalNanos;
        long duration = lastNanos - startNanos;
        if (duration > 2 * MEMORY_NANOS) {
            bytes *= MEMORY_NANOS / (double) duration;
            startNanos = lastNanos - MEMORY_NANOS;
        }
    }

    /** The rate since the queue arose, or while the last one lasted; {@link DataRate#UNKNOWN} without one that says anything. */
    long rateBps() {
        long rateBps = presentRateBps();
        if (DataRate.known(rateBps)) {
            return rateBps;
        }
        return lastNanos - formerEndNanos < REMEMBERED_NANOS ? formerRateBps : DataRate.UNKNOWN;
    }

    private long presentRateBps() {
        long duration = lastNanos - startNanos;
        return duration < MIN_DURATION_NANOS || packets < MIN_PACKETS
                ? DataRate.UNKNOWN
                : DataRate.bps((long) bytes, duration);
    }

    /** Whether the path has a queue that no packet of late has found empty; jitter makes none. */
    boolean queued() {
        if (recent < RECENT_PACKETS) {
            return true;
        }
        long fastest = NONE;
        for (long delay : recentDelays) {
            fastest = Math.min(fastest, delay);
        }
        return fastest - Math.min(least, formerLeast) >= QUEUED_NANOS;
    }

    /** What was measured is of another time or path. */
    void reset() {
        least = NONE;
        formerLeast = NONE;
        startNanos = 0;
        lastNanos = 0;
        bytes = 0;
        packets = 0;
        recent = 0;
        formerRateBps = DataRate.UNKNOWN;
    }
}
