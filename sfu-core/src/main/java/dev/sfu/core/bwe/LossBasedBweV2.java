package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * The estimate that follows the losses: which bandwidth, of a few candidates around the present one, explains best what
 * was lost, given that some loss may be the path's own and has nothing to do with the rate.
 *
 * <p>It never exceeds the delay-based estimate; it takes over when losses say that this is too high, and after that
 * rises in steps, first held back for a time that doubles each time it was needed, until that was long ago.
 *
 * <p>Other than in libwebrtc, losses count only where enough is sent for them to come from the rate: where an SFU's publishers send
 * less than 80 % of the estimate, the throughput neither pulls it down nor holds it. Only the bound that a share of losses implies by
 * itself holds always; it is set higher. What was lost before a pause of all video is forgotten.
 */
final class LossBasedBweV2 {
    /** Who determines the result. */
    enum State {
        /** Losses do, and allow for more. */
        INCREASING,
        /** Losses do. */
        DECREASING,
        /** The delay does. */
        DELAY_BASED
    }

    static final double INITIAL_INHERENT_LOSS = 0.01;
    static final double MIN_INHERENT_LOSS = 1.0e-3;
    static final double LOSS_OFFSET = 0.05;
    static final long BANDWIDTH_BALANCE_BPS = 100_000;
    static final long UPPER_BOUND_BALANCE_BPS = 200_000;
    static final double NEWTON_STEP = 0.75;
    static final double HIGH_BANDWIDTH_LOSS_THRESHOLD = 0.35;
    static final double PREFERENCE_SMOOTHING = 0.002;
    static final double BIAS_PER_KBPS = 0.0002;
    static final double BIAS_PER_LOG_KBPS = 0.02;
    static final double MAX_INCREASE = 1.3;
    static final long INCREASE_WINDOW_NANOS = 300 * Deadlines.MILLISECOND;
    static final double RAMP_UP = 1.5;
    static final double RAMP_UP_IN_HOLD = 1.2;
    static final double HOLD_THRESHOLD = 1.3;
    static final long INITIAL_HOLD_NANOS = 300 * Deadlines.MILLISECOND;
    static final long MAX_HOLD_NANOS = 60 * Deadlines.SECOND;
    static final int HOLD_FACTOR = 2;
    static final int MIN_OBSERVATIONS = 3;
    /** A hold so long ago that it says nothing of the next. */
    static final long FORGOTTEN_NANOS = 20 * Deadlines.SECOND;
    /** Where never more than so much of the bandwidth was used, losses are not for want of it. */
    static final double USED = 0.8;

    private static final double[] CANDIDATE_FACTORS = {1.02, 1.0, 0.95};
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final LossObservations observations = new LossObservations();
    private long minBps;
    private long maxBps;
    private long acknowledgedBps = DataRate.UNKNOWN;
    private long delayBasedBps = DataRate.UNLIMITED;

    // The channel that explains best what was observed.
    private long bandwidthBps = DataRate.UNKNOWN;
    private double inherentLoss = INITIAL_INHERENT_LOSS;
    private double bestObjective;
    private long bestBandwidthBps;
    private double bestInherentLoss;

    private State state = State.DELAY_BASED;
    /** Whether there were enough observations before a pause. */
    private boolean paused;
    private long estimateBps;
    private long increaseLimitBps = DataRate.UNLIMITED;
    private long increaseWindowNanos = NEVER;
    private long holdUntilNanos = NEVER;
    private long holdNanos = INITIAL_HOLD_NANOS;
    private long holdBps = DataRate.UNLIMITED;

    LossBasedBweV2(long minBps, long maxBps) {
        this.minBps = minBps;
        this.maxBps = maxBps;
    }

    void setMinMax(long newMinBps, long newMaxBps) {
        minBps = newMinBps;
        maxBps = newMaxBps;
    }

    /**
     * Takes a feedback.
     *
     * @param newAcknowledgedBps throughput, or {@link DataRate#UNKNOWN}
     * @param newDelayBasedBps the delay-based estimate
     */
    void onFeedback(
            TransportPacketsFeedback feedback, long newAcknowledgedBps, long newDelayBasedBps, boolean inAlr) {
        delayBasedBps = newDelayBasedBps;
        if (DataRate.known(newAcknowledgedBps)) {
            acknowledgedBps = newAcknowledgedBps;
        }
        if (feedback.empty() || !observations.onFeedback(feedback)) {
            return;
        }
        if (!DataRate.known(bandwidthBps)) {
            bandwidthBps = newDelayBasedBps;
            estimateBps = newDelayBasedBps;
        }
        chooseCandidate(inAlr);
        limitIncrease();
        bound();
    }

    private void chooseCandidate(boolean inAlr) {
        bestObjective = Double.NEGATIVE_INFINITY;
        bestBandwidthBps = bandwidthBps;
        bestInherentLoss = inherentLoss;
        for (double factor : CANDIDATE_FACTORS) {
            consider(DataRate.scale(bandwidthBps, factor));
        }
        if (DataRate.known(acknowledgedBps) && !inAlr && !applicationLimited()) {
            consider(acknowledgedBps);
        }
        if (delayBasedBps > bandwidthBps) {
            consider(delayBasedBps);
        }
        if (observations.averageLoss() > bestInherentLoss
                && bestBandwidthBps > bandwidthBps
                && !applicationLimited()) {
            // More is lost than the path's own loss explains: no time to rise.
            bestBandwidthBps = bandwidthBps;
        }
    }

    /** Too little has been sent for the losses, or their absence, to say anything of the bandwidth. */
    private boolean applicationLimited() {
        return observations.highestRateBps() < USED * bandwidthBps;
    }

    private void consider(long wantedBps) {
        long upperBps = state == State.DELAY_BASED ? maxBps : Math.min(maxBps, increaseLimitBps);
        long candidateBps = Math.min(wantedBps, Math.max(bandwidthBps, upperBps));
        double loss = observations.newtonStep(feasible(inherentLoss, candidateBps), candidateBps, NEWTON_STEP);
        loss = feasible(loss, candidateBps);
        double objective = observations.objective(loss, candidateBps, highBandwidthBias(candidateBps));
        if (objective > bestObjective) {
            bestObjective = objective;
            bestBandwidthBps = candidateBps;
            bestInherentLoss = loss;
        }
    }

    // The path's own loss is the smaller the faster the path.
    private static double feasible(double loss, long bps) {
        double upper = Math.min(1, LOSS_OFFSET + BANDWIDTH_BALANCE_BPS / (double) Math.max(bps, 1));
        return Math.clamp(loss, MIN_INHERENT_LOSS, upper);
    }

    private double highBandwidthBias(long bps) {
        double kbps = bps / 1000.0;
        double distance = HIGH_BANDWIDTH_LOSS_THRESHOLD - observations.averageLoss();
        double preference = distance / (PREFERENCE_SMOOTHING + Math.abs(distance));
        return preference * (BIAS_PER_KBPS * kbps + BIAS_PER_LOG_KBPS * Math.log(1 + kbps));
    }

    private void limitIncrease() {
        if (state == State.DELAY_BASED) {
            return;
        }
        if (increaseWindowNanos + INCREASE_WINDOW_NANOS > observations.lastSentNanos()) {
            bestBandwidthBps = Math.min(bestBandwidthBps, increaseLimitBps);
        }
        boolean increasing = bestBandwidthBps > bandwidthBps
                || (bestBandwidthBps == bandwidthBps && state == State.INCREASING);
        if (increasing && DataRate.known(acknowledgedBps) && !applicationLimited()) {
            boolean nearHold = holdBps != DataRate.UNLIMITED
                    && acknowledgedBps < DataRate.scale(holdBps, HOLD_THRESHOLD);
            long limit = DataRate.scale(acknowledgedBps, nearHold ? RAMP_UP_IN_HOLD : RAMP_UP);
            bestBandwidthBps = Math.max(bandwidthBps, Math.min(bestBandwidthBps, limit));
            if (state == State.DECREASING && bestBandwidthBps == bandwidthBps) {
                // The smallest step there is, so that it counts as rising and probes may do the rest.
                bestBandwidthBps++;
            }
        }
    }

    private void bound() {
        long nowNanos = observations.lastSentNanos();
        long lowerBps = Math.max(acknowledgedBps, minBps);
        long boundedBps = Math.max(
                lowerBps, Math.min(bestBandwidthBps, Math.min(instantUpperBoundBps(), delayBasedBps)));
        if (boundedBps < bestBandwidthBps) {
            bandwidthBps = boundedBps;
            inherentLoss = 0;
        } else {
            bandwidthBps = Math.max(bestBandwidthBps, lowerBps);
            inherentLoss = bestInherentLoss;
        }
        boolean lossLimited = boundedBps < delayBasedBps && boundedBps < maxBps;
        if (state == State.DECREASING && holdUntilNanos > nowNanos && boundedBps < delayBasedBps) {
            holdBps = Math.max(lowerBps, holdBps);
            estimateBps = Math.min(holdBps, boundedBps);
            return;
        }
        // The same as before, of a delay-based estimate that has risen: this one follows, nothing speaks against it.
        boolean rising = boundedBps > estimateBps || (boundedBps == estimateBps && state != State.DECREASING);
        if (lossLimited && rising) {
            state = State.INCREASING;
        } else if (lossLimited) {
            if (state != State.DECREASING) {
                hold(boundedBps, nowNanos);
            }
            state = State.DECREASING;
        } else {
            holdBps = DataRate.UNLIMITED;
            state = State.DELAY_BASED;
        }
        estimateBps = boundedBps;
        if (state != State.DELAY_BASED && increaseWindowNanos + INCREASE_WINDOW_NANOS < nowNanos) {
            increaseLimitBps = Math.max(minBps, DataRate.scale(bandwidthBps, MAX_INCREASE));
            increaseWindowNanos = nowNanos;
        }
    }

    private void hold(long bps, long nowNanos) {
        if (nowNanos - holdUntilNanos > Math.max(FORGOTTEN_NANOS, holdNanos)) {
            holdNanos = INITIAL_HOLD_NANOS;
        }
        holdUntilNanos = nowNanos + holdNanos;
        holdNanos = Math.min(MAX_HOLD_NANOS, HOLD_FACTOR * holdNanos);
        holdBps = bps;
    }

    private void forgetHold() {
        holdUntilNanos = NEVER;
        holdNanos = INITIAL_HOLD_NANOS;
        holdBps = DataRate.UNLIMITED;
    }

    // However it is explained: with so much lost, less must do.
    private long instantUpperBoundBps() {
        double excess = observations.averageLoss() - LOSS_OFFSET;
        return excess > 0 ? Math.min(maxBps, (long) (UPPER_BOUND_BALANCE_BPS / excess)) : maxBps;
    }

    /**
     * A probe got through at a rate. While application-limited nothing else shows that the losses are over, and the
     * throughput would hold the estimate down.
     */
    void onProbe(long bps) {
        if (state == State.INCREASING && bps > bandwidthBps) {
            bandwidthBps = Math.min(bps, instantUpperBoundBps());
            estimateBps = Math.max(estimateBps, Math.min(bandwidthBps, delayBasedBps));
            increaseLimitBps = Math.max(increaseLimitBps, bandwidthBps);
        }
    }

    /** Nothing but audio has been sent for a while: what was lost before says nothing of what is sent next. */
    void onPause() {
        paused |= observations.count() >= MIN_OBSERVATIONS;
        observations.reset();
        holdUntilNanos = NEVER;
        if (state == State.DECREASING) {
            state = State.INCREASING;
        }
    }

    /** Whether there are enough observations for {@link #estimateBps()}, or were when losses lowered it. */
    boolean ready() {
        return DataRate.known(bandwidthBps)
                && (observations.count() >= MIN_OBSERVATIONS || (paused && state != State.DELAY_BASED));
    }

    /** Not above the delay-based estimate; the same as that while losses do not speak against it. */
    long estimateBps() {
        return state == State.DELAY_BASED ? Math.min(delayBasedBps, maxBps) : estimateBps;
    }

    State state() {
        return state;
    }

    /** Share of the bytes lost lately. */
    double averageLoss() {
        return observations.averageLoss();
    }

    /** The share of it that is the path's own. */
    double inherentLoss() {
        return inherentLoss;
    }

    /** Another path. */
    void reset() {
        observations.reset();
        paused = false;
        acknowledgedBps = DataRate.UNKNOWN;
        bandwidthBps = DataRate.UNKNOWN;
        inherentLoss = INITIAL_INHERENT_LOSS;
        state = State.DELAY_BASED;
        increaseLimitBps = DataRate.UNLIMITED;
        increaseWindowNanos = NEVER;
        forgetHold();
    }
}
