package dev.sfu.core.bwe;

/** Average and deviation of the throughput seen whenever the link was overused: what it carries when it is full. */
final class LinkCapacityEstimator {
    private static final double OVERUSE_WEIGHT = 0.05;
    // Bounds of the variance, normalised by the estimate: deviations of 14 and 35 kbit/s at 500 kbit/s.
    private static final double MIN_DEVIATION_KBPS = 0.4;
    private static final double MAX_DEVIATION_KBPS = 2.5;
    private static final double DEVIATIONS = 3;

    private boolean known;
    private double estimateKbps;
    private double deviationKbps = MIN_DEVIATION_KBPS;

    void onOveruse(long throughputBps) {
        double sampleKbps = throughputBps / 1000.0;
        estimateKbps =
                known ? (1 - OVERUSE_WEIGHT) * estimateKbps + OVERUSE_WEIGHT * sampleKbps : sampleKbps;
        known = true;
        double error = estimateKbps - sampleKbps;
        double variance = error * error / Math.max(estimateKbps, 1);
        deviationKbps = Math.clamp(
                (1 - OVERUSE_WEIGHT) * deviationKbps + OVERUSE_WEIGHT * variance,
                MIN_DEVIATION_KBPS,
                MAX_DEVIATION_KBPS);
    }

    boolean known() {
        return known;
    }

    long estimateBps() {
        return (long) (estimateKbps * 1000);
    }

    /** Above this the link has become another; {@link DataRate#UNLIMITED} if nothing is known. */
    long upperBoundBps() {
        return known ? (long) ((estimateKbps + DEVIATIONS * deviation()) * 1000) : DataRate.UNLIMITED;
    }

    /** Below this the link has become another; 0 if nothing is known. */
    long lowerBoundBps() {
        return known ? (long) (Math.max(0, estimateKbps - DEVIATIONS * deviation()) * 1000) : 0;
    }

    private double deviation() {
        return Math.sqrt(deviationKbps * estimateKbps);
    }

    void reset() {
        known = false;
    }
}
