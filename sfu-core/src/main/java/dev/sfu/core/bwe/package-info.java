/**
 * Congestion control: what a path carries.
 *
 * <p>Receiving side: {@link dev.sfu.core.bwe.TransportFeedbackGenerator} tells a sender when its packets arrived
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 *
 * <p>Sending side: start at {@link dev.sfu.core.bwe.GoogCcNetworkController}, one per subscriber. It is Google's
 * congestion control (draft-ietf-rmcat-gcc-02 and what became of it), with the names by which it is known: a
 * {@code SentPacketHistory} joined with feedback by a {@code TransportFeedbackAdapter}; {@code DelayBasedBwe} from
 * {@code InterArrivalDelta}, {@code TrendlineEstimator} and {@code AimdRateControl}; {@code LossBasedBweV2}; probes
 * decided by {@code ProbeController} and measured by {@code ProbeBitrateEstimator}; all made into one target by
 * {@code SendSideBandwidthEstimation}. What differs, because a forwarder makes no rate of its own ({@code BottleneckRate}, {@code
 * DelayJitter}, {@code StandingQueueDetector}, probes with a goal), is told in {@code docs/bandwidth.md}. Sending the probes and
 * smoothing is the business of {@code pacing}.
 *
 * <p>Layer 2: state machines without clock, thread or I/O. Thread: the owner's.
 */
@NullMarked
package dev.sfu.core.bwe;

import org.jspecify.annotations.NullMarked;
