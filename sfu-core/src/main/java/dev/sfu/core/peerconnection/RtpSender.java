package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.repair.RetransmissionHistory;
import dev.sfu.core.repair.RoundTripTime;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.time.Deadlines;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What leaves in one m-section: one stream with its SSRC, its retransmissions and its reports.
 *
 * <p>Sequence numbers and timestamps come from the caller, unwrapped; the SSRC stays for the life of the m-section
 * whatever feeds it.
 */
public final class RtpSender {
    /** Told when the receiver of this stream cannot decode without a keyframe. */
    @FunctionalInterface
    public interface Listener {
        /** A PLI or FIR came for this stream. */
        void onKeyframeRequest(long roundTripNanos, long nowNanos);
    }

    /** Packets kept for retransmission: two seconds of 2.5 Mbit/s video. */
    private static final int HISTORY_PACKETS = 512;
    /** Older packets come too late for any jitter buffer. */
    private static final long HISTORY_AGE_NANOS = 2 * Deadlines.SECOND;

    private final String mid;
    private final MediaKind kind;
    private final int ssrc;
    private final int rtxSsrc;
    private final RtpTransport transport;
    private final PacketAssembler assembler;
    private final RetransmissionHistory history;
    private final DropCounters drops = new DropCounters();
    private final RunLeveller leveller = new RunLeveller();
    private final RtpPacket retransmitted = new RtpPacket();
    private PayloadTypeMap payloadTypes = PayloadTypeMap.EMPTY;
    private @Nullable Listener listener;

    private @Nullable SourceClock clock;
    private long timestampOffset;

    private long rtxSequence;
    private long lastTimestamp;
    private @Nullable PayloadType lastPayloadType;
    private boolean reportsHeard;

    private long packetsSent;
    private long payloadBytesSent;
    private long headerBytesSent;
    private long retransmittedPacketsSent;
    private long retransmittedBytesSent;
    private long nackCount;
    private long pliCount;
    private long firCount;
    private int lastFirSequence = -1;
    private int fractionLost;
    private int cumulativeLost;
    private long extendedHighestSequence;
    private long jitter;
    private int lastSenderReport;
    private long delaySinceLastSenderReport;
    private long lastReportNanos;
    private final RoundTripTime roundTripTime = new RoundTripTime();

    RtpSender(String mid, MediaKind kind, int ssrc, int rtxSsrc, int firstRtxSequence, RtpTransport transport) {
        this.mid = mid;
        this.kind = kind;
        this.ssrc = ssrc;
        this.rtxSsrc = rtxSsrc;
        this.rtxSequence = firstRtxSequence;
        this.transport = transport;
        this.assembler = new PacketAssembler(mid, ssrc, rtxSsrc, transport);
        this.history = new RetransmissionHistory(HISTORY_PACKETS, HISTORY_AGE_NANOS);
    }

    /** The m-section. */
    public String mid() {
        return mid;
    }

    /** Audio or video. */
    public MediaKind kind() {
        return kind;
    }

    /** The stream's SSRC. */
    public int ssrc() {
        return ssrc;
    }

    /** The SSRC of its retransmissions. */
    public int rtxSsrc() {
        return rtxSsrc;
    }

    /** What may be sent. */
    public PayloadTypeMap payloadTypes() {
        return payloadTypes;
    }

    /** Why packets were not sent. */
    public DropCounters drops() {
        return drops;
    }

    /** Whether packets can leave: the connection has keys and a path. */
    public boolean ready() {
        return transport.ready();
    }

    HeaderExtensionMap extensions() {
        return assembler.extensions();
    }

    /** Sets who hears of keyframe requests. */
    public void setListener(@Nullable Listener newListener) {
        listener = newListener;
    }

    void negotiated(PayloadTypeMap newPayloadTypes, HeaderExtensionMap extensions, boolean mixedExtensions) {
        payloadTypes = newPayloadTypes;
        assembler.negotiated(extensions, mixedExtensions);
    }

    /**
     * Another source feeds the stream from now on.
     *
     * @param source the header extension ids of its publisher
     * @param newClock the line of its timestamps
     * @param newTimestampOffset what is added to them
     */
    public void onSourceChanged(HeaderExtensionMap source, @Nullable SourceClock newClock, long newTimestampOffset) {
        if (assembler.setSource(source)) {
            // Kept packets carry the former publisher's extension ids; a decoder that starts anew does not miss them.
            history.close();
        }
        clock = newClock;
        timestampOffset = newTimestampOffset;
    }

    /**
     * Sends a received packet with the given outgoing fields.
     *
     * @param sequence unwrapped; never twice the same
     * @param timestamp unwrapped
     * @param marker the outgoing marker bit
     * @param rewrite what else is rewritten, a {@link dev.sfu.core.codec.Rewrite}
     */
    public void send(
            IncomingPacket packet,
            PayloadType payloadType,
            long sequence,
            long timestamp,
            boolean marker,
            long rewrite,
            long nowNanos) {
        if (!transport.ready()) {
            drops.count(DropReason.SRTP_NOT_READY);
            return;
        }
        RtpPacket rtp = packet.rtp();
        PacketBuffer out = transport.acquire();
        if (!assembler.first(
                out, rtp, payloadType, sequence, timestamp, marker, rewrite, !reportsHeard, nowNanos)) {
            out.release();
            drops.count(DropReason.TOO_LARGE);
            return;
        }
        int headerBytes = assembler.headerBytes();
        int prefixBytes = assembler.prefixBytes();
        int payloadBytes = assembler.payloadBytes();
        int paddingBytes = kind == MediaKind.VIDEO
                ? leveller.padding(headerBytes + prefixBytes + payloadBytes, !marker)
                : 0;
        int offset = assembler.payloadOffset();
        int sent = paddingBytes == 0
                ? transport.sendRtp(out, headerBytes, prefixBytes, sequence, rtp.array(), offset, payloadBytes)
                : transport.sendPadded(
                        out, headerBytes, prefixBytes, sequence, rtp.array(), offset, payloadBytes, paddingBytes);
        if (sent < 0) {
            drops.count(DropReason.TOO_LARGE);
            return;
        }
        transport.onSent(ssrc, sequence, sent, kind, ProbeCluster.NONE, nowNanos);
        packetsSent++;
        payloadBytesSent += rtp.payloadBytes();
        headerBytesSent += headerBytes;
        lastTimestamp = timestamp;
        lastPayloadType = payloadType;
        if (payloadType.rtxNumber() >= 0) {
            history.put(
                    packet.buffer(),
                    sequence,
                    timestamp,
                    marker,
                    payloadType.number(),
                    rtp.payloadOffset(),
                    rtp.payloadBytes(),
                    rewrite,
                    nowNanos);
        }
    }

    /** Answers a NACK for one sequence number by RTX, if the packet is still there. */
    void onNack(int sequenceNumber, long nowNanos) {
        if (!transport.ready()) {
            return;
        }
        int slot = history.find(sequenceNumber, nowNanos);
        if (slot < 0) {
            return;
        }
        PacketBuffer kept = history.buffer(slot);
        PayloadType payloadType = payloadTypes.of(history.payloadType(slot));
        // Without RTX there is no answer: the same SSRC and sequence number must never be encrypted twice (RFC 3711 9.1).
        if (payloadType == null
                || payloadType.rtxNumber() < 0
                || !retransmitted.parse(kept.array(), kept.offset(), kept.length())) {
            return;
        }
        PacketBuffer out = transport.acquire();
        if (!assembler.again(
                out,
                retransmitted,
                payloadType,
                rtxSequence,
                history.sequence(slot),
                history.timestamp(slot),
                history.marker(slot),
                history.rewrite(slot),
                nowNanos)) {
            out.release();
            return;
        }
        int sent = transport.sendRtp(
                out,
                assembler.headerBytes(),
                assembler.prefixBytes(),
                rtxSequence,
                retransmitted.array(),
                assembler.payloadOffset(),
                assembler.payloadBytes());
        if (sent >= 0) {
            transport.onSent(rtxSsrc, rtxSequence++, sent, kind, ProbeCluster.NONE, nowNanos);
            transport.bandwidth().onRepairSent(sent, nowNanos);
            retransmittedPacketsSent++;
            retransmittedBytesSent += retransmitted.payloadBytes();
        }
    }

    void onPictureLoss(long nowNanos) {
        pliCount++;
        requestKeyframe(nowNanos);
    }

    void onFullIntraRequest(int commandSequence, long nowNanos) {
        // Repeats of one command carry one number (RFC 5104 section 4.3.1.1).
        if (commandSequence == lastFirSequence) {
            return;
        }
        lastFirSequence = commandSequence;
        firCount++;
        requestKeyframe(nowNanos);
    }

    private void requestKeyframe(long nowNanos) {
        Listener present = listener;
        if (present != null) {
            present.onKeyframeRequest(roundTripTime.known() ? roundTripTime.smoothedNanos() : 0, nowNanos);
        }
    }

    void countNack() {
        nackCount++;
    }

    /** Takes the receiver's report, see {@link ReportBlock}; gives whether it brought a round trip measurement. */
    boolean onReport(
            int newFractionLost,
            int newCumulativeLost,
            long newExtendedHighestSequence,
            long newJitter,
            int newLastSenderReport,
            long newDelaySinceLastSenderReport,
            int arrivalCompactNtp,
            long nowNanos) {
        reportsHeard = true;
        fractionLost = newFractionLost;
        cumulativeLost = newCumulativeLost;
        extendedHighestSequence = newExtendedHighestSequence;
        jitter = newJitter;
        lastSenderReport = newLastSenderReport;
        delaySinceLastSenderReport = newDelaySinceLastSenderReport;
        lastReportNanos = nowNanos;
        boolean measured =
                roundTripTime.onReport(newLastSenderReport, newDelaySinceLastSenderReport, arrivalCompactNtp);
        if (measured) {
            history.setRttNanos(roundTripTime.smoothedNanos());
        }
        return measured;
    }

    /** Drops packets that are too old to be asked for. */
    void onTick(long nowNanos) {
        history.onDeadline(nowNanos);
    }

    void addTotals(ObjLongConsumer<String> counters, DropCounters sum) {
        sum.add(drops);
        counters.accept("rtp_packets_sent", packetsSent);
        counters.accept("rtp_packets_retransmitted", retransmittedPacketsSent);
        counters.accept("nacks_received", nackCount);
        counters.accept("keyframe_requests_received", pliCount + firCount);
    }

    void close() {
        history.close();
        listener = null;
    }

    /** Whether a sender report makes sense: something was sent. */
    boolean active() {
        return packetsSent > 0;
    }

    /** Where the stream stands now, as an unwrapped RTP timestamp. */
    long timestampAt(long nowNanos) {
        SourceClock present = clock;
        return present == null ? lastTimestamp : present.timestampAt(nowNanos) + timestampOffset;
    }

    @Nullable PayloadType lastPayloadType() {
        return lastPayloadType;
    }

    long packetsSent() {
        return packetsSent;
    }

    long payloadBytesSent() {
        return payloadBytesSent;
    }

    long headerBytesSent() {
        return headerBytesSent;
    }

    long retransmittedPacketsSent() {
        return retransmittedPacketsSent;
    }

    long retransmittedBytesSent() {
        return retransmittedBytesSent;
    }

    long nackCount() {
        return nackCount;
    }

    long pliCount() {
        return pliCount;
    }

    long firCount() {
        return firCount;
    }

    /** The receiver's last report, made for the caller; null before the first. */
    @Nullable ReportBlock lastReport() {
        return reportsHeard
                ? new ReportBlock(
                        ssrc,
                        fractionLost,
                        cumulativeLost,
                        extendedHighestSequence,
                        jitter,
                        lastSenderReport,
                        delaySinceLastSenderReport)
                : null;
    }

    long lastReportNanos() {
        return lastReportNanos;
    }

    RoundTripTime roundTripTime() {
        return roundTripTime;
    }
}
