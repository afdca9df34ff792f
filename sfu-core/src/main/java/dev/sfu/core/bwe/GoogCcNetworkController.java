package dev.sfu.core.bwe;

import dev.sfu.core.rtcp.CongestionControlFeedback;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * Estimates what one subscriber's path carries, from the feedback on the packets sent to it.
 *
 * <p>Delay, losses, probes, REMB and the round trip each have their class; this ties them together. It differs from a
 * sender with an encoder in what an SFU is: it sends what the publishers send and no more, so being limited by the
 * application is the normal state. Then the estimate neither decays nor grows on its own, and whether the next layer up
 * fits is found out by probing for it ({@link #setNextLayerBps}). While nothing but audio is sent the estimate is
 * frozen.
 *
 * <p>On purpose other than in libwebrtc, whose encoder sends what the estimate allows and so finds out soon that a result was
 * wrong: a probe that shows less than is thought counts only the third time in a row, because jitter stretches probes; and what
 * is queued leaves at 1.5 instead of 2.5 times the target, at no more than the target while the path has a queue, because frames of
 * several publishers come in bursts that nobody here can make smaller.
 *
 * <p>After every input ask {@link #pollProbeCluster()} and {@link #nextDeadlineNanos()}. Allocates nothing per packet
 * or feedback once its arrays have grown.
 */
public final class GoogCcNetworkController {
    /** In {@link #onPacketReport}: the packet has not arrived. */
    public static final long NOT_ARRIVED = TransportFeedbackAdapter.NOT_ARRIVED;

    /** What is queued leaves so much faster than the target, */
    public static final double PACING_FACTOR = 1.5;
    /** but while the path has a queue, and a little longer, no faster than that. */
    static final double CONGESTED_PACING_FACTOR = 1.0;
    static final long CONGESTED_PACING_NANOS = 300 * Deadlines.MILLISECOND;

    /** So many probes in a row that show less than is thought are believed, */
    static final int MAX_DISAPPOINTMENTS = 3;
    /** unless so much time lies between: what the path was like before is nothing that a later one could confirm. */
    static final long DISAPPOINTMENT_NANOS = 3 * ProbeController.MAX_GOAL_RETRY_NANOS;

    /** Nothing but audio for so long freezes the estimate. */
    public static final long AUDIO_ONLY_NANOS = Deadlines.SECOND;

    /** A probe does not take the estimate further below the throughput than an overuse would. */
    private static final double PROBE_DROP_FRACTION = 0.85;

    private final BandwidthConfig config;
    private final SentPacketHistory history = new SentPacketHistory();
    private final StreamSequences streams = new StreamSequences();
    private final TransportFeedbackAdapter adapter = new TransportFeedbackAdapter(history, streams);
    private final AcknowledgedBitrateEstimator acknowledged = new AcknowledgedBitrateEstimator();
    private final ProbeBitrateEstimator probeEstimator = new ProbeBitrateEstimator();
    private final ProbeController probeController;
    private final AlrDetector alrDetector;
    private final DelayBasedBwe delayBased;
    private final SendSideBandwidthEstimation estimation;
    private final CongestionWindow congestionWindow = new CongestionWindow();

    private boolean available;
    private boolean videoSent;
    private long lastVideoSentNanos;
    private boolean frozen;
    private boolean roundTripKnown;
    private long feedbackRoundTripNanos;
    private int disappointments;
    private long disappointingBps;
    private int disappointingCluster;
    private long disappointedNanos;
    private double pacingFactor = PACING_FACTOR;
    private long overusedNanos = Long.MIN_VALUE / 2;

    /** Nothing sent yet. */
    public GoogCcNetworkController(BandwidthConfig config) {
        this.config = config;
        this.probeController = new ProbeController(config.startBps(), config.maxBps());
        this.alrDetector = new AlrDetector(config.startBps());
        this.delayBased = new DelayBasedBwe(config.startBps(), config.minBps(), config.maxBps());
        this.estimation = new SendSideBandwidthEstimation(config.startBps(), config.minBps(), config.maxBps());
    }

    /**
     * Packets can be sent from now on. The first of video brings the first probes: before it there is nothing to pad
     * with.
     */
    public void onNetworkAvailable(long nowNanos) {
        available = true;
        if (config.probing() && videoSent) {
            probeController.onNetworkAvailable(nowNanos);
        }
    }

    /** The packets take another path from now on, of which nothing is known but what went over the former. */
    public void onNetworkRouteChange(long nowNanos) {
        long startBps = Math.clamp(estimation.targetBps(), config.minBps(), config.startBps());
        history.reset();
        adapter.reset();
        acknowledged.reset();
        probeEstimator.reset();
        delayBased.reset(startBps);
        disappointments = 0;
        pacingFactor = PACING_FACTOR;
        overusedNanos = Long.MIN_VALUE / 2;
        estimation.reset(startBps);
        congestionWindow.reset();
        alrDetector.setEstimate(startBps);
        probeController.reset(startBps);
        onNetworkAvailable(nowNanos);
    }

    /**
     * A packet leaves.
     *
     * @param transportSequence unwrapped transport-wide sequence number, rising
     * @param bytes on the wire
     * @param audio audio, as opposed to video, retransmissions and padding
     * @param probeCluster {@link ProbeCluster#id()} of the probe it belongs to, or {@link ProbeCluster#NONE}
     */
    public void onPacketSent(long transportSequence, int bytes, boolean audio, int probeCluster, long nowNanos) {
        if (!history.add(transportSequence, bytes, audio, probeCluster, nowNanos)) {
            return;
        }
        alrDetector.onSent(bytes, nowNanos);
        estimation.onSent(nowNanos);
        if (!audio) {
            if (!videoSent && available && config.probing()) {
                probeController.onNetworkAvailable(nowNanos);
            }
            videoSent = true;
            lastVideoSentNanos = nowNanos;
        }
        if (estimation.roundTripAboveLimit()) {
            estimation.update(nowNanos);
            onEstimate(nowNanos);
        }
    }

    /**
     * Under which RTP sequence number the receiver knows a packet; needed only when it reports by stream (RFC 8888).
     *
     * @param transportSequence as in {@link #onPacketSent}
     */
    public void onStreamPacketSent(int ssrc, int rtpSequence, long transportSequence) {
        streams.put(ssrc, rtpSequence, transportSequence);
    }

    /** Transport-wide feedback came. */
    public void onTransportFeedback(TransportFeedback feedback, long nowNanos) {
        onFeedback(adapter.onTransportFeedback(feedback, nowNanos));
    }

    /** Congestion control feedback of RFC 8888 came. */
    public void onCongestionControlFeedback(CongestionControlFeedback feedback, long nowNanos) {
        onFeedback(adapter.onCongestionControlFeedback(feedback, nowNanos));
    }

    /** Feedback of another format starts; then {@link #onPacketReport} for each packet and {@link #endFeedback()}. */
    public void beginFeedback(long nowNanos) {
        adapter.begin(nowNanos);
    }

    /**
     * What a feedback says of a packet.
     *
     * @param arrivalNanos by any clock of the receiver, or {@link #NOT_ARRIVED}
     */
    public void onPacketReport(long transportSequence, long arrivalNanos) {
        adapter.onPacket(transportSequence, arrivalNanos);
    }

    /** The feedback is complete. */
    public void endFeedback() {
        onFeedback(adapter.end());
    }

    private void onFeedback(TransportPacketsFeedback feedback) {
        if (feedback.empty()) {
            return;
        }
        long nowNanos = feedback.feedbackNanos();
        measureRoundTrip(feedback);
        alrDetector.elapse(nowNanos);
        updateFrozen(feedback.lastSentNanos());
        if (frozen) {
            // What made a queue was not sound. At the pace of that time sound alone could keep video from ever leaving again.
            pacingFactor = PACING_FACTOR;
            return;
        }
        boolean inAlr = alrDetector.inAlr();
        acknowledged.onFeedback(feedback);
        probeEstimator.onFeedback(feedback);
        long acknowledgedBps = acknowledged.bitrateBps();
        delayBased.onFeedback(feedback, acknowledgedBps, probeResultBps(acknowledgedBps, nowNanos), inAlr);
        if (delayBased.usage() == BandwidthUsage.OVERUSING) {
            overusedNanos = nowNanos;
        }
        pacingFactor =
                nowNanos - overusedNanos < CONGESTED_PACING_NANOS ? CONGESTED_PACING_FACTOR : PACING_FACTOR;
        estimation.onFeedback(
                feedback,
                acknowledgedBps,
                delayBased.estimateBps(),
                delayBased.usage() == BandwidthUsage.OVERUSING,
                delayBased.probed(),
                probeEstimator.resultBps(),
                inAlr);
        probeController.setJitter(delayBased.jitterNanos());
        onEstimate(nowNanos);
        if (delayBased.recoveredFromOveruse() && config.probing()) {
            probeController.onRecovered(nowNanos);
        }
    }

    // A small share of a path's capacity says nothing about the rest of it, and audio is not what fills one.
    private void updateFrozen(long newestSentNanos) {
        boolean wasFrozen = frozen;
        frozen = !videoSent || newestSentNanos - lastVideoSentNanos > AUDIO_ONLY_NANOS;
        probeController.setFrozen(frozen);
        if (wasFrozen && !frozen) {
            estimation.lossBased().onPause();
        }
    }

    private long probeResultBps(long acknowledgedBps, long nowNanos) {
        long result = probeEstimator.resultBps();
        if (!DataRate.known(result)) {
            return result;
        }
        if (result >= delayBased.estimateBps()) {
            disappointments = 0;
        } else if (!probeEstimator.saturated()) {
            // All of it got through, it was just not sent as fast as was meant: nothing against the estimate.
            return DataRate.UNKNOWN;
        } else {
            result = disappointing(result, nowNanos);
            if (disappointments < MAX_DISAPPOINTMENTS) {
                return DataRate.UNKNOWN;
            }
            disappointments = 0;
        }
        if (!DataRate.known(acknowledgedBps)) {
            return result;
        }
        long floor = Math.min(delayBased.estimateBps(), DataRate.scale(acknowledgedBps, PROBE_DROP_FRACTION));
        return Math.max(result, floor);
    }

    // Jitter stretches a probe, too. A path that carries less says so again and again, or by its delay.
    private long disappointing(long result, long nowNanos) {
        if (nowNanos - disappointedNanos > DISAPPOINTMENT_NANOS) {
            disappointments = 0;
        }
        disappointedNanos = nowNanos;
        if (disappointments == 0) {
            disappointingBps = 0;
        }
        if (disappointments == 0 || disappointingCluster != probeEstimator.lastMeasured()) {
            disappointments++;
        }
        disappointingCluster = probeEstimator.lastMeasured();
        disappointingBps = Math.max(disappointingBps, result);
        return disappointingBps;
    }

    private void measureRoundTrip(TransportPacketsFeedback feedback) {
        int size = feedback.size();
        if (size == 0) {
            return;
        }
        long nowNanos = feedback.feedbackNanos();
        long lastArrival = feedback.arrivalNanos(size - 1);
        long longest = 0;
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            long roundTrip = nowNanos - feedback.sentNanos(i);
            longest = Math.max(longest, roundTrip);
            // Less what the packet waited at the receiver for the last one of the feedback.
            shortest = Math.min(shortest, roundTrip - (lastArrival - feedback.arrivalNanos(i)));
        }
        feedbackRoundTripNanos = Math.max(0, shortest);
        estimation.onPropagationRoundTrip(feedbackRoundTripNanos, nowNanos);
        congestionWindow.onFeedback(longest, estimation.targetBps());
        if (!roundTripKnown) {
            delayBased.setRttNanos(feedbackRoundTripNanos);
            estimation.onRoundTrip(feedbackRoundTripNanos);
        }
    }

    private void onEstimate(long nowNanos) {
        long targetBps = estimation.targetBps();
        alrDetector.setEstimate(targetBps);
        probeController.setAlr(
                alrDetector.inAlr(),
                alrDetector.startNanos(),
                alrDetector.endedWithin(ProbeController.ALR_ENDED_TIMEOUT_NANOS, nowNanos));
        if (config.probing()) {
            probeController.onEstimate(targetBps, limitedCause(), nowNanos);
        }
    }

    private BandwidthLimitedCause limitedCause() {
        if (delayBased.usage() != BandwidthUsage.NORMAL) {
            return BandwidthLimitedCause.DELAY_INCREASED;
        }
        if (estimation.roundTripAboveLimit()) {
            return BandwidthLimitedCause.HIGH_ROUND_TRIP_TIME;
        }
        return switch (estimation.lossBased().state()) {
            case DECREASING -> BandwidthLimitedCause.LOSS_LIMITED;
            case INCREASING -> BandwidthLimitedCause.LOSS_LIMITED_INCREASING;
            case DELAY_BASED -> BandwidthLimitedCause.DELAY_BASED_LIMITED;
        };
    }

    /** A report block about any of the streams came. */
    public void onReceiverReport(ReportBlock block, long nowNanos) {
        alrDetector.elapse(nowNanos);
        estimation.onReceiverReport(block, reportIncreaseLimitBps(nowNanos), nowNanos);
        onEstimate(nowNanos);
    }

    // Without feedback on single packets nothing can be probed: the target is let up to what is wanted, whatever is
    // sent.
    private long reportIncreaseLimitBps(long nowNanos) {
        if (!videoSent || nowNanos - lastVideoSentNanos > AUDIO_ONLY_NANOS) {
            return estimation.targetBps();
        }
        long goalBps = DataRate.scale(probeController.goalBps(), ProbeController.GOAL_SCALE);
        if (goalBps > 0) {
            return Math.max(estimation.targetBps(), goalBps);
        }
        return alrDetector.inAlr() ? estimation.targetBps() : DataRate.UNLIMITED;
    }

    /** The receiver's own estimate came (draft-alvestrand-rmcat-remb-03). */
    public void onRemb(long bitrateBps, long nowNanos) {
        estimation.onRemb(bitrateBps, nowNanos);
        onEstimate(nowNanos);
    }

    /** The round trip as RTCP measures it. */
    public void onRoundTripTime(long nanos) {
        roundTripKnown = true;
        delayBased.setRttNanos(nanos);
        estimation.onRoundTrip(nanos);
    }

    /**
     * What the next step up would need in total, everything that is sent now included: the goal of probing. What is
     * sent now if nothing more is wanted; 0, as before the first call, if it is not known.
     */
    public void setNextLayerBps(long bps, long nowNanos) {
        if (probeController.setGoal(bps, nowNanos)) {
            alrDetector.elapse(nowNanos);
            onDeadline(nowNanos);
        }
    }

    /** When {@link #onDeadline} has something to do. */
    public long nextDeadlineNanos() {
        long probe = config.probing() ? probeController.nextDeadlineNanos() : Deadlines.NEVER;
        return Deadlines.earlier(probe, estimation.nextDeadlineNanos());
    }

    /** Time has come for something. */
    public void onDeadline(long nowNanos) {
        alrDetector.elapse(nowNanos);
        if (Deadlines.due(estimation.nextDeadlineNanos(), nowNanos)) {
            estimation.update(nowNanos);
        }
        onEstimate(nowNanos);
        if (config.probing()) {
            probeController.onDeadline(nowNanos);
        }
    }

    /** Takes a probe that the pacer is to send; null if there is none. */
    public @Nullable ProbeCluster pollProbeCluster() {
        ProbeCluster cluster = probeController.poll();
        if (cluster != null) {
            probeEstimator.onCluster(cluster);
        }
        return cluster;
    }

    /** What may be sent, bits per second. */
    public long targetBps() {
        return estimation.targetBps();
    }

    /** How fast what is queued may leave. */
    public long pacingBps() {
        return DataRate.scale(estimation.targetBps(), pacingFactor);
    }

    /** Sent and not reported on. */
    public long inFlightBytes() {
        return history.inFlightBytes();
    }

    /** Whether so much is in flight that no more should follow until some of it is reported on. */
    public boolean congested() {
        return history.inFlightBytes() > congestionWindow.bytes();
    }

    /** The estimate and what it comes from. */
    public BandwidthEstimate estimate() {
        LossBasedBweV2 lossBased = estimation.lossBased();
        long window = congestionWindow.bytes();
        return new BandwidthEstimate(
                estimation.targetBps(),
                estimation.limitedBy(alrDetector.inAlr()),
                acknowledged.bitrateBps(),
                delayBased.estimateBps(),
                lossBased.ready() ? lossBased.estimateBps() : DataRate.UNKNOWN,
                estimation.rembBps(),
                probeController.goalBps(),
                delayBased.usage(),
                alrDetector.inAlr(),
                frozen,
                estimation.lossRatio(),
                lossBased.inherentLoss(),
                feedbackRoundTripNanos,
                history.inFlightBytes(),
                window == DataRate.UNLIMITED ? DataRate.UNKNOWN : window,
                probeController.initiated(),
                probeEstimator.succeeded(),
                adapter.unknown());
    }
}
