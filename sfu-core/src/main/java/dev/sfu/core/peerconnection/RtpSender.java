package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.repair.RetransmissionHistory;
import dev.sfu.core.repair.RoundTripTime;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.time.Deadlines;
import java.nio.charset.StandardCharsets;
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
    private final byte[] midBytes;
    private final MediaKind kind;
    private final int ssrc;
    private final int rtxSsrc;
    private final RtpTransport transport;
    private final RetransmissionHistory history;
    private final DropCounters drops = new DropCounters();
    private final RunLeveller leveller = new RunLeveller();
    private final RtpPacket retransmitted = new RtpPacket();
    private final Vp8Descriptor retransmittedVp8 = new Vp8Descriptor();
    private PayloadTypeMap payloadTypes = PayloadTypeMap.EMPTY;
    private HeaderExtensionMap extensions = new HeaderExtensionMap();
    private @Nullable Listener listener;

    private int[] copiedFrom = new int[0];
    private int[] copiedTo = new int[0];
    private @Nullable HeaderExtensionMap sourceExtensions;
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
        this.midBytes = mid.getBytes(StandardCharsets.US_ASCII);
        this.kind = kind;
        this.ssrc = ssrc;
        this.rtxSsrc = rtxSsrc;
        this.rtxSequence = firstRtxSequence;
        this.transport = transport;
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

    /** Sets who hears of keyframe requests. */
    public void setListener(@Nullable Listener newListener) {
        listener = newListener;
    }

    void negotiated(PayloadTypeMap newPayloadTypes, HeaderExtensionMap newExtensions) {
        payloadTypes = newPayloadTypes;
        extensions = newExtensions;
        if (sourceExtensions != null) {
            mapExtensions(sourceExtensions);
        }
    }

    /**
     * Another source feeds the stream from now on.
     *
     * @param source the header extension ids of its publisher
     * @param newClock the line of its timestamps
     * @param newTimestampOffset what is added to them
     */
    public void onSourceChanged(HeaderExtensionMap source, @Nullable SourceClock newClock, long newTimestampOffset) {
        if (source != sourceExtensions) {
            // Kept packets carry the former publisher's extension ids; a decoder that starts anew does not miss them.
            history.close();
            mapExtensions(source);
        }
        clock = newClock;
        timestampOffset = newTimestampOffset;
    }

    private void mapExtensions(HeaderExtensionMap source) {
        sourceExtensions = source;
        int count = 0;
        int[] from = new int[HeaderExtension.values().length];
        int[] to = new int[from.length];
        for (HeaderExtension extension : HeaderExtension.values()) {
            if (extension.forwarding() == HeaderExtension.Forwarding.COPIED
                    && source.contains(extension)
                    && extensions.contains(extension)) {
                from[count] = source.id(extension);
                to[count++] = extensions.id(extension);
            }
        }
        copiedFrom = java.util.Arrays.copyOf(from, count);
        copiedTo = java.util.Arrays.copyOf(to, count);
    }

    /**
     * Sends a received packet with the given outgoing fields.
     *
     * @param pictureId VP8 picture id to write, or -1 to leave the payload as it is
     * @param tl0PicIdx VP8 TL0PICIDX to write, or -1
     */
    public void send(
            IncomingPacket packet,
            PayloadType payloadType,
            long sequence,
            long timestamp,
            int pictureId,
            int tl0PicIdx,
            long nowNanos) {
        if (!transport.ready()) {
            drops.count(DropReason.SRTP_NOT_READY);
            return;
        }
        RtpPacket rtp = packet.rtp();
        PacketBuffer out = transport.acquire();
        int headerBytes = writeHeader(out, rtp, payloadType.number(), sequence, timestamp, ssrc, nowNanos);
        int prefixBytes = 0;
        int consumedBytes = 0;
        Vp8Descriptor vp8 = pictureId >= 0 ? packet.vp8() : null;
        if (vp8 != null && headerBytes > 0) {
            prefixBytes = vp8.write(out.array(), headerBytes, pictureId, tl0PicIdx);
            consumedBytes = vp8.descriptorBytes();
        }
        if (headerBytes < 0 || prefixBytes < 0) {
            out.release();
            drops.count(DropReason.TOO_LARGE);
            return;
        }
        int offset = rtp.payloadOffset() + consumedBytes;
        int payloadBytes = rtp.payloadBytes() - consumedBytes;
        int paddingBytes = kind == MediaKind.VIDEO
                ? leveller.padding(headerBytes + prefixBytes + payloadBytes, !rtp.marker())
                : 0;
        int sent = paddingBytes == 0
                ? transport.sendRtp(out, headerBytes, prefixBytes, sequence, rtp.array(), offset, payloadBytes)
                : transport.sendPadded(
                        out, headerBytes, prefixBytes, sequence, rtp.array(), offset, payloadBytes, paddingBytes);
        if (sent < 0) {
            drops.count(DropReason.TOO_LARGE);
            return;
        }
        packetsSent++;
        payloadBytesSent += rtp.payloadBytes();
        headerBytesSent += headerBytes;
        lastTimestamp = timestamp;
        lastPayloadType = payloadType;
        if (payloadType.rtxNumber() >= 0) {
            long rewrite = pictureId < 0 ? -1 : ((long) pictureId << 16) | (tl0PicIdx & 0xFFFF);
            history.put(
                    packet.buffer(),
                    sequence,
                    timestamp,
                    rtp.marker(),
                    payloadType.number(),
                    rtp.payloadOffset(),
                    rtp.payloadBytes(),
                    rewrite,
                    nowNanos);
        }
    }

    private int writeHeader(
            PacketBuffer out, RtpPacket source, int payloadType, long sequence, long timestamp, int ssrc, long nowNanos) {
        RtpHeaderWriter writer = transport.headerWriter()
                .begin(out.array(), 0, out.capacity())
                .marker(source.marker())
                .payloadType(payloadType)
                .sequenceNumber(sequence)
                .timestamp(timestamp)
                .ssrc(ssrc);
        int midId = extensions.id(HeaderExtension.MID);
        // Firefox takes an m-section's packets only from SSRCs that came with its MID, whatever a=ssrc-group says, and a
        // retransmission may be the first that it gets of the RTX stream.
        boolean needsMid = !reportsHeard || ssrc == rtxSsrc;
        if (needsMid && midId != HeaderExtensionMap.ABSENT) {
            writer.extension(midId, midBytes, 0, midBytes.length);
        }
        RtpTransport.reserveTransportExtensions(writer, extensions);
        for (int i = 0; i < copiedFrom.length; i++) {
            int at = source.extensionOffset(copiedFrom[i]);
            if (at >= 0) {
                writer.extension(copiedTo[i], source.array(), at, source.extensionBytes(copiedFrom[i]));
            }
        }
        int headerBytes = writer.finish();
        if (headerBytes > 0) {
            transport.fillTransportExtensions(writer, extensions, out.array(), nowNanos);
        }
        return headerBytes;
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
        int headerBytes = writeHeader(
                out, retransmitted, payloadType.rtxNumber(), rtxSequence, history.timestamp(slot), rtxSsrc, nowNanos);
        if (headerBytes < 0) {
            out.release();
            return;
        }
        Bytes.put16(out.array(), headerBytes, (int) history.sequence(slot));
        int prefixBytes = 2;
        int consumedBytes = 0;
        long rewrite = history.rewrite(slot);
        if (rewrite >= 0
                && payloadType.codec() == Codec.VP8
                && retransmittedVp8.parse(
                        retransmitted.array(), retransmitted.payloadOffset(), retransmitted.payloadBytes())) {
            prefixBytes += retransmittedVp8.write(
                    out.array(), headerBytes + 2, (int) (rewrite >> 16), (short) rewrite);
            consumedBytes = retransmittedVp8.descriptorBytes();
        }
        int sent = transport.sendRtp(
                out,
                headerBytes,
                prefixBytes,
                rtxSequence++,
                retransmitted.array(),
                retransmitted.payloadOffset() + consumedBytes,
                retransmitted.payloadBytes() - consumedBytes);
        if (sent >= 0) {
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
