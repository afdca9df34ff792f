package dev.sfu.core.impairment;

import java.util.SplittableRandom;

/** One direction of a bad network: says for each packet whether and when it arrives. The same seed, the same answers. */
public final class ImpairedLink {
    /** The answer for a packet that never arrives. */
    public static final long LOST = Long.MIN_VALUE;

    private final SplittableRandom random;
    private Impairment impairment;
    private long latestArrivalNanos = LOST;
    private long packets;
    private long lost;

    /** A link that does this to its packets. */
    public ImpairedLink(Impairment impairment, long seed) {
        this.impairment = impairment;
        this.random = new SplittableRandom(seed);
    }

    /** Changes what happens to packets from now on. */
    public void impair(Impairment other) {
        impairment = other;
    }

    /** When a packet sent at {@code nowNanos} arrives, or {@link #LOST}. */
    public long arrivalNanos(long nowNanos) {
        packets++;
        // Always the same number of draws, so that one kind of impairment does not change what another one hits.
        boolean isLost = random.nextDouble() < impairment.loss();
        boolean heldBack = random.nextDouble() < impairment.reordered();
        long jitter = (long) (random.nextDouble() * impairment.jitterNanos());
        if (isLost) {
            lost++;
            return LOST;
        }
        long arrival = nowNanos + impairment.delayNanos() + jitter;
        if (heldBack) {
            return arrival + impairment.reorderNanos();
        }
        if (latestArrivalNanos != LOST && arrival < latestArrivalNanos) {
            arrival = latestArrivalNanos;
        }
        latestArrivalNanos = arrival;
        return arrival;
    }

    /** Packets seen. */
    public long packets() {
        return packets;
    }

    /** Packets lost. */
    public long lost() {
        return lost;
    }
}
