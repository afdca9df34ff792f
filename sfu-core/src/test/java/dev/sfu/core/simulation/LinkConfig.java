package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;

/**
 * What one direction of a network path does to packets, in this order: the queue, which drops what does not fit; the
 * bottleneck's rate; loss; delay, jitter and reordering; duplication.
 *
 * @param rateBps bits per second, IP and UDP headers included; 0 for no limit
 * @param queueNanos longest wait for the bottleneck; a packet that would wait longer is dropped
 * @param queueBytes most bytes that may wait
 * @param delayNanos what every packet takes
 * @param jitterNanos up to this much more, evenly spread
 * @param jitterReorders whether packets may overtake each other by jitter
 * @param loss which packets are lost behind the bottleneck
 * @param reordered share of packets that are held back
 * @param reorderNanos how long those are held back
 * @param duplicated share of packets that arrive twice
 * @param mtuBytes larger packets are dropped, IP and UDP headers included
 */
public record LinkConfig(
        long rateBps,
        long queueNanos,
        int queueBytes,
        long delayNanos,
        long jitterNanos,
        boolean jitterReorders,
        Loss loss,
        double reordered,
        long reorderNanos,
        double duplicated,
        int mtuBytes) {
    /** Changes nothing and takes no time. */
    public static final LinkConfig PERFECT = new LinkConfig(
            0, Deadlines.NEVER, Integer.MAX_VALUE, 0, 0, false, Loss.NONE, 0, 0, 0, 1500);

    /** What a home router has. */
    private static final long USUAL_QUEUE_NANOS = 200 * Deadlines.MILLISECOND;

    /** Checks ranges. */
    public LinkConfig {
        if (rateBps < 0 || queueNanos < 0 || queueBytes < 0 || delayNanos < 0 || jitterNanos < 0 || reorderNanos < 0) {
            throw new IllegalArgumentException("rate, queue, delay, jitter: negative (expected: at least 0)");
        }
        if (!(reordered >= 0 && reordered <= 1 && duplicated >= 0 && duplicated <= 1)) {
            throw new IllegalArgumentException(
                    "reordered, duplicated: " + reordered + ", " + duplicated + " (expected: 0 to 1)");
        }
    }

    /** So many kbit/s with a queue of 200 ms, and this delay. */
    public static LinkConfig of(int kbps, int delayMillis) {
        return PERFECT.withRateBps(kbps * 1000L)
                .withQueueNanos(USUAL_QUEUE_NANOS)
                .withDelayNanos(delayMillis * Deadlines.MILLISECOND);
    }

    /** Another rate. */
    public LinkConfig withRateBps(long bps) {
        return new LinkConfig(bps, queueNanos, queueBytes, delayNanos, jitterNanos, jitterReorders, loss, reordered,
                reorderNanos, duplicated, mtuBytes);
    }

    /** Another bound on the time in the queue. */
    public LinkConfig withQueueNanos(long nanos) {
        return new LinkConfig(rateBps, nanos, queueBytes, delayNanos, jitterNanos, jitterReorders, loss, reordered,
                reorderNanos, duplicated, mtuBytes);
    }

    /** Another bound on the bytes in the queue. */
    public LinkConfig withQueueBytes(int bytes) {
        return new LinkConfig(rateBps, queueNanos, bytes, delayNanos, jitterNanos, jitterReorders, loss, reordered,
                reorderNanos, duplicated, mtuBytes);
    }

    /** Another delay. */
    public LinkConfig withDelayNanos(long nanos) {
        return new LinkConfig(rateBps, queueNanos, queueBytes, nanos, jitterNanos, jitterReorders, loss, reordered,
                reorderNanos, duplicated, mtuBytes);
    }

    /** Jitter that keeps the order, or that does not. */
    public LinkConfig withJitterNanos(long nanos, boolean reorders) {
        return new LinkConfig(rateBps, queueNanos, queueBytes, delayNanos, nanos, reorders, loss, reordered,
                reorderNanos, duplicated, mtuBytes);
    }

    /** Other loss. */
    public LinkConfig withLoss(Loss other) {
        return new LinkConfig(rateBps, queueNanos, queueBytes, delayNanos, jitterNanos, jitterReorders, other,
                reordered, reorderNanos, duplicated, mtuBytes);
    }

    /** That share held back by that much. */
    public LinkConfig withReordering(double share, long nanos) {
        return new LinkConfig(rateBps, queueNanos, queueBytes, delayNanos, jitterNanos, jitterReorders, loss, share,
                nanos, duplicated, mtuBytes);
    }

    /** That share twice. */
    public LinkConfig withDuplication(double share) {
        return new LinkConfig(rateBps, queueNanos, queueBytes, delayNanos, jitterNanos, jitterReorders, loss, reordered,
                reorderNanos, share, mtuBytes);
    }

    /** Another largest packet. */
    public LinkConfig withMtuBytes(int bytes) {
        return new LinkConfig(rateBps, queueNanos, queueBytes, delayNanos, jitterNanos, jitterReorders, loss, reordered,
                reorderNanos, duplicated, bytes);
    }
}
