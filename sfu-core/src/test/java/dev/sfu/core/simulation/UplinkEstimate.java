package dev.sfu.core.simulation;

import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.time.Deadlines;

/**
 * What a publisher thinks that its uplink carries, from the server's transport-wide feedback: a simple stand-in for the
 * browser's own estimator. Grows while packets do not queue, falls below what arrives when they do.
 */
final class UplinkEstimate {
    static final long START_BPS = 300_000;

    private static final long MIN_BPS = 30_000;
    private static final long MAX_BPS = 6_000_000;
    private static final long QUEUE_NANOS = 40 * Deadlines.MILLISECOND;
    private static final long HOLD_NANOS = 300 * Deadlines.MILLISECOND;
    private static final double HEAVY_LOSS = 0.1;
    private static final double FAST_GROWTH_PER_SECOND = 1.0;
    private static final double GROWTH_PER_SECOND = 0.08;
    private static final double DECREASE = 0.85;
    private static final long REPAIR_WINDOW_NANOS = Deadlines.SECOND;
    private static final long BASE_WINDOW_NANOS = 60 * Deadlines.SECOND;

    private final long[] sentNanos = new long[1 << 16];
    private final int[] sentBytes = new int[1 << 16];
    private double bps = START_BPS;
    private boolean starting = true;
    private long baseNanos = Long.MAX_VALUE;
    private long formerBaseNanos = Long.MAX_VALUE;
    private long baseSinceNanos;
    private long lastFeedbackNanos;
    private long lastDecreaseNanos;
    private double arrivedBps = START_BPS;
    private double lostShare;
    private double repairBps;
    private long soundBps;
    private long repairNanos;

    long bps() {
        return (long) bps;
    }

    /**
     * What is left for video beside sound and what goes into repair, as libwebrtc counts it: repair gets half at most.
     */
    long mediaBps(long nowNanos) {
        decayRepair(nowNanos);
        return (long) (bps - Math.min(bps / 2, repairBps) - soundBps);
    }

    /** Sound takes so much more before video gets anything. */
    void reserve(long bitsPerSecond) {
        soundBps += bitsPerSecond;
    }

    /** Something is to be sent again; false if repair has its share already. */
    boolean onRepair(int bytes, long nowNanos) {
        decayRepair(nowNanos);
        if (repairBps > bps) {
            return false;
        }
        repairBps += 8 * bytes * (double) Deadlines.SECOND / REPAIR_WINDOW_NANOS;
        return true;
    }

    private void decayRepair(long nowNanos) {
        repairBps *= Math.exp(-(nowNanos - repairNanos) / (double) REPAIR_WINDOW_NANOS);
        repairNanos = nowNanos;
    }

    void onSent(int transportSequence, int bytes, long nowNanos) {
        sentNanos[transportSequence] = nowNanos;
        sentBytes[transportSequence] = bytes;
    }

    void onFeedback(TransportFeedback feedback, long nowNanos) {
        long bytes = 0;
        long delaySum = 0;
        long known = 0;
        if (nowNanos - baseSinceNanos > BASE_WINDOW_NANOS) {
            formerBaseNanos = baseNanos;
            baseNanos = Long.MAX_VALUE;
            baseSinceNanos = nowNanos;
        }
        for (int i = 0; i < feedback.receivedCount(); i++) {
            int sequence = feedback.sequenceNumber(i);
            if (sentNanos[sequence] == 0) {
                continue;
            }
            long arrival = feedback.referenceTime() * 64L * Deadlines.MILLISECOND + feedback.arrivalNanos(i);
            long delay = arrival - sentNanos[sequence];
            baseNanos = Math.min(baseNanos, delay);
            delaySum += delay;
            bytes += sentBytes[sequence];
            known++;
        }
        if (known == 0 || lastFeedbackNanos == 0) {
            lastFeedbackNanos = nowNanos;
            return;
        }
        double seconds = (nowNanos - lastFeedbackNanos) / (double) Deadlines.SECOND;
        lastFeedbackNanos = nowNanos;
        double weight = Math.min(1, seconds / 0.5);
        arrivedBps += weight * (8 * bytes / Math.max(seconds, 0.02) - arrivedBps);
        double queued = delaySum / (double) known - Math.min(baseNanos, formerBaseNanos);
        double loss = 1 - feedback.receivedCount() / (double) feedback.statusCount();
        lostShare += Math.min(1, seconds) * (loss - lostShare);
        update(queued, lostShare, seconds, nowNanos);
    }

    private void update(double queuedNanos, double loss, double seconds, long nowNanos) {
        boolean held = nowNanos - lastDecreaseNanos < HOLD_NANOS;
        if (queuedNanos > QUEUE_NANOS) {
            starting = false;
            if (!held) {
                bps = Math.min(bps, DECREASE * arrivedBps);
                lastDecreaseNanos = nowNanos;
            }
        } else if (loss > HEAVY_LOSS) {
            starting = false;
            if (!held) {
                bps *= 1 - loss / 2;
                lastDecreaseNanos = nowNanos;
            }
        } else {
            double grown = bps * (1 + seconds * (starting ? FAST_GROWTH_PER_SECOND : GROWTH_PER_SECOND));
            // While starting a browser probes beyond what it sends.
            double limit = starting ? MAX_BPS : Math.max(bps, 1.5 * arrivedBps + 100_000);
            bps = Math.min(grown, limit);
        }
        bps = Math.clamp(bps, MIN_BPS, MAX_BPS);
    }
}
