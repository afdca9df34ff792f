package dev.sfu.bench.load;

import dev.sfu.bench.trace.Trace;
import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.rtcp.FullIntraRequest;
import dev.sfu.core.rtcp.Nack;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtcp.SourceDescription;
import dev.sfu.core.rtp.ExtensionValues;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.time.Deadlines;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A peer's sending half: plays a trace in a loop from when the peer is connected. A keyframe request makes it begin anew, since
 * a trace starts with keyframes; a NACK is answered by RTX.
 */
final class Sending {
    private static final long REPORT_INTERVAL_NANOS = Deadlines.SECOND;
    /** Encoders do not make keyframes faster than this either. */
    private static final long KEYFRAME_INTERVAL_NANOS = Deadlines.SECOND;
    /** A loop that is this late skips instead of catching up in one burst. */
    private static final long MAX_LATE_NANOS = 100 * Deadlines.MILLISECOND;
    /** Browsers stop naming m-section and encoding when they know that the receiver knows. */
    private static final int NAMED_PACKETS = 200;

    /** Voice at -30 dBov (RFC 6464 section 3): recordings do not say how loud it was. */
    private static final byte SPEAKING = (byte) (0x80 | 30);

    private final LoadPeer peer;
    private final Trace trace;
    private final LatencyHistogram lateness;
    private final List<Track> tracks;
    private final SentStream[] streams;
    private final RtpHeaderWriter headers = new RtpHeaderWriter();
    private int transportSequence;
    private int next;
    private long nextNanos = Deadlines.NEVER;
    private long roundNanos;
    private long startNanos;
    private long nextReportNanos = Deadlines.NEVER;
    private boolean keyframeWanted;
    private int keyframeRequests;
    private long skips;

    /**
     * Of all streams of a trace.
     *
     * @param lateness where to count how much later than the trace wants packets leave; used on the loop's thread
     */
    Sending(LoadPeer peer, Trace trace, LatencyHistogram lateness) {
        this.peer = peer;
        this.trace = trace;
        this.lateness = lateness;
        this.tracks = Track.of(trace);
        this.streams = new SentStream[trace.streams().size()];
        for (int mid = 0; mid < tracks.size(); mid++) {
            Track track = tracks.get(mid);
            for (int stream : track.streams()) {
                streams[stream] = new SentStream(trace, stream, track, mid, peer.loop().random());
            }
        }
    }

    /** Its m-sections, the first ones of the peer's description. */
    List<Track> tracks() {
        return tracks;
    }

    int[] ssrcs() {
        return Arrays.stream(streams).mapToInt(SentStream::ssrc).toArray();
    }

    int[] rtxSsrcs() {
        return Arrays.stream(streams).mapToInt(SentStream::rtxSsrc).toArray();
    }

    void onConnected(long nowNanos) {
        startNanos = nowNanos;
        nextReportNanos = nowNanos;
        beginRound(nowNanos);
    }

    private void beginRound(long atNanos) {
        next = 0;
        nextNanos = atNanos;
        roundNanos = atNanos;
        keyframeWanted = false;
        for (SentStream stream : streams) {
            stream.beginRound(atNanos - startNanos);
        }
    }

    // ---- out --------------------------------------------------------------------------------------------------------

    long nextDeadlineNanos() {
        return Math.min(nextNanos, nextReportNanos);
    }

    void onDeadline(long nowNanos) {
        if (keyframeWanted && nowNanos - roundNanos >= KEYFRAME_INTERVAL_NANOS) {
            beginRound(nowNanos);
        }
        if (nowNanos - nextNanos > MAX_LATE_NANOS) {
            skips++;
            beginRound(nowNanos);
        }
        while (nextNanos <= nowNanos) {
            Trace.Packet packet = trace.packets().get(next++);
            lateness.add(nowNanos - nextNanos);
            send(packet, nowNanos);
            if (next == trace.packets().size()) {
                beginRound(nextNanos + trace.tailMicros() * 1_000L);
            } else {
                nextNanos += trace.packets().get(next).deltaMicros() * 1_000L;
            }
        }
        if (nextReportNanos <= nowNanos) {
            nextReportNanos += REPORT_INTERVAL_NANOS;
            sendReports(nowNanos);
        }
    }

    private void send(Trace.Packet packet, long nowNanos) {
        SentStream stream = streams[packet.stream()];
        byte[] payload = stream.payload(packet);
        if (packet.payloadBytes() - packet.head().length >= Stamp.BYTES) {
            Stamp.write(payload, packet.payloadBytes(), Stamp.nowEpochNanos());
        }
        long index = stream.nextIndex(packet);
        int headerBytes = writeHeader(stream, false, index, stream.timestamp(packet), packet.marker(), nowNanos);
        int length = peer.srtpSender().protectRtp(index, peer.out(), 0, headerBytes, 0, payload, 0, packet.payloadBytes());
        peer.send(peer.out(), 0, length);
    }

    private int writeHeader(
            SentStream stream, boolean rtx, long index, long timestamp, boolean marker, long nowNanos) {
        byte[] array = peer.out();
        int transportSequenceId = Extensions.OFFERED.id(HeaderExtension.TRANSPORT_SEQUENCE);
        int absSendTimeId = Extensions.OFFERED.id(HeaderExtension.ABS_SEND_TIME);
        headers.begin(array, 0, array.length)
                .marker(marker)
                .payloadType(rtx ? stream.track().rtxPayloadType() : stream.track().payloadType())
                .sequenceNumber(index)
                .timestamp(timestamp)
                .ssrc(rtx ? stream.rtxSsrc() : stream.ssrc())
                .reserve(absSendTimeId, ExtensionValues.ABS_SEND_TIME_BYTES)
                .reserve(transportSequenceId, ExtensionValues.TRANSPORT_SEQUENCE_BYTES);
        boolean audio = stream.track().rtxPayloadType() < 0;
        if (audio) {
            headers.reserve(Extensions.OFFERED.id(HeaderExtension.AUDIO_LEVEL), 1);
        }
        if (stream.packetsSent() < NAMED_PACKETS) {
            name(HeaderExtension.MID, stream.mid());
            if (!stream.rid().isEmpty()) {
                name(rtx ? HeaderExtension.REPAIRED_RID : HeaderExtension.RID, stream.rid());
            }
        }
        int headerBytes = headers.finish();
        ExtensionValues.writeAbsSendTime(array, headers.extensionOffset(absSendTimeId), nowNanos);
        Bytes.put16(array, headers.extensionOffset(transportSequenceId), transportSequence++);
        if (audio) {
            array[headers.extensionOffset(Extensions.OFFERED.id(HeaderExtension.AUDIO_LEVEL))] = SPEAKING;
        }
        return headerBytes;
    }

    private void name(HeaderExtension extension, String value) {
        byte[] text = value.getBytes(StandardCharsets.US_ASCII);
        headers.extension(Extensions.OFFERED.id(extension), text, 0, text.length);
    }

    private void sendReports(long nowNanos) {
        for (SentStream stream : streams) {
            if (stream.packetsSent() == 0) {
                continue;
            }
            ByteWriter writer = peer.rtcpWriter();
            RtcpWriter.write(
                    writer,
                    new SenderReport(
                            stream.ssrc(),
                            peer.loop().wallClock().ntp(nowNanos),
                            stream.timestampAt(nowNanos - startNanos) & 0xFFFF_FFFFL,
                            stream.packetsSent() & 0xFFFF_FFFFL,
                            stream.payloadBytesSent() & 0xFFFF_FFFFL,
                            List.of()));
            RtcpWriter.write(writer, SourceDescription.of(stream.ssrc(), "synthetic"));
            peer.sendRtcp(writer);
        }
    }

    // ---- in ---------------------------------------------------------------------------------------------------------

    void onRtcp(RtcpPacket packet, long nowNanos) {
        switch (packet) {
            case PictureLossIndication indication -> onKeyframeRequest();
            case FullIntraRequest request -> onKeyframeRequest();
            case Nack nack -> {
                for (SentStream stream : streams) {
                    if (stream.ssrc() == nack.mediaSsrc()) {
                        for (int i = 0; i < nack.count(); i++) {
                            repeat(stream, nack.sequenceNumber(i), nowNanos);
                        }
                    }
                }
            }
            default -> {
                // Reports and estimates do not change what a trace holds.
            }
        }
    }

    private void onKeyframeRequest() {
        keyframeWanted = true;
        keyframeRequests++;
    }

    private void repeat(SentStream stream, int sequenceNumber, long nowNanos) {
        SentStream.Kept kept = stream.kept(sequenceNumber);
        if (kept == null || stream.track().rtxPayloadType() < 0) {
            return;
        }
        long index = stream.nextRtxIndex();
        int headerBytes = writeHeader(stream, true, index, kept.timestamp(), kept.marker(), nowNanos);
        Bytes.put16(peer.out(), headerBytes, sequenceNumber);
        int length = peer.srtpSender()
                .protectRtp(index, peer.out(), 0, headerBytes, 2, kept.payload(), 0, kept.payloadBytes());
        peer.send(peer.out(), 0, length);
    }

    /** Keyframe requests so far. */
    int keyframeRequests() {
        return keyframeRequests;
    }

    /** How often it was so late that it skipped: more than none, and the load generator is the bottleneck. */
    long skips() {
        return skips;
    }
}
