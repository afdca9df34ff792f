package dev.sfu.core.peerconnection;

import dev.sfu.core.rtcp.CongestionControlFeedback;
import dev.sfu.core.rtcp.ExtendedReport;
import dev.sfu.core.rtcp.FullIntraRequest;
import dev.sfu.core.rtcp.Goodbye;
import dev.sfu.core.rtcp.Nack;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.Remb;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpReader;
import dev.sfu.core.rtcp.RtcpSink;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtcp.SourceDescription;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.rtcp.Unrecognized;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.util.List;

/** Takes the peer's RTCP apart and hands each part to the stream it is about. */
final class RtcpInbox implements RtcpSink {
    private final WallClock wallClock;
    private final RemoteClock remoteClock;
    private final RtpDemuxer demuxer;
    private final RtcpOutbox outbox;
    private final DropCounters drops;
    private final SendBandwidth bandwidth;
    private final SsrcMap<RtpSender> senders = new SsrcMap<>();
    private final RtcpReader reader = new RtcpReader();
    private final FeedbackBudget budget = new FeedbackBudget();
    /** When the datagram that is being read came. */
    private long nowNanos;
    private double roundTripSeconds = -1;

    RtcpInbox(WallClock wallClock, RtpDemuxer demuxer, RtcpOutbox outbox, DropCounters drops,
            SendBandwidth bandwidth) {
        this.wallClock = wallClock;
        this.remoteClock = new RemoteClock(wallClock);
        this.demuxer = demuxer;
        this.outbox = outbox;
        this.drops = drops;
        this.bandwidth = bandwidth;
    }

    void setSenders(List<RtpTransceiver> transceivers) {
        senders.clear();
        for (RtpTransceiver transceiver : transceivers) {
            senders.put(transceiver.sender().ssrc(), transceiver.sender());
        }
    }

    void onRtcp(byte[] array, int offset, int length, long arrivalNanos) {
        nowNanos = arrivalNanos;
        if (!reader.read(array, offset, length, this)) {
            drops.count(DropReason.RTCP_MALFORMED);
        }
    }

    @Override
    public void onPacket(RtcpPacket packet) {
        switch (packet) {
            case SenderReport report -> onSenderReport(report);
            case Nack nack -> onNack(nack);
            case PictureLossIndication indication -> {
                RtpSender sender = senders.get(indication.mediaSsrc());
                if (sender != null) {
                    sender.onPictureLoss(nowNanos);
                }
            }
            case FullIntraRequest request -> {
                for (FullIntraRequest.Entry entry : request.entries()) {
                    RtpSender sender = senders.get(entry.ssrc());
                    if (sender != null) {
                        sender.keyframes().onFullIntraRequest(entry.commandSequence(), nowNanos);
                    }
                }
            }
            case Goodbye goodbye -> onGoodbye(goodbye);
            case ExtendedReport report -> onExtendedReport(report);
            case Remb remb -> bandwidth.onRemb(remb.bitrateBps(), nowNanos);
            case TransportFeedback feedback -> {
                if (affordable(feedback.statusCount())) {
                    bandwidth.onTransportFeedback(feedback, nowNanos);
                }
            }
            case CongestionControlFeedback feedback -> {
                if (affordable(feedback.reportCount())) {
                    bandwidth.onCongestionControlFeedback(feedback, nowNanos);
                }
            }
            case ReceiverReport report -> {}
            case SourceDescription description -> {}
            case Unrecognized unrecognized -> {}
        }
    }

    private void onSenderReport(SenderReport report) {
        RtpDemuxer.Route route = demuxer.known(report.ssrc());
        if (route != null && !route.rtx()) {
            route.stream().onSenderReport(report, remoteClock.onSenderReport(report.ntp(), nowNanos), nowNanos);
        }
    }

    @Override
    public void onReportBlock(
            int ssrc,
            int fractionLost,
            int cumulativeLost,
            long extendedHighestSequence,
            long jitter,
            int lastSenderReport,
            long delaySinceLastSenderReport) {
        RtpSender sender = senders.get(ssrc);
        if (sender == null) {
            return;
        }
        boolean measured = sender.onReport(
                fractionLost,
                cumulativeLost,
                extendedHighestSequence,
                jitter,
                lastSenderReport,
                delaySinceLastSenderReport,
                wallClock.compactNtp(nowNanos),
                nowNanos);
        bandwidth.onReportBlock(
                new ReportBlock(
                        ssrc,
                        fractionLost,
                        cumulativeLost,
                        extendedHighestSequence,
                        jitter,
                        lastSenderReport,
                        delaySinceLastSenderReport),
                nowNanos);
        if (measured) {
            bandwidth.onRoundTripTime(sender.reports().roundTripTime().smoothedNanos());
            roundTripSeconds = sender.reports().roundTripTime().latestNanos() / (double) Deadlines.SECOND;
        }
    }

    private boolean affordable(int packets) {
        boolean affordable = budget.take(packets, nowNanos);
        if (!affordable) {
            drops.count(DropReason.RTCP_RATE_LIMITED);
        }
        return affordable;
    }

    private void onNack(Nack nack) {
        RtpSender sender = senders.get(nack.mediaSsrc());
        if (sender == null || !affordable(nack.count())) {
            return;
        }
        sender.countNack();
        for (int i = 0; i < nack.count(); i++) {
            sender.onNack(nack.sequenceNumber(i), nowNanos);
        }
    }

    private void onGoodbye(Goodbye goodbye) {
        for (int ssrc : goodbye.ssrcs()) {
            RtpDemuxer.Route route = demuxer.known(ssrc);
            if (route == null || route.rtx()) {
                continue;
            }
            IncomingStream stream = route.stream();
            if (stream.rid() == null) {
                demuxer.remove(stream);
            } else {
                // Browsers say goodbye to an encoding that they switch off, and do not say its RID again when it comes back.
                stream.stop();
                stream.receiver().onStopped(stream);
            }
        }
    }

    private void onExtendedReport(ExtendedReport report) {
        for (ExtendedReport.Block block : report.blocks()) {
            if (block instanceof ExtendedReport.ReceiverReferenceTime reference) {
                outbox.onReferenceTime(report.senderSsrc(), reference.compactNtp(), nowNanos);
            }
        }
    }

    /** The latest round trip measured through reports, or a negative number. */
    double roundTripSeconds() {
        return roundTripSeconds;
    }
}
