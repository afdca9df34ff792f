package dev.sfu.bench.load;

/** Counts durations in steps of about three per cent. */
public final class LatencyHistogram {
    private static final int STEP_BITS = 5;
    private static final int STEPS = 1 << STEP_BITS;

    private final long[] counts = new long[(64 - STEP_BITS) * STEPS];
    private long total;

    /** Nothing counted. */
    public LatencyHistogram() {}

    /** Counts one; clocks that disagree can make it negative, which counts as zero. */
    public void add(long nanos) {
        counts[slot(Math.max(0, nanos))]++;
        total++;
    }

    private static int slot(long nanos) {
        if (nanos < STEPS) {
            return (int) nanos;
        }
        int magnitude = 63 - Long.numberOfLeadingZeros(nanos);
        int step = (int) (nanos >>> (magnitude - STEP_BITS)) & (STEPS - 1);
        return (magnitude - STEP_BITS + 1) * STEPS + step;
    }

    private static long upperBound(int slot) {
        int next = slot + 1;
        if (next <= STEPS) {
            return next;
        }
        return (long) (STEPS + next % STEPS) << (next / STEPS - 1);
    }

    /** How many there are. */
    public long total() {
        return total;
    }

    /** Forgets all. */
    public void clear() {
        java.util.Arrays.fill(counts, 0);
        total = 0;
    }

    /** The duration that {@code fraction} of all do not exceed, in nanoseconds; 0 if there are none. */
    public long quantileNanos(double fraction) {
        long wanted = (long) Math.ceil(total * fraction);
        long seen = 0;
        for (int i = 0; i < counts.length && total > 0; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return upperBound(i);
            }
        }
        return 0;
    }
}
