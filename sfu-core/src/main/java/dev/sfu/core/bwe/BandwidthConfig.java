package dev.sfu.core.bwe;

/**
 * Bounds of an estimate.
 *
 * @param startBps before anything is known
 * @param minBps never less
 * @param maxBps never more, probes included
 * @param probing whether to probe; pointless when the receiver gives no feedback about single packets
 */
public record BandwidthConfig(long startBps, long minBps, long maxBps, boolean probing) {
    /** Bits per second that most paths carry from the first moment on. */
    public static final long DEFAULT_START_BPS = 600_000;

    /** Less would not even carry audio. */
    public static final long DEFAULT_MIN_BPS = 30_000;

    /** More than anything in one room needs. */
    public static final long DEFAULT_MAX_BPS = 20_000_000;

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

    /** The defaults, with probing. */
    public static BandwidthConfig defaults() {
        return new BandwidthConfig(DEFAULT_START_BPS, DEFAULT_MIN_BPS, DEFAULT_MAX_BPS, true);
    }
}
