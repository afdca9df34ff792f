package dev.sfu.core.impairment;

/**
 * What a link does to packets, in this order: the queue before the bottleneck, the bottleneck's rate, loss, delay.
 *
 * @param loss share of packets that are lost, each by itself, 0 to 1
 * @param delayNanos what every packet takes
 * @param jitterNanos up to this much is added, evenly spread, without changing the order
 * @param reordered share of packets held back until later ones have passed, 0 to 1
 * @param reorderNanos how long those are held back beyond the others
 * @param rateBps bits per second that pass, IP and UDP headers included; 0 for no limit
 * @param queueNanos packets that would wait longer for the bottleneck are dropped
 */
public record Impairment(
        double loss,
        long delayNanos,
        long jitterNanos,
        double reordered,
        long reorderNanos,
        long rateBps,
        long queueNanos) {
    /** A perfect link. */
    public static final Impairment NONE = new Impairment(0, 0, 0, 0, 0, 0, 0);

    /** Checks ranges. */
    public Impairment {
        if (!(loss >= 0 && loss <= 1 && reordered >= 0 && reordered <= 1)) {
            throw new IllegalArgumentException("loss, reordered: " + loss + ", " + reordered + " (expected: 0 to 1)");
        }
        if (delayNanos < 0 || jitterNanos < 0 || reorderNanos < 0) {
            throw new IllegalArgumentException("delay, jitter, reorder: " + delayNanos + ", " + jitterNanos + ", "
                    + reorderNanos + " ns (expected: at least 0)");
        }
        if (rateBps < 0 || queueNanos < 0) {
            throw new IllegalArgumentException(
                    "rate, queue: " + rateBps + " bit/s, " + queueNanos + " ns (expected: at least 0)");
        }
    }

    /** The same with that share of packets lost. */
    public Impairment withLoss(double share) {
        return new Impairment(share, delayNanos, jitterNanos, reordered, reorderNanos, rateBps, queueNanos);
    }

    /** The same with that delay and up to that much more. */
    public Impairment withDelayNanos(long delay, long jitter) {
        return new Impairment(loss, delay, jitter, reordered, reorderNanos, rateBps, queueNanos);
    }

    /** The same with that share of packets held back by that much. */
    public Impairment withReordering(double share, long heldBackNanos) {
        return new Impairment(loss, delayNanos, jitterNanos, share, heldBackNanos, rateBps, queueNanos);
    }

    /** The same with that many bits per second, and a queue that holds what takes so long to send. */
    public Impairment withRateBps(long bps, long longestWaitNanos) {
        return new Impairment(loss, delayNanos, jitterNanos, reordered, reorderNanos, bps, longestWaitNanos);
    }
}
