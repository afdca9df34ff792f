package dev.sfu.core.bwe;

import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.time.Deadlines;

/**
 * Makes one target of what delay, losses, REMB and round trip say.
 *
 * <p>With transport-wide feedback the target is the loss-based estimate, which never exceeds the delay-based one.
 * Without it, it follows the losses of receiver reports: up by 8 % of the least of the last second below 2 %, down by
 * half the loss above 10 %. REMB bounds both.
 */
final class SendSideBandwidthEstimation {
    static final long START_PHASE_NANOS = 2 * Deadlines.SECOND;
    /** With feedback on packets the first probes are over after that. */
    static final long FIRST_PROBES_NANOS = Deadlines.SECOND;
    static final long INCREASE_INTERVAL_NANOS = Deadlines.SECOND;
    static final long DECREASE_INTERVAL_NANOS = 300 * Deadlines.MILLISECOND;
    static final double LOW_LOSS = 0.02;
    static final double HIGH_LOSS = 0.10;
    static final double INCREASE = 1.08;
    static final long INCREASE_SLACK_BPS = 1000;

    private static final long NEVER = Long.MIN_VALUE / 2;

    private final LossBasedBweV2 lossBased;
    private final RttBasedBackoff rttBackoff = new RttBasedBackoff();
    private final ReceiverReportLoss reportLoss = new ReceiverReportLoss();
    private long minBps;
    private long maxBps;
    private long targetBps;
    private long rembBps = DataRate.UNLIMITED;
    private long delayBasedBps = DataRate.UNLIMITED;
    private boolean transportFeedback;
    private long firstReportNanos = NEVER;
    private long lastDecreaseNanos = NEVER;
    private long increaseBaseBps;
    private long increaseBaseNanos = NEVER;
    private long roundTripNanos;
    private boolean start = true;
    private boolean probed;
    private boolean lossLowered;

    SendSideBandwidthEstimation(long startBps, long minBps, long maxBps) {
        this.lossBased = new LossBasedBweV2(minBps, maxBps);
        this.minBps = minBps;
        this.maxBps = maxBps;
        this.targetBps = startBps;
    }

    void setMinMax(long newMinBps, long newMaxBps) {
        minBps = newMinBps;
        maxBps = newMaxBps;
        lossBased.setMinMax(newMinBps, newMaxBps);
        setTarget(targetBps);
    }

    void onSent(long nowNanos) {
        rttBackoff.onSent(nowNanos);
    }

    void onRoundTrip(long nanos) {
        roundTripNanos = nanos;
    }

    /** What the transport-wide feedback says of the way there and back, without the wait for the feedback. */
    void onPropagationRoundTrip(long nanos, long nowNanos) {
        rttBackoff.onRoundTrip(nanos, nowNanos);
    }

    /**
     * Takes a feedback and what the delay-based estimator made of it.
     *
     * @param overusing whether queues fill up
     * @param probedNow whether a probe determined the delay-based estimate
     * @param probeBps result of a probe, whether it did or not, or {@link DataRate#UNKNOWN}
     */
    void onFeedback(
            TransportPacketsFeedback feedback,
            long acknowledgedBps,
            long newDelayBasedBps,
            boolean overusing,
            boolean probedNow,
            long probeBps,
            boolean inAlr) {
        transportFeedback = true;
        if (firstReportNanos == NEVER) {
            firstReportNanos = feedback.feedbackNanos();
        }
        // What the first packets and probes say is a lower bound, unless they make a queue or get lost.
        start &= !overusing
                && lossBased.averageLoss() < HIGH_LOSS
                && feedback.feedbackNanos() - firstReportNanos < FIRST_PROBES_NANOS;
        delayBasedBps = newDelayBasedBps;
        if (probedNow) {
            probed = true;
        } else if (newDelayBasedBps > targetBps && !inAlr) {
            probed = false;
        }
        lossBased.onFeedback(feedback, acknowledgedBps, newDelayBasedBps, inAlr);
        if (DataRate.known(probeBps)) {
            lossBased.onProbe(probeBps);
        }
        update(feedback.feedbackNanos());
    }

    /** Takes a receiver's estimate. */
    void onRemb(long bps, long nowNanos) {
        start = false;
        rembBps = Math.clamp(bps, minBps, DataRate.UNLIMITED);
        if (firstReportNanos == NEVER) {
            firstReportNanos = nowNanos;
        }
        update(nowNanos);
    }

    /**
     * Takes a report block; without transport-wide feedback the only thing known of losses.
     *
     * @param limitBps how far the target may rise now
     */
    void onReceiverReport(ReportBlock block, long limitBps, long nowNanos) {
        if (firstReportNanos == NEVER) {
            firstReportNanos = nowNanos;
        }
        if (reportLoss.onReport(block) && !transportFeedback) {
            start = false;
            onReportedLoss(reportLoss.ratio(), limitBps, nowNanos);
        }
    }

    private void onReportedLoss(double loss, long limitBps, long nowNanos) {
        lossLowered = loss > HIGH_LOSS;
        if (loss <= LOW_LOSS) {
            if (nowNanos - increaseBaseNanos >= INCREASE_INTERVAL_NANOS || targetBps < increaseBaseBps) {
                increaseBaseBps = targetBps;
                increaseBaseNanos = nowNanos;
            }
            long increasedBps = DataRate.scale(increaseBaseBps, INCREASE) + INCREASE_SLACK_BPS;
            setTarget(Math.max(targetBps, Math.min(increasedBps, limitBps)));
        } else if (loss > HIGH_LOSS && nowNanos - lastDecreaseNanos >= DECREASE_INTERVAL_NANOS + roundTripNanos) {
            lastDecreaseNanos = nowNanos;
            setTarget(DataRate.scale(targetBps, 1 - loss / 2));
        }
    }

    /** Applies what time changes: feedback that stays away. */
    void update(long nowNanos) {
        if (rttBackoff.aboveLimit()) {
            if (nowNanos - lastDecreaseNanos >= RttBasedBackoff.DROP_INTERVAL_NANOS) {
                lastDecreaseNanos = nowNanos;
                setTarget(DataRate.scale(targetBps, RttBasedBackoff.DROP_FRACTION));
            }
        } else if (transportFeedback) {
            setTarget(lossBased.ready() ? Math.min(delayBasedBps, lossBased.estimateBps()) : delayBasedBps);
        } else if (rembBps != DataRate.UNLIMITED && nowNanos - firstReportNanos < START_PHASE_NANOS) {
            // At the start the receiver's estimate is believed, as long as no loss speaks against it.
            setTarget(reportLoss.ratio() == 0 ? Math.max(targetBps, rembBps) : targetBps);
        } else {
            setTarget(targetBps);
        }
    }

    private void setTarget(long bps) {
        targetBps = Math.clamp(Math.min(bps, Math.min(rembBps, delayBasedBps)), minBps, maxBps);
    }

    long targetBps() {
        return targetBps;
    }

    /** Whether packets go out and nothing has come back for seconds. */
    boolean roundTripAboveLimit() {
        return rttBackoff.aboveLimit();
    }

    /** When {@link #update} has something to do although nothing came. */
    long nextDeadlineNanos() {
        return rttBackoff.aboveLimit() && targetBps > minBps
                ? lastDecreaseNanos + RttBasedBackoff.DROP_INTERVAL_NANOS
                : Deadlines.NEVER;
    }

    LimitedBy limitedBy(boolean inAlr) {
        if (rttBackoff.aboveLimit()) {
            return LimitedBy.ROUND_TRIP_TIME;
        }
        if (start) {
            return LimitedBy.START;
        }
        if (targetBps >= maxBps) {
            return LimitedBy.MAXIMUM;
        }
        if (targetBps >= rembBps) {
            return LimitedBy.REMB;
        }
        if (transportFeedback ? lossBased.ready() && targetBps < delayBasedBps : lossLowered) {
            return LimitedBy.LOSS;
        }
        if (probed) {
            return LimitedBy.PROBE;
        }
        return inAlr ? LimitedBy.APPLICATION : LimitedBy.DELAY;
    }

    LossBasedBweV2 lossBased() {
        return lossBased;
    }

    /** Share of the packets lost lately, by the best source there is. */
    double lossRatio() {
        return transportFeedback ? lossBased.averageLoss() : reportLoss.ratio();
    }

    /** The receiver's estimate, or {@link DataRate#UNKNOWN}. */
    long rembBps() {
        return rembBps == DataRate.UNLIMITED ? DataRate.UNKNOWN : rembBps;
    }

    boolean transportFeedback() {
        return transportFeedback;
    }

    /** Another path. */
    void reset(long startBps) {
        lossBased.reset();
        rttBackoff.reset();
        rembBps = DataRate.UNLIMITED;
        delayBasedBps = DataRate.UNLIMITED;
        transportFeedback = false;
        firstReportNanos = NEVER;
        lastDecreaseNanos = NEVER;
        increaseBaseNanos = NEVER;
        start = true;
        probed = false;
        lossLowered = false;
        setTarget(startBps);
    }
}
