package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/** What went through a link: packets by fate, bytes and capacity over time, and how long our packets waited. */
public final class LinkMeter {
    /** Width of one sample over time. */
    public static final long SAMPLE_NANOS = 100 * Deadlines.MILLISECOND;

    private static final int SAMPLES_PER_SECOND = 10;
    private static final int MAX_WAIT_MILLIS = 10_000;

    /** Packets by fate; what is none of these is in the link still. */
    public record Counts(long offered, long queueFull, long tooLarge, long lost, long duplicated, long delivered) {
        /** Packets that are in the link if nothing was lost from the books. */
        public long inside() {
            return offered + duplicated - queueFull - tooLarge - lost - delivered;
        }
    }

    private static final int OFFERED = 0;
    private static final int QUEUE_FULL = 1;
    private static final int TOO_LARGE = 2;
    private static final int LOST = 3;
    private static final int DUPLICATED = 4;
    private static final int DELIVERED = 5;

    private final long[] own = new long[6];
    private final long[] cross = new long[6];
    private final long[] waitMillis = new long[MAX_WAIT_MILLIS + 1];
    private final Series ownBytes = new Series();
    private final Series crossBytes = new Series();
    private final Series rates = new Series();
    private final VirtualTime time;
    private long waits;
    private double waitSumMillis;
    private long rateBps;
    private long rateSinceNanos;

    LinkMeter(VirtualTime time, long rateBps) {
        this.time = time;
        this.rateSinceNanos = time.nowNanos();
        this.rateBps = rateBps;
    }

    void onOffered(boolean ours) {
        (ours ? own : cross)[OFFERED]++;
    }

    void onQueueFull(boolean ours) {
        (ours ? own : cross)[QUEUE_FULL]++;
    }

    void onTooLarge(boolean ours) {
        (ours ? own : cross)[TOO_LARGE]++;
    }

    void onLost(boolean ours) {
        (ours ? own : cross)[LOST]++;
    }

    void onDuplicated(boolean ours) {
        (ours ? own : cross)[DUPLICATED]++;
    }

    void onDelivered(boolean ours, int bytes) {
        (ours ? own : cross)[DELIVERED]++;
        (ours ? ownBytes : crossBytes).add(time.nowNanos(), bytes);
    }

    /** A packet has passed the bottleneck after that wait. */
    void onDeparted(boolean ours, long waitNanos) {
        if (ours) {
            double millis = Math.max(0, waitNanos) / (double) Deadlines.MILLISECOND;
            waitMillis[(int) Math.min(MAX_WAIT_MILLIS, millis)]++;
            waitSumMillis += millis;
            waits++;
        }
    }

    void onRate(long newRateBps) {
        account(time.nowNanos());
        rateBps = newRateBps;
    }

    /** Adds the capacity of the time since it last changed. */
    private void account(long nowNanos) {
        while (rateSinceNanos < nowNanos) {
            long sampleEnd = (rateSinceNanos / SAMPLE_NANOS + 1) * SAMPLE_NANOS;
            long end = Math.min(sampleEnd, nowNanos);
            rates.add(rateSinceNanos, rateBps * (end - rateSinceNanos) / (8.0 * Deadlines.SECOND));
            rateSinceNanos = end;
        }
    }

    /** Of our packets. */
    public Counts counts() {
        return counts(own);
    }

    /** Of everybody else's. */
    public Counts crossCounts() {
        return counts(cross);
    }

    private static Counts counts(long[] c) {
        return new Counts(c[OFFERED], c[QUEUE_FULL], c[TOO_LARGE], c[LOST], c[DUPLICATED], c[DELIVERED]);
    }

    /** Mean wait of our packets for the bottleneck, milliseconds. */
    public double meanWaitMillis() {
        return waits == 0 ? 0 : waitSumMillis / waits;
    }

    /** The wait that this share of our packets did not exceed, milliseconds, to the millisecond. */
    public double waitMillis(double share) {
        long wanted = (long) Math.ceil(share * waits);
        long seen = 0;
        for (int millis = 0; millis <= MAX_WAIT_MILLIS && waits > 0; millis++) {
            seen += waitMillis[millis];
            if (seen >= wanted && seen > 0) {
                return millis;
            }
        }
        return 0;
    }

    /** Our bits per second in one second, counted from the beginning. */
    public double ownBps(int second) {
        return bps(ownBytes, second);
    }

    /** Everybody else's. */
    public double crossBps(int second) {
        return bps(crossBytes, second);
    }

    /** The capacity in one second; 0 if there is no limit. */
    public double capacityBps(int second) {
        account(time.nowNanos());
        return bps(rates, second);
    }

    private static double bps(Series series, int second) {
        double bytes = 0;
        for (int i = 0; i < SAMPLES_PER_SECOND; i++) {
            bytes += series.at(second * SAMPLES_PER_SECOND + i);
        }
        return 8 * bytes;
    }

    /** Sums by sample. */
    private static final class Series {
        private double[] sums = new double[1024];

        void add(long nanos, double value) {
            int index = (int) ((nanos - VirtualTime.ORIGIN_NANOS) / SAMPLE_NANOS);
            if (index >= sums.length) {
                sums = Arrays.copyOf(sums, Math.max(index + 1, 2 * sums.length));
            }
            sums[index] += value;
        }

        double at(int index) {
            return index < sums.length ? sums[index] : 0;
        }
    }
}
