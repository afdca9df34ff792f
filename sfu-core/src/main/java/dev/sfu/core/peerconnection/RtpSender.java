package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.repair.RetransmissionHistory;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
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
    public interface Listener {
        /** What is sent and why not more, or null when that is not decided here. */
        default @Nullable SentVideo sentVideo() {
            return null;
        }

        /** A PLI or FIR came for this stream. */
        void onKeyframeRequest(long roundTripNanos, long nowNanos);

        /** Frames could not be sent: until a keyframe comes, nothing that is sent is of use. */
        void onFramesDropped(long nowNanos);

        /** A keyframe should be asked for to go on with, after {@link #onFramesDropped}. */
        void onKeyframeNeeded(long nowNanos);
    }

    /** What a packet has besides its payload, about: the pacer counts in advance. */
    private static final int USUAL_HEADER_BYTES = 56;
    private static final long NONE = Long.MIN_VALUE;

    private final String mid;
    private final MediaKind kind;
    private final int ssrc;
    private final RtpTransport transport;
    private final PacketAssembler assembler;
    private final RetransmissionHistory history;
    private final DropCounters drops = new DropCounters();
    private final RunLeveller leveller = new RunLeveller();
    private final RtpPacket kept = new RtpPacket();
    private final RtxStream rtx;
    private final ReceiverReports reports;
    private final KeyframeFeedback keyframes;
    private PayloadTypeMap payloadTypes = PayloadTypeMap.EMPTY;

    private @Nullable SourceClock clock;
    private long timestampOffset;

    private long lastTimestamp;
    private long keyframeTimestamp = Long.MIN_VALUE;
    /** While it is offered to the pacer. */
    private long offeredSequence = NONE;
    private @Nullable PayloadType lastPayloadType;

    private long packetsSent;
    private long payloadBytesSent;
    private long headerBytesSent;
    private long sendDelayNanos;
    private long nackCount;

    RtpSender(String mid, MediaKind kind, int ssrc, int rtxSsrc, int firstRtxSequence, RtpTransport transport) {
        this.mid = mid;
        this.kind = kind;
        this.ssrc = ssrc;
        this.transport = transport;
        this.assembler = new PacketAssembler(mid, ssrc, rtxSsrc, transport);
        this.history = new RetransmissionHistory();
        this.rtx = new RtxStream(rtxSsrc, firstRtxSequence, kind, transport, assembler, history, kept);
        this.reports = new ReceiverReports(ssrc);
        this.keyframes = new KeyframeFeedback(reports);
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
        return rtx.ssrc();
    }

    /** What may be sent. */
    public PayloadTypeMap payloadTypes() {
        return payloadTypes;
    }

    /** Why packets were not sent. */
    public DropCounters drops() {
        return drops;
    }

    /** What is sent and why not more, or null when nobody says. */
    @Nullable SentVideo sentVideo() {
        Listener present = keyframes.listener();
        return present == null ? null : present.sentVideo();
    }

    /** Whether packets can leave: the connection has keys and a path. */
    public boolean ready() {
        return transport.ready();
    }

    HeaderExtensionMap extensions() {
        return assembler.extensions();
    }

    /** Whether the peer takes dependency descriptors. */
    public boolean describesLayers() {
        return assembler.describesLayers();
    }

    /** Whether packets have been getting lost lately on the way to the peer, on whatever stream. */
    boolean losesPackets(long nowNanos) {
        return transport.losesPackets(nowNanos);
    }

    /** Sets who hears of keyframe requests. */
    public void setListener(@Nullable Listener newListener) {
        keyframes.setListener(newListener);
    }

    void negotiated(PayloadTypeMap newPayloadTypes, HeaderExtensionMap extensions, boolean mixedExtensions) {
        if (payloadTypes == PayloadTypeMap.EMPTY && transport.ready()) {
            keyframes.beginning().onAddedLater();
        }
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
            transport.bandwidth().dropQueued(this);
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
        lastTimestamp = timestamp;
        lastPayloadType = payloadType;
        if (kind == MediaKind.VIDEO && !offer(packet, sequence, timestamp, nowNanos)) {
            if (offeredSequence == sequence) {
                keep(packet, payloadType, sequence, timestamp, marker, rewrite, nowNanos);
                history.setWaiting(sequence);
            }
            offeredSequence = NONE;
            return;
        }
        if (sendFirst(rtp, payloadType, sequence, timestamp, marker, rewrite, ProbeCluster.NONE, nowNanos) >= 0
                && RtxStream.has(payloadType)) {
            keep(packet, payloadType, sequence, timestamp, marker, rewrite, nowNanos);
        }
    }

    /** Whether a packet of video may leave now. */
    private boolean offer(IncomingPacket packet, long sequence, long timestamp, long nowNanos) {
        if (packet.keyframeStart()) {
            keyframeTimestamp = timestamp;
        }
        keyframes.onPacket(sequence, packet.keyframeStart(), nowNanos);
        offeredSequence = sequence;
        int bytes = packet.rtp().payloadBytes() + USUAL_HEADER_BYTES;
        return transport.bandwidth()
                .offerVideo(this, sequence, timestamp, timestamp == keyframeTimestamp, bytes, nowNanos);
    }

    private void keep(
            IncomingPacket packet,
            PayloadType payloadType,
            long sequence,
            long timestamp,
            boolean marker,
            long rewrite,
            long nowNanos) {
        history.put(
                packet.buffer(),
                sequence,
                timestamp,
                marker,
                payloadType.number(),
                packet.rtp().payloadOffset(),
                packet.rtp().payloadBytes(),
                rewrite,
                nowNanos);
    }

    /** Puts a packet together and sends it; gives the bytes of the datagram, or -1. */
    private int sendFirst(
            RtpPacket rtp,
            PayloadType payloadType,
            long sequence,
            long timestamp,
            boolean marker,
            long rewrite,
            int probeCluster,
            long nowNanos) {
        PacketBuffer out = transport.acquire();
        if (!assembler.first(
                out, rtp, payloadType, sequence, timestamp, marker, rewrite, !reports.heard(), nowNanos)) {
            out.release();
            drops.count(DropReason.TOO_LARGE);
            return -1;
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
            return -1;
        }
        transport.onSent(ssrc, sequence, sent, kind, probeCluster, nowNanos);
        packetsSent++;
        payloadBytesSent += rtp.payloadBytes();
        headerBytesSent += headerBytes;
        return sent;
    }

    /** Sends a packet that waited; gives the bytes of the datagram, 0 if it is not there any more. */
    int release(long sequence, int probeCluster, long nowNanos) {
        int slot = history.waiting(sequence);
        if (slot < 0) {
            return 0;
        }
        PacketBuffer buffer = history.buffer(slot);
        PayloadType payloadType = payloadTypes.of(history.payloadType(slot));
        int sent = -1;
        if (transport.ready()
                && payloadType != null
                && kept.parse(buffer.array(), buffer.offset(), buffer.length())) {
            sendDelayNanos += nowNanos - history.sentNanos(slot);
            sent = sendFirst(
                    kept,
                    payloadType,
                    sequence,
                    history.timestamp(slot),
                    history.marker(slot),
                    history.rewrite(slot),
                    probeCluster,
                    nowNanos);
        }
        if (sent < 0 || !RtxStream.has(payloadType)) {
            history.forget(sequence);
        } else {
            history.onSent(slot, nowNanos);
        }
        return Math.max(0, sent);
    }

    /** A packet that waited, or was about to, is never sent. */
    void drop(long sequence) {
        drops.count(DropReason.PACER_QUEUE);
        if (sequence == offeredSequence) {
            offeredSequence = NONE;
        } else if (history.waiting(sequence) >= 0) {
            history.forget(sequence);
        }
    }

    /** Answers a NACK for one sequence number by RTX, if the packet is still there and the path has room for it. */
    void onNack(int sequenceNumber, long nowNanos) {
        // Asked first: what is looked up in the history counts as repeated.
        if (!transport.ready() || !transport.bandwidth().mayRepair(nowNanos)) {
            return;
        }
        int slot = history.find(sequenceNumber, nowNanos);
        if (slot >= 0
                && RtxStream.has(payloadTypes.of(history.payloadType(slot)))
                && transport.bandwidth().offerRetransmission(
                        this, history.sequence(slot), history.payloadBytes(slot) + USUAL_HEADER_BYTES, nowNanos)) {
            retransmit(slot, ProbeCluster.NONE, nowNanos);
        }
    }

    /** Sends a packet again that was asked for before; gives the bytes of the datagram, 0 if it is not there any more. */
    int releaseAgain(long sequence, int probeCluster, long nowNanos) {
        int slot = history.slot(sequence);
        return slot < 0 || history.waiting(sequence) >= 0 ? 0 : retransmit(slot, probeCluster, nowNanos);
    }

    /**
     * Sends something of no use but for what is learnt of the path: a packet again, or padding.
     *
     * @return bytes of the datagram, 0 if there is no RTX here
     */
    int sendPadding(long nowNanos, int probeCluster) {
        int slot = transport.ready() ? history.padding(nowNanos) : RetransmissionHistory.NOT_FOUND;
        if (slot >= 0) {
            int sent = retransmit(slot, probeCluster, nowNanos);
            if (sent > 0) {
                return sent;
            }
        }
        PayloadType payloadType = paddingType();
        if (!transport.ready() || payloadType == null) {
            return 0;
        }
        return rtx.sendPadding(payloadType, lastTimestamp, probeCluster, nowNanos);
    }

    private @Nullable PayloadType paddingType() {
        PayloadType last = lastPayloadType;
        if (RtxStream.has(last)) {
            return last;
        }
        for (PayloadType type : payloadTypes.all()) {
            if (RtxStream.has(type)) {
                return type;
            }
        }
        return null;
    }

    private int retransmit(int slot, int probeCluster, long nowNanos) {
        return rtx.send(slot, payloadTypes.of(history.payloadType(slot)), probeCluster, nowNanos);
    }

    void onPictureLoss(long nowNanos) {
        if (!keyframes.onPictureLoss(nowNanos) || !repeatBeginning(nowNanos)) {
            keyframes.request(nowNanos);
        }
    }

    private boolean repeatBeginning(long nowNanos) {
        StreamBeginning beginning = keyframes.beginning();
        if (history.slot(beginning.firstSequence()) < 0) {
            return false;
        }
        for (long sequence = beginning.firstSequence(); sequence <= beginning.lastSequence(); sequence++) {
            onNack((int) sequence & 0xFFFF, nowNanos);
        }
        return true;
    }

    void countNack() {
        nackCount++;
    }

    /** Takes the receiver's report, see {@link ReceiverReports#onReport}. */
    boolean onReport(
            int fractionLost,
            int cumulativeLost,
            long extendedHighestSequence,
            long jitter,
            int lastSenderReport,
            long delaySinceLastSenderReport,
            int arrivalCompactNtp,
            long nowNanos) {
        transport.onLossReport(fractionLost, nowNanos);
        boolean measured = reports.onReport(
                fractionLost,
                cumulativeLost,
                extendedHighestSequence,
                jitter,
                lastSenderReport,
                delaySinceLastSenderReport,
                arrivalCompactNtp,
                nowNanos);
        if (measured) {
            history.setRttNanos(reports.roundTripTime().smoothedNanos());
        }
        return measured;
    }

    /** Drops packets that are too old to be asked for. */
    void onTick(long nowNanos) {
        history.onDeadline(nowNanos);
        keyframes.askForNeeded(nowNanos);
    }

    void addTotals(ObjLongConsumer<String> counters, DropCounters sum) {
        sum.add(drops);
        counters.accept("rtp_packets_sent", packetsSent);
        counters.accept("rtp_packets_retransmitted", rtx.packetsSent());
        counters.accept("nacks_received", nackCount);
        counters.accept("keyframe_requests_received", keyframes.pliCount() + keyframes.firCount());
    }

    void close() {
        transport.bandwidth().dropQueued(this);
        history.close();
        keyframes.setListener(null);
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

    /** What was repeated, and padding. */
    RtxStream rtx() {
        return rtx;
    }

    /** How long all packets together waited for being sent. */
    long sendDelayNanos() {
        return sendDelayNanos;
    }

    long nackCount() {
        return nackCount;
    }

    /** What the receiver asks for when it cannot decode. */
    KeyframeFeedback keyframes() {
        return keyframes;
    }

    /** What the receiver has reported. */
    ReceiverReports reports() {
        return reports;
    }
}
