package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * The estimate that follows the delay: the primary one, because queues grow before packets are lost.
 *
 * <p>Three things are other than in libwebrtc, all because an SFU mostly sends less than the path carries, and that in bursts. An
 * overuse lowers the estimate to 85 % of the {@link BottleneckRate}, not of the mean throughput, and not below 85 % of what a probe
 * has shown just before. A trend without a queue is taken for jitter. A queue that stands, which has no trend, counts as well.
 */
final class DelayBasedBwe {
    /** After such a pause what was measured says nothing any more. */
    static final long STREAM_TIMEOUT_NANOS = 2 * Deadlines.SECOND;

    /** So long the queue that a probe makes may be there. */
    static final long PROBE_QUEUE_NANOS = 300 * Deadlines.MILLISECOND;

    private final InterArrivalDelta interArrivalDelta = new InterArrivalDelta();
    private final TrendlineEstimator trendline = new TrendlineEstimator();
    private final StandingQueueDetector standingQueue = new StandingQueueDetector();
    private final BottleneckRate bottleneck = new BottleneckRate();
    private final DelayJitter jitter = new DelayJitter();
    private final AimdRateControl rateControl;
    private boolean started;
    private long lastFeedbackNanos;
    private boolean updated;
    private boolean probed;
    private boolean recoveredFromOveruse;
    private BandwidthUsage usage = BandwidthUsage.NORMAL;
    private long probedBps = DataRate.UNKNOWN;
    private long probedNanos;

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
            bottleneck.reset();
        }
        lastFeedbackNanos = nowNanos;
        boolean queued = false;
        for (int i = 0; i < feedback.size(); i++) {
            BandwidthUsage before = trendline.state();
            standingQueue.onPacket(feedback.sentNanos(i), feedback.arrivalNanos(i));
            jitter.onPacket(
                    feedback.sentNanos(i), feedback.arrivalNanos(i), feedback.bytes(i), rateControl.rateBps());
            bottleneck.onPacket(feedback.sentNanos(i), feedback.arrivalNanos(i), feedback.bytes(i));
            if (interArrivalDelta.onPacket(feedback.sentNanos(i), feedback.arrivalNanos(i), nowNanos)) {
                trendline.onDelta(
                        interArrivalDelta.arrivalDeltaNanos(),
                        interArrivalDelta.sendDeltaNanos(),
                        feedback.arrivalNanos(i));
            }
            queued |= trendline.state() == BandwidthUsage.OVERUSING && bottleneck.queued();
            recoveredFromOveruse |=
                    before == BandwidthUsage.UNDERUSING && trendline.state() == BandwidthUsage.NORMAL;
        }
        // Jitter can look like a trend. What sends as much as the path carries finds that out anyway; an SFU sends less most of
        // the time, and would lower its estimate to that.
        usage = trendline.state() == BandwidthUsage.OVERUSING && !queued ? BandwidthUsage.NORMAL : trendline.state();
        standingQueue.onFeedback(nowNanos);
        rateControl.setInAlr(inAlr);
        if (DataRate.known(probeBps)) {
            probedBps = probeBps;
            probedNanos = nowNanos;
        }
        long throughputBps = throughputBps(acknowledgedBps, nowNanos);
        if (DataRate.known(throughputBps) && standingQueue.takeReaction(nowNanos)) {
            rateControl.update(BandwidthUsage.OVERUSING, throughputBps, nowNanos);
            updated = true;
        } else {
            update(acknowledgedBps, throughputBps, probeBps, nowNanos);
        }
    }

    /** What gets through when queues fill up; a probe that fills one has measured it. */
    private long throughputBps(long acknowledgedBps, long nowNanos) {
        if (!DataRate.known(acknowledgedBps)) {
            return acknowledgedBps;
        }
        long queueBps = bottleneck.rateBps();
        long measuredBps = DataRate.known(queueBps) ? queueBps : acknowledgedBps;
        return nowNanos - probedNanos < PROBE_QUEUE_NANOS ? Math.max(measuredBps, probedBps) : measuredBps;
    }

    private void update(long acknowledgedBps, long throughputBps, long probeBps, long nowNanos) {
        if (usage != BandwidthUsage.OVERUSING) {
            if (DataRate.known(probeBps)) {
                rateControl.setRate(probeBps, nowNanos);
                probed = true;
            } else {
                rateControl.update(usage, acknowledgedBps, nowNanos);
            }
            updated = true;
        } else if (DataRate.known(throughputBps)) {
            if (rateControl.timeToReduceFurther(nowNanos, throughputBps)) {
                rateControl.update(BandwidthUsage.OVERUSING, throughputBps, nowNanos);
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

    /** By how much the delay varies although nothing waits. */
    long jitterNanos() {
        return jitter.nanos();
    }

    BandwidthUsage usage() {
        return standingQueue.standing() ? BandwidthUsage.OVERUSING : usage;
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
        jitter.reset();
        probedBps = DataRate.UNKNOWN;
        usage = BandwidthUsage.NORMAL;
        rateControl.reset(startBps);
    }
}
