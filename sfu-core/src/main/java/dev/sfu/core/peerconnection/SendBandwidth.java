package dev.sfu.core.peerconnection;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.bwe.BandwidthConfig;
import dev.sfu.core.bwe.BandwidthEstimate;
import dev.sfu.core.bwe.GoogCcNetworkController;
import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.pacing.Pacer;
import dev.sfu.core.pacing.PacerOutput;
import dev.sfu.core.rtcp.CongestionControlFeedback;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.time.Deadlines;
import java.net.Inet6Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one connection's path carries, and how fast packets leave on it: feeds the estimator with what leaves and what comes
 * back, gives the pacer its rate and its probes, and tells the listener.
 *
 * <p>Estimator and pacer come with the first packet of video, so that those who receive nothing, or only sound, are cheap.
 * Packets that must wait stay in the {@link RtpSender} they were given to; the pacer knows them by SSRC and unwrapped
 * sequence number, retransmissions by the SSRC of the RTX stream and the number of the packet that is repeated.
 */
final class SendBandwidth implements PacerOutput {
    /** A smaller change of the target is not worth a word. */
    private static final double NOTEWORTHY = 0.03;
    private static final long TELL_NANOS = Deadlines.SECOND;

    /** As much as the longest wait of a packet allows at rates that nobody has, so that time and packets are the bounds. */
    private static final long MAX_QUEUE_BYTES = 4 << 20;

    private static final int UDP_BYTES = 8;
    private static final int TCP_BYTES = 20 + 2;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;

    private final EngineConfig.Bandwidth bounds;
    private final Runnable onDeadlineNearer;
    private BandwidthFeedback feedback = BandwidthFeedback.REPORTS;
    private @Nullable GoogCcNetworkController controller;
    private @Nullable Pacer pacer;
    /** By primary and by RTX SSRC. */
    private @Nullable SsrcMap<RtpSender> senders;
    /** Whose packets may be repeated for a probe: the one whose video left last. */
    private @Nullable RtpSender paddingSender;
    private long armedNanos = Deadlines.NEVER;
    private final RepairBudget repairBudget = new RepairBudget();
    private @Nullable BandwidthListener listener;
    private @Nullable RateMeter audioRate;
    private @Nullable RateMeter repairRate;
    private @Nullable NetworkPath path;
    private int overheadBytes = IPV4_BYTES + UDP_BYTES;
    private long nextSequence;
    private long nextLayerBps;
    private long toldBps;
    private long toldNanos;

    /** @param onDeadlineNearer told when {@link #nextDeadlineNanos} has come nearer outside of this connection's own turn */
    SendBandwidth(EngineConfig.Bandwidth bounds, Runnable onDeadlineNearer) {
        this.bounds = bounds;
        this.onDeadlineNearer = onDeadlineNearer;
    }

    void setListener(@Nullable BandwidthListener newListener) {
        listener = newListener;
    }

    /** Takes over what was negotiated. */
    void negotiated(List<RtpTransceiver> transceivers) {
        BandwidthFeedback best = BandwidthFeedback.REPORTS;
        for (RtpTransceiver transceiver : transceivers) {
            BandwidthFeedback offered = BandwidthFeedback.of(transceiver);
            if (offered.compareTo(best) > 0) {
                best = offered;
            }
        }
        if (best.ofPackets() != feedback.ofPackets()) {
            close();
            controller = null;
            pacer = null;
        }
        feedback = best;
        senders = null;
        paddingSender = null;
        for (RtpTransceiver transceiver : transceivers) {
            if (transceiver.kind() == MediaKind.VIDEO && transceiver.sends()) {
                register(transceiver.sender());
            }
        }
    }

    private void register(RtpSender sender) {
        SsrcMap<RtpSender> present = senders;
        if (present == null) {
            present = new SsrcMap<>();
            senders = present;
        }
        present.put(sender.ssrc(), sender);
        present.put(sender.rtxSsrc(), sender);
        if (paddingSender == null) {
            paddingSender = sender;
        }
    }

    /** What was negotiated. */
    BandwidthFeedback feedback() {
        return feedback;
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
            apply(present, nowNanos);
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
        if (!numbered && feedback == BandwidthFeedback.TRANSPORT_WIDE) {
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
        if (feedback == BandwidthFeedback.CONGESTION_CONTROL) {
            present.onStreamPacketSent(ssrc, (int) rtpSequence, sequence);
        }
        Pacer pacing = pacer;
        if (pacing != null) {
            if (audio) {
                pacing.onAudio(wireBytes, nowNanos);
            }
            pacing.setCongested(present.congested());
            takeProbes(present, pacing);
        }
    }

    private void takeProbes(GoogCcNetworkController present, Pacer pacing) {
        ProbeCluster cluster = present.pollProbeCluster();
        if (cluster == null) {
            return;
        }
        while (cluster != null) {
            pacing.addProbe(cluster);
            cluster = present.pollProbeCluster();
        }
        rearm(pacing);
    }

    private void rearm(Pacer pacing) {
        long next = pacing.nextDeadlineNanos();
        if (next < armedNanos) {
            armedNanos = next;
            onDeadlineNearer.run();
        }
    }

    /** What left was a retransmission. */
    void onRepairSent(int bytes, long nowNanos) {
        repairRate = add(repairRate, bytes + overheadBytes, nowNanos);
    }

    // ---- what is to leave -------------------------------------------------------------------------------------------

    /**
     * Offers a packet of video.
     *
     * @param frame the same for all packets of a frame
     * @param bytes of the datagram, about
     * @return whether the sender is to send it now; otherwise it will be told to release or to drop it, the latter perhaps
     *     during this call
     */
    boolean offerVideo(RtpSender sender, long sequence, long frame, boolean keyframe, int bytes, long nowNanos) {
        if (!bounds.adapt()) {
            return true;
        }
        Pacer pacing = pacer;
        if (pacing == null) {
            start(nowNanos);
            pacing = java.util.Objects.requireNonNull(pacer);
        }
        paddingSender = sender;
        if (pacing.offerVideo(sender.ssrc(), sequence, frame, keyframe, bytes + overheadBytes, nowNanos)) {
            return true;
        }
        rearm(pacing);
        return false;
    }

    /** Whether the budget of retransmissions has something left. */
    boolean mayRepair(long nowNanos) {
        return repairBudget.has(targetBps(), nowNanos);
    }

    /** Offers a retransmission; gives whether the sender is to send it now. */
    boolean offerRetransmission(RtpSender sender, long sequence, int bytes, long nowNanos) {
        repairBudget.take(bytes + overheadBytes);
        Pacer pacing = pacer;
        if (pacing == null || !bounds.adapt()) {
            return true;
        }
        if (pacing.offerRetransmission(sender.rtxSsrc(), sequence, bytes + overheadBytes, nowNanos)) {
            return true;
        }
        rearm(pacing);
        return false;
    }

    /** What waits of this sender will not be sent. */
    void dropQueued(RtpSender sender) {
        Pacer pacing = pacer;
        if (pacing != null) {
            pacing.drop(sender.ssrc());
            pacing.drop(sender.rtxSsrc());
        }
        if (paddingSender == sender) {
            paddingSender = null;
        }
    }

    /** Gives up what waits. */
    void close() {
        Pacer pacing = pacer;
        if (pacing != null) {
            pacing.close();
        }
    }

    private @Nullable RtpSender senderOf(int stream) {
        SsrcMap<RtpSender> present = senders;
        return present == null ? null : present.get(stream);
    }

    @Override
    public int release(int stream, long packet, int probeCluster, long nowNanos) {
        RtpSender sender = senderOf(stream);
        if (sender == null) {
            return 0;
        }
        int sent = stream == sender.ssrc()
                ? sender.release(packet, probeCluster, nowNanos)
                : sender.releaseAgain(packet, probeCluster, nowNanos);
        return sent > 0 ? sent + overheadBytes : 0;
    }

    @Override
    public void drop(int stream, long packet) {
        RtpSender sender = senderOf(stream);
        if (sender != null && stream == sender.ssrc()) {
            sender.drop(packet);
        }
    }

    @Override
    public void onFramesDropped(int stream, long nowNanos) {
        RtpSender sender = senderOf(stream);
        if (sender != null) {
            sender.keyframes().onFramesDropped(nowNanos);
        }
    }

    @Override
    public int sendPadding(int bytes, int probeCluster, long nowNanos) {
        RtpSender sender = paddingSender;
        int sent = sender == null ? 0 : sender.sendPadding(nowNanos, probeCluster);
        return sent > 0 ? sent + overheadBytes : 0;
    }

    private static RateMeter add(@Nullable RateMeter meter, int bytes, long nowNanos) {
        RateMeter present = meter == null ? new RateMeter() : meter;
        present.add(bytes, nowNanos);
        return present;
    }

    private GoogCcNetworkController start(long nowNanos) {
        GoogCcNetworkController started =
                new GoogCcNetworkController(BandwidthConfig.of(bounds, bounds.adapt() && feedback.ofPackets()));
        controller = started;
        pacer = new Pacer(this, started.pacingBps(), MAX_QUEUE_BYTES);
        started.onNetworkAvailable(nowNanos);
        started.setNextLayerBps(nextLayerBps, nowNanos);
        return started;
    }

    // ---- what comes back --------------------------------------------------------------------------------------------

    void onTransportFeedback(TransportFeedback report, long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onTransportFeedback(report, nowNanos);
            apply(present, nowNanos);
        }
    }

    void onCongestionControlFeedback(CongestionControlFeedback report, long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onCongestionControlFeedback(report, nowNanos);
            apply(present, nowNanos);
        }
    }

    void onRemb(long bitrateBps, long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onRemb(bitrateBps, nowNanos);
            apply(present, nowNanos);
        }
    }

    void onReportBlock(ReportBlock block, long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            present.onReceiverReport(block, nowNanos);
            apply(present, nowNanos);
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
        Pacer pacing = pacer;
        armedNanos = present == null || pacing == null
                ? Deadlines.NEVER
                : Math.min(present.nextDeadlineNanos(), pacing.nextDeadlineNanos());
        return armedNanos;
    }

    /** Does what is due; also called every second, with the reports. */
    void onDeadline(long nowNanos) {
        GoogCcNetworkController present = controller;
        if (present != null) {
            if (Deadlines.due(present.nextDeadlineNanos(), nowNanos)) {
                present.onDeadline(nowNanos);
            }
            apply(present, nowNanos);
            Pacer pacing = pacer;
            if (pacing != null && Deadlines.due(pacing.nextDeadlineNanos(), nowNanos)) {
                pacing.onDeadline(nowNanos);
            }
        }
    }

    /** The estimator has heard something. */
    private void apply(GoogCcNetworkController present, long nowNanos) {
        Pacer pacing = pacer;
        if (pacing != null) {
            pacing.setPacingBps(present.pacingBps(), nowNanos);
            pacing.setCongested(present.congested());
            takeProbes(present, pacing);
        }
        tell(nowNanos);
    }

    private void tell(long nowNanos) {
        BandwidthListener hearing = listener;
        if (hearing == null) {
            return;
        }
        long targetBps = targetBps();
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
            Pacer pacing = pacer;
            if (pacing != null) {
                takeProbes(present, pacing);
            }
        }
    }

    /** What may be sent, as others should see it. */
    long targetBps() {
        if (!bounds.adapt()) {
            return bounds.maxBps();
        }
        GoogCcNetworkController present = controller;
        return present == null ? bounds.startBps() : present.targetBps();
    }

    BandwidthEstimate estimate() {
        GoogCcNetworkController present = controller;
        return present == null ? BandwidthEstimate.start(bounds.startBps(), nextLayerBps) : present.estimate();
    }

    /** What waits and what came of it; null before there was video. */
    @Nullable Pacer pacer() {
        return pacer;
    }

    /** Retransmissions that were asked for and had no room. */
    long repairsRefused() {
        return repairBudget.refused();
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
