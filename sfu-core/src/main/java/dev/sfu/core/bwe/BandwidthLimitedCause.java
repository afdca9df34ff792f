package dev.sfu.core.bwe;

/** Why the estimate is not higher, as far as it matters to probing. */
enum BandwidthLimitedCause {
    /** Losses limit it, and it rises: small probes. */
    LOSS_LIMITED_INCREASING,
    /** Losses limit it: no probes. */
    LOSS_LIMITED,
    /** Nothing is in the way: probes. */
    DELAY_BASED_LIMITED,
    /** Queues are full or emptying: no probes. */
    DELAY_INCREASED,
    /** The round trip is absurd: no probes. */
    HIGH_ROUND_TRIP_TIME
}
