package dev.sfu.core.bwe;

import dev.sfu.core.api.EngineConfig;

/**
 * Bounds of an estimate.
 *
 * @param startBps before anything is known
 * @param minBps never less
 * @param maxBps never more, probes included
 * @param probing whether to probe; pointless when the receiver gives no feedback about single packets
 */
public record BandwidthConfig(long startBps, long minBps, long maxBps, boolean probing) {
    /**
     * Checks the order.
     *
     * @throws IllegalArgumentException unless {@code 0 < minBps <= startBps <= maxBps}
     */
    public BandwidthConfig {
        if (minBps <= 0 || minBps > startBps || startBps > maxBps || maxBps > DataRate.UNLIMITED) {
            throw new IllegalArgumentException("min " + minBps + ", start " + startBps + ", max " + maxBps
                    + ": bandwidth in bit/s (expected: 0 < min <= start <= max)");
        }
    }

    /** The configured bounds. */
    public static BandwidthConfig of(EngineConfig.Bandwidth bounds, boolean probing) {
        return new BandwidthConfig(bounds.startBps(), bounds.minBps(), bounds.maxBps(), probing);
    }

    /** The defaults, with probing. */
    public static BandwidthConfig defaults() {
        return of(EngineConfig.Bandwidth.DEFAULT, true);
    }
}
