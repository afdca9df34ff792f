package dev.sfu.core.impairment;

import java.util.SplittableRandom;

/**
 * One direction of a bad network: says for each packet whether and when it arrives. The same seed, the same answers.
 */
public final class ImpairedLink {
    /** The answer for a packet that never arrives. */
    public static final long LOST = Long.MIN_VALUE;

    /** IPv4 and UDP headers, which take the bottleneck's time too. */
    public static final int HEADER_BYTES = 28;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final SplittableRandom random;
    private Impairment impairment;
    private long latestArrivalNanos = LOST;
    /** When the bottleneck has sent all that waits. */
    private long idleAtNanos;
    private boolean everBusy;
    private long packets;
    private long bytes;
    private long lost;
    private long queueFull;

    /** A link that does this to its packets. */
    public ImpairedLink(Impairment impairment, long seed) {
        this.impairment = impairment;
        this.random = new SplittableRandom(seed);
    }

    /** Changes what happens to packets from now on. Those that have been accepted keep the times they were given. */
    public void impair(Impairment other) {
        impairment = other;
    }

    /** When a datagram of that many bytes sent at {@code nowNanos} arrives, or {@link #LOST}. */
    public long arrivalNanos(long nowNanos, int datagramBytes) {
        packets++;
        bytes += datagramBytes;
        // Always the same number of draws, so that one kind of impairment does not change what another one hits.
        boolean isLost = random.nextDouble() < impairment.loss();
        boolean heldBack = random.nextDouble() < impairment.reordered();
        long jitter = (long) (random.nextDouble() * impairment.jitterNanos());
        long departure = departureNanos(nowNanos, datagramBytes);
        if (departure == LOST) {
            queueFull++;
            return LOST;
        }
        if (isLost) {
            lost++;
            return LOST;
        }
        long arrival = departure + impairment.delayNanos() + jitter;
        if (heldBack) {
            return arrival + impairment.reorderNanos();
        }
        if (latestArrivalNanos != LOST && arrival < latestArrivalNanos) {
            arrival = latestArrivalNanos;
        }
        latestArrivalNanos = arrival;
        return arrival;
    }

    private long departureNanos(long nowNanos, int datagramBytes) {
        if (impairment.rateBps() == 0) {
            return nowNanos;
        }
        long start = everBusy && idleAtNanos > nowNanos ? idleAtNanos : nowNanos;
        if (start > nowNanos && start - nowNanos > impairment.queueNanos()) {
            return LOST;
        }
        everBusy = true;
        idleAtNanos = start + (datagramBytes + HEADER_BYTES) * 8L * SECOND_NANOS / impairment.rateBps();
        return idleAtNanos;
    }

    /** Packets seen. */
    public long packets() {
        return packets;
    }

    /** Their bytes, without headers. */
    public long bytes() {
        return bytes;
    }

    /** Packets lost by chance. */
    public long lost() {
        return lost;
    }

    /** Packets dropped because they would have waited too long for the bottleneck. */
    public long queueFull() {
        return queueFull;
    }
}
