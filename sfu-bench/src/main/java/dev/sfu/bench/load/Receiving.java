package dev.sfu.bench.load;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.bwe.TransportFeedbackGenerator;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtcp.SourceDescription;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.rtp.Rtx;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.RtpCodec;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A peer's receiving half: counts by the headers, decrypts a sample, and sends what a browser sends meanwhile: receiver reports
 * each second, transport-wide feedback, a keyframe request at the start and requests for what got lost.
 */
final class Receiving {
    private static final int SSRC = 0x56494557;
    private static final int SAMPLED_OF = 64;
    private static final int ONE_BYTE_PROFILE = 0xBEDE;
    private static final int MAX_REQUESTED = 256;
    private static final int VIDEO_CLOCK_RATE_HZ = 90_000;
    private static final long REPORT_INTERVAL_NANOS = Deadlines.SECOND;

    private final LoadPeer peer;
    private final List<Track> slots;
    private final LatencyHistogram latencies;
    private final int sampleOffset;
    private final List<ReceivedStream> streams = new ArrayList<>();
    private final Map<Integer, Integer> primaryOfRtx = new HashMap<>();
    private final int[] clockRates = new int[128];
    private final boolean[] rtx = new boolean[128];
    private final boolean[] requestable = new boolean[128];
    private final TransportFeedbackGenerator feedback = new TransportFeedbackGenerator();
    private final RtpPacket sample = new RtpPacket();
    private final int[] requested = new int[MAX_REQUESTED];
    private int activeSlots;
    private int transportSequenceId;
    private long nextReportNanos = Deadlines.NEVER;
    private long nextRequestNanos = Deadlines.NEVER;
    private long packets;
    private long bytes;
    private long samples;
    private long retransmissions;

    /**
     * Nothing received yet.
     *
     * @param slots the m-sections to receive in, which there can be more or fewer of later
     * @param latencies where to count the latency of samples; used on the loop's thread
     */
    Receiving(LoadPeer peer, List<Track> slots, LatencyHistogram latencies) {
        this.peer = peer;
        this.slots = new ArrayList<>(slots);
        this.latencies = latencies;
        this.sampleOffset = peer.loop().random().nextInt(SAMPLED_OF);
        this.activeSlots = slots.size();
    }

    /** The m-sections to receive in, behind those of the sending half. */
    List<Track> slots() {
        return slots;
    }

    /** How many of them are in use; the others are inactive. */
    int activeSlots() {
        return activeSlots;
    }

    /** How many there shall be from the next offer on; {@code more} are appended, in turns, where there are too few. */
    void setActiveSlots(int count, List<Track> more) {
        activeSlots = count;
        while (slots.size() < count) {
            slots.add(more.get(slots.size() % more.size()));
        }
    }

    void onConnected(long nowNanos) {
        // Spread over the second, as those of people who joined at different times are.
        nextReportNanos = nowNanos + peer.loop().random().nextLong(REPORT_INTERVAL_NANOS);
    }

    /** The server's description, the first one or another. */
    void onDescription(RemoteSide server) {
        for (MediaSection section : server.session().media()) {
            for (RtpCodec codec : section.codecs()) {
                clockRates[codec.payloadType()] = codec.clockRate();
                rtx[codec.payloadType()] = codec.isRtx();
                requestable[codec.payloadType()] = codec.rtcpFeedback().contains("nack");
            }
            for (dev.sfu.core.sdp.HeaderExtension extension : section.headerExtensions()) {
                if (extension.uri().equals(HeaderExtension.TRANSPORT_SEQUENCE.uri())) {
                    transportSequenceId = extension.id();
                }
            }
            for (MediaSection.SsrcGroup group : section.ssrcGroups()) {
                primaryOfRtx.put(group.ssrcs().getLast().intValue(), group.ssrcs().getFirst().intValue());
            }
        }
    }

    // ---- in ---------------------------------------------------------------------------------------------------------

    void onRtp(Batch batch, int index, int length, long nowNanos) {
        if (!peer.connected()) {
            return;
        }
        int payloadType = batch.u8(index, 1) & 0x7F;
        int sequenceNumber = batch.u16(index, 2);
        int ssrc = batch.i32(index, 8);
        ReceivedStream stream = find(ssrc);
        boolean first = stream == null;
        if (stream == null) {
            stream = new ReceivedStream(ssrc, Math.max(1, clockRates[payloadType]), rtx[payloadType]);
            streams.add(stream);
        }
        packets++;
        bytes += length;
        stream.onPacket(sequenceNumber, batch.i32(index, 4), length, requestable[payloadType], nowNanos);
        nextRequestNanos = Math.min(nextRequestNanos, stream.nacks().nextDeadlineNanos());
        int transportSequence = transportSequence(batch, index, length);
        if (transportSequence >= 0) {
            feedback.onPacket(transportSequence, nowNanos);
        }
        // Decryption needs a stream's first packet for its start; retransmissions are rare and say inside what they repeat.
        if (first || stream.rtx() || (sequenceNumber + sampleOffset) % SAMPLED_OF == 0) {
            onSample(batch, index, length, stream, nowNanos);
        }
        if (first && !stream.rtx() && clockRates[payloadType] == VIDEO_CLOCK_RATE_HZ) {
            ByteWriter writer = peer.rtcpWriter();
            RtcpWriter.write(writer, new PictureLossIndication(SSRC, ssrc));
            peer.sendRtcp(writer);
        }
    }

    private @Nullable ReceivedStream find(int ssrc) {
        for (int i = 0; i < streams.size(); i++) {
            if (streams.get(i).ssrc() == ssrc) {
                return streams.get(i);
            }
        }
        return null;
    }

    /** The transport-wide sequence number in the header, which SRTP leaves in the clear, or -1. */
    private int transportSequence(Batch batch, int index, int length) {
        int at = 12 + 4 * (batch.u8(index, 0) & 0x0F);
        if ((batch.u8(index, 0) & 0x10) == 0 || length < at + 4 || batch.u16(index, at) != ONE_BYTE_PROFILE) {
            return -1;
        }
        int end = Math.min(length, at + 4 + 4 * batch.u16(index, at + 2));
        at += 4;
        while (at < end) {
            int head = batch.u8(index, at);
            if (head == 0) {
                at++;
            } else if (head >>> 4 == transportSequenceId && at + 3 <= end) {
                return batch.u16(index, at + 1);
            } else {
                at += 2 + (head & 0x0F);
            }
        }
        return -1;
    }

    private void onSample(Batch batch, int index, int length, ReceivedStream stream, long nowNanos) {
        int plainBytes = peer.decrypt(batch, index, length);
        if (plainBytes < 0 || !sample.parse(peer.plain(), 0, plainBytes)) {
            return;
        }
        samples++;
        if (stream.rtx()) {
            retransmissions++;
            Integer primary = primaryOfRtx.get(stream.ssrc());
            ReceivedStream repaired = primary == null ? null : find(primary);
            if (repaired != null && sample.payloadBytes() >= Rtx.ORIGINAL_SEQUENCE_NUMBER_BYTES) {
                repaired.onRetransmission(Rtx.originalSequenceNumber(sample), nowNanos);
            }
            return;
        }
        int start = sample.payloadOffset();
        long sentEpochNanos = Stamp.read(peer.plain(), start, start + sample.payloadBytes());
        long receivedEpochNanos = batch.epochNanos(index);
        if (sentEpochNanos != 0 && receivedEpochNanos != 0) {
            latencies.add(receivedEpochNanos - sentEpochNanos);
        }
    }

    void onRtcp(RtcpPacket packet, long nowNanos) {
        if (packet instanceof SenderReport report) {
            ReceivedStream stream = find(report.ssrc());
            if (stream != null) {
                stream.statistics().onSenderReport(report, nowNanos);
            }
        }
    }

    // ---- out --------------------------------------------------------------------------------------------------------

    long nextDeadlineNanos() {
        return Math.min(Math.min(nextReportNanos, nextRequestNanos), feedback.nextDeadlineNanos());
    }

    void onDeadline(long nowNanos) {
        while (feedback.nextDeadlineNanos() <= nowNanos) {
            ByteWriter writer = peer.rtcpWriter();
            feedback.write(writer, SSRC, streams.getFirst().ssrc(), nowNanos);
            peer.sendRtcp(writer);
        }
        if (nextReportNanos <= nowNanos) {
            nextReportNanos += REPORT_INTERVAL_NANOS;
            sendReport(nowNanos);
        }
        if (nextRequestNanos <= nowNanos) {
            nextRequestNanos = Deadlines.NEVER;
            for (ReceivedStream stream : streams) {
                request(stream, nowNanos);
            }
        }
    }

    private void sendReport(long nowNanos) {
        List<ReportBlock> blocks = new ArrayList<>();
        for (ReceivedStream stream : streams) {
            if (blocks.size() < ReportBlock.MAX_PER_PACKET) {
                blocks.add(stream.statistics().report(stream.ssrc(), nowNanos));
            }
        }
        ByteWriter writer = peer.rtcpWriter();
        RtcpWriter.write(writer, new ReceiverReport(SSRC, blocks));
        RtcpWriter.write(writer, SourceDescription.of(SSRC, "synthetic"));
        peer.sendRtcp(writer);
    }

    private void request(ReceivedStream stream, long nowNanos) {
        if (stream.nacks().nextDeadlineNanos() <= nowNanos) {
            int count = stream.nacks().drainDue(nowNanos, requested);
            if (count > 0) {
                ByteWriter writer = peer.rtcpWriter();
                RtcpWriter.nack(writer, SSRC, stream.ssrc(), requested, 0, count);
                peer.sendRtcp(writer);
            }
        }
        nextRequestNanos = Math.min(nextRequestNanos, stream.nacks().nextDeadlineNanos());
    }

    // ---- counts -----------------------------------------------------------------------------------------------------

    /** Adds what came so far. On the loop's thread. */
    void addTo(LoadTotals totals) {
        totals.packets += packets;
        totals.bytes += bytes;
        totals.samples += samples;
        totals.retransmissions += retransmissions;
        for (ReceivedStream stream : streams) {
            if (!stream.rtx()) {
                totals.lost += stream.statistics().packetsLost();
                totals.duplicates += stream.statistics().duplicates();
            }
        }
    }
}
