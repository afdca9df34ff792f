package dev.sfu.core.peerconnection;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.bwe.BandwidthConfig;
import dev.sfu.core.bwe.BandwidthEstimate;
import dev.sfu.core.bwe.GoogCcNetworkController;
import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.rtcp.CongestionControlFeedback;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.sdp.RtpCodec;
import dev.sfu.core.time.Deadlines;
import java.net.Inet6Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one connection's path carries: feeds the estimator with what leaves and what comes back, and tells the listener.
 *
 * <p>The estimator comes with the first packet of video, so that those who receive nothing, or only sound, are cheap.
 */
final class SendBandwidth {
    /** What a receiver says of what it gets. The later ones say more. */
    enum Feedback {
        /** Nothing but receiver reports. */
        REPORTS,
        /** Its own estimate (draft-alvestrand-rmcat-remb-03). */
        REMB,
        /** Each packet's arrival, by stream (RFC 8888). */
        CONGESTION_CONTROL,
        /** Each packet's arrival, by transport-wide sequence number. */
        TRANSPORT_WIDE;

        boolean ofPackets() {
            return this == CONGESTION_CONTROL || this == TRANSPORT_WIDE;
        }
    }

    /** A smaller change of the target is not worth a word. */
    private static final double NOTEWORTHY = 0.03;
    private static final long TELL_NANOS = Deadlines.SECOND;

    private static final int UDP_BYTES = 8;
    private static final int TCP_BYTES = 20 + 2;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;

    private final EngineConfig.Bandwidth bounds;
    private Feedback feedback = Feedback.REPORTS;
    private @Nullable GoogCcNetworkController controller;
    private @Nullable BandwidthListener listener;
    private @Nullable RateMeter audioRate;
    private @Nullable RateMeter repairRate;
    private @Nullable NetworkPath path;
    private int overheadBytes = IPV4_BYTES + UDP_BYTES;
    private long nextSequence;
    private long nextLayerBps;
    private long toldBps;
    private long toldNanos;

    SendBandwidth(EngineConfig.Bandwidth bounds) {
        this.bounds = bounds;
    }

    void setListener(@Nullable BandwidthListener newListener) {
        listener = newListener;
    }

    /** Takes over what was negotiated. */
    void negotiated(List<RtpTransceiver> transceivers) {
        Feedback best = Feedback.REPORTS;
        for (RtpTransceiver transceiver : transceivers) {
            Feedback offered = feedbackOf(transceiver);
            if (offered.compareTo(best) > 0) {
                best = offered;
            }
        }
        if (best.ofPackets() != feedback.ofPackets()) {
            controller = null;
        }
        feedback = best;
    }

    /** What was negotiated. */
    Feedback feedback() {
        return feedback;
    }

    private static Feedback feedbackOf(RtpTransceiver transceiver) {
        PayloadTypeMap types = transceiver.sender().payloadTypes();
        if (!transceiver.sends() || transceiver.kind() != MediaKind.VIDEO) {
            return Feedback.REPORTS;
        }
        if (transceiver.sender().extensions().contains(HeaderExtension.TRANSPORT_SEQUENCE)
                && types.anyFeedback("transport-cc")) {
            return Feedback.TRANSPORT_WIDE;
        }
        if (types.anyFeedback(RtpCodec.CONGESTION_CONTROL_FEEDBACK)) {
            return Feedback.CONGESTION_CONTROL;
        }
        return types.anyFeedback("goog-remb") ? Feedback.REMB : Feedback.REPORTS;
    }

    /** Packets take this path from now on. */
    void setPath(@Nullable NetworkPath newPath, long nowNanos) {
        if (newPath == null) {
            return;
        }
        NetworkPath former = path;
        path = newPath;
        overheadBytes = (newPath.remote().getAddress() instanceof Inet6Address ? IPV6_BYTES : IPV4_BYTES)
                + (newPath.transport() == Transport.UDP ? UDP_BYTES : TCP_BYTES);
        GoogCcNetworkController present = controller;
        // Another port of the same peer is most often a NAT that forgot, not another network.
        if (present != null
                && former != null
                && !newPath.remote().getAddress().equals(former.remote().getAddress())) {
            present.onNetworkRouteChange(nowNanos);
            tell(present, nowNanos);
        }
    }

    /** The transport-wide sequence number of the packet that leaves next; 16 bits of it go into the header. */
    long nextSequence() {
        return nextSequence;
    }

    /**
     * An RTP packet has left.
     *
     * @param bytes of the datagram
     * @param numbered whether its header has {@link #nextSequence}
     * @param probeCluster what probe it belongs to, or {@link ProbeCluster#NONE}
     */
    void onSent(
            int ssrc, long rtpSequence, int bytes, MediaKind kind, boolean numbered, int probeCluster, long nowNanos) {
        int wireBytes = bytes + overheadBytes;
        boolean audio = kind == MediaKind.AUDIO;
        if (audio) {
            audioRate = add(audioRate, wireBytes, nowNanos);
        }
        if (!numbered && feedback == Feedback.TRANSPORT_WIDE) {
            return;
        }
        long sequence = nextSequence++;
        GoogCcNetworkController present = controller;
        if (present == null) {
            if (audio) {
                return;
            }
            present = start(nowNanos);
        }
        present.onPacketSent(sequence, wireBytes, audio, probeCluster, nowNanos);
        if (feedback == Feedback.CONGESTION_CONTROL) {
            present.onStreamPacketSent(ssrc, (int) rtpSequence, sequence);
        }
    }

    /** What left was a retransmission. */
    void onRepairSent(int bytes, long nowNanos) {
        repairRate = add(repairRate, bytes + overheadBytes, nowNanos);
    }

    private static RateMeter add(@Nullable RateMeter meter, int bytes, long nowNanos) {
        RateMeter present = meter == null ? new RateMeter() : meter;
        present.add(bytes, nowNanos);
        return present;
    }

    private GoogCcNetworkController start(long nowNanos) {
        GoogCcNetworkController started = new GoogCcNetworkController(BandwidthConfig.of(bounds, false));
        controller = started;
        started.onNetworkAvailable(nowNanos);
        started.setNextLayerBps(nextLayerBps, nowNanos);
        return started;
    }

    // ---- what comes back --------------------------------------------------------------------------------------------

    void onTransportFeedback(TransportFeedback report, long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onTransportFeedback(report, nowNanos);
            tell(present, nowNanos);
        }
    }

    void onCongestionControlFeedback(CongestionControlFeedback report, long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onCongestionControlFeedback(report, nowNanos);
            tell(present, nowNanos);
        }
    }

    void onRemb(long bitrateBps, long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onRemb(bitrateBps, nowNanos);
            tell(present, nowNanos);
        }
    }

    void onReportBlock(ReportBlock block, long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onReceiverReport(block, nowNanos);
            tell(present, nowNanos);
        }
    }

    void onRoundTripTime(long nanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onRoundTripTime(nanos);
        }
    }

    // ---- time -------------------------------------------------------------------------------------------------------

    long nextDeadlineNanos() {
        GoogCcNetworkController present = controller;
        return present == null ? Deadlines.NEVER : present.nextDeadlineNanos();
    }

    /** Does what is due; also called every second, with the reports. */
    void onDeadline(long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            if (Deadlines.due(present.nextDeadlineNanos(), nowNanos)) {
                present.onDeadline(nowNanos);
            }
            tell(present, nowNanos);
        }
    }

    private void tell(GoogCcNetworkController present, long nowNanos) {
        BandwidthListener hearing = listener;
        if (hearing == null) {
            return;
        }
        long targetBps = present.targetBps();
        if (Math.abs(targetBps - toldBps) > NOTEWORTHY * toldBps || nowNanos - toldNanos >= TELL_NANOS) {
            toldBps = targetBps;
            toldNanos = nowNanos;
            hearing.onTargetBitrate(targetBps, nowNanos);
        }
    }

    // ---- what is known ----------------------------------------------------------------------------------------------

    void setNextLayerBps(long totalBps, long nowNanos) {
        nextLayerBps = totalBps;
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.setNextLayerBps(totalBps, nowNanos);
        }
    }

    long targetBps() {
        GoogCcNetworkController present = controller;
        return present == null ? bounds.startBps() : present.targetBps();
    }

    BandwidthEstimate estimate() {
        GoogCcNetworkController present = controller;
        return present == null ? BandwidthEstimate.start(bounds.startBps(), nextLayerBps) : present.estimate();
    }

    long audioSentBps(long nowNanos) {
        RateMeter present = audioRate;
        return present == null ? 0 : present.bitrateBps(nowNanos);
    }

    long repairSentBps(long nowNanos) {
        RateMeter present = repairRate;
        return present == null ? 0 : present.bitrateBps(nowNanos);
    }
}
