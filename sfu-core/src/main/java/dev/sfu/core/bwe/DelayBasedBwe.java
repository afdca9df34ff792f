package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/** The estimate that follows the delay: the primary one, because queues grow before packets are lost. */
final class DelayBasedBwe {
    /** After such a pause what was measured says nothing any more. */
    static final long STREAM_TIMEOUT_NANOS = 2 * Deadlines.SECOND;

    private final InterArrivalDelta interArrivalDelta = new InterArrivalDelta();
    private final TrendlineEstimator trendline = new TrendlineEstimator();
    private final StandingQueueDetector standingQueue = new StandingQueueDetector();
    private final AimdRateControl rateControl;
    private boolean started;
    private long lastFeedbackNanos;
    private boolean updated;
    private boolean probed;
    private boolean recoveredFromOveruse;

    DelayBasedBwe(long startBps, long minBps, long maxBps) {
        rateControl = new AimdRateControl(startBps, minBps, maxBps);
    }

    /**
     * Takes a feedback.
     *
     * @param acknowledgedBps throughput, or {@link DataRate#UNKNOWN}
     * @param probeBps result of a probe that this feedback completed, or {@link DataRate#UNKNOWN}
     */
    void onFeedback(TransportPacketsFeedback feedback, long acknowledgedBps, long probeBps, boolean inAlr) {
        updated = false;
        probed = false;
        recoveredFromOveruse = false;
        if (feedback.size() == 0) {
            return;
        }
        long nowNanos = feedback.feedbackNanos();
        if (!started || nowNanos - lastFeedbackNanos > STREAM_TIMEOUT_NANOS) {
            started = true;
            interArrivalDelta.reset();
            trendline.reset();
            standingQueue.reset();
        }
        lastFeedbackNanos = nowNanos;
        for (int i = 0; i < feedback.size(); i++) {
            BandwidthUsage before = trendline.state();
            standingQueue.onPacket(feedback.sentNanos(i), feedback.arrivalNanos(i));
            if (interArrivalDelta.onPacket(feedback.sentNanos(i), feedback.arrivalNanos(i), nowNanos)) {
                trendline.onDelta(
                        interArrivalDelta.arrivalDeltaNanos(),
                        interArrivalDelta.sendDeltaNanos(),
                        feedback.arrivalNanos(i));
            }
            recoveredFromOveruse |=
                    before == BandwidthUsage.UNDERUSING && trendline.state() == BandwidthUsage.NORMAL;
        }
        standingQueue.onFeedback(nowNanos);
        rateControl.setInAlr(inAlr);
        if (!inAlr && DataRate.known(acknowledgedBps) && standingQueue.takeReaction(nowNanos)) {
            rateControl.update(BandwidthUsage.OVERUSING, acknowledgedBps, nowNanos);
            updated = true;
        } else {
            update(acknowledgedBps, probeBps, nowNanos);
        }
    }

    private void update(long acknowledgedBps, long probeBps, long nowNanos) {
        if (trendline.state() != BandwidthUsage.OVERUSING) {
            if (DataRate.known(probeBps)) {
                rateControl.setRate(probeBps, nowNanos);
                probed = true;
            } else {
                rateControl.update(trendline.state(), acknowledgedBps, nowNanos);
            }
            updated = true;
        } else if (DataRate.known(acknowledgedBps)) {
            if (rateControl.timeToReduceFurther(nowNanos, acknowledgedBps)) {
                rateControl.update(BandwidthUsage.OVERUSING, acknowledgedBps, nowNanos);
                updated = true;
            }
        } else if (rateControl.initialTimeToReduceFurther(nowNanos)) {
            // Too full before anything is known of the throughput.
            rateControl.setRate(rateControl.rateBps() / 2, nowNanos);
            updated = true;
        }
    }

    /** Whether the last feedback led to an estimate. */
    boolean updated() {
        return updated;
    }

    /** Whether that estimate is the result of a probe. */
    boolean probed() {
        return probed;
    }

    /** Whether the queues have just been emptied. */
    boolean recoveredFromOveruse() {
        return recoveredFromOveruse;
    }

    long estimateBps() {
        return rateControl.rateBps();
    }

    BandwidthUsage usage() {
        return standingQueue.standing() ? BandwidthUsage.OVERUSING : trendline.state();
    }

    void setRttNanos(long nanos) {
        rateControl.setRttNanos(nanos);
    }

    void setMinMax(long minBps, long maxBps) {
        rateControl.setMinMax(minBps, maxBps);
    }

    /** The path carries something else from now on. */
    void reset(long startBps) {
        started = false;
        rateControl.reset(startBps);
    }
}
