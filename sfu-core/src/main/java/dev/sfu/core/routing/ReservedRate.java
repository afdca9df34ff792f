package dev.sfu.core.routing;

import dev.sfu.core.time.Deadlines;

/** What sound and repair need of what the network carries, before any video: what they take, or took lately. */
final class ReservedRate {
    /** No more of the target is kept for repair: what was lost at once, when a link became narrower, needs no room for ever. */
    private static final double MAX_REPAIR_SHARE = 0.2;

    private final HeldRate audio = new HeldRate(8 * Deadlines.SECOND);
    private final HeldRate repair = new HeldRate(2 * Deadlines.SECOND);

    /** Notes what they take now. */
    void update(long audioBps, long repairBps, long targetBps, long nowNanos) {
        audio.update(audioBps, nowNanos);
        // What is beyond would only be remembered for longer.
        repair.update(Math.min(repairBps, maxRepairBps(targetBps)), nowNanos);
    }

    /** What they need of such a target, as of the last update. */
    long bps(long targetBps) {
        return audio.bps() + Math.min(repair.bps(), maxRepairBps(targetBps));
    }

    private static long maxRepairBps(long targetBps) {
        return (long) (MAX_REPAIR_SHARE * targetBps);
    }
}
