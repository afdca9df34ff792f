package dev.sfu.core.routing;

import dev.sfu.core.time.Deadlines;

/** A rate that something else has to leave room for: what it takes now, or took lately. */
final class HeldRate {
    private final double fallNanos;
    private long bps;
    private long updatedNanos;

    /** {@code fallNanos} after which what it took before is forgotten. */
    HeldRate(long fallNanos) {
        this.fallNanos = fallNanos;
    }

    /** Notes what it takes now and gives what to leave room for. */
    long update(long nowBps, long nowNanos) {
        double kept = Math.max(0, 1 - (nowNanos - updatedNanos) / fallNanos);
        updatedNanos = nowNanos;
        bps = nowBps >= bps ? nowBps : (long) (nowBps + (bps - nowBps) * kept);
        return bps;
    }

    /** What to leave room for, bits per second, as of the last update. */
    long bps() {
        return bps;
    }
}
