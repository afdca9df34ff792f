package dev.sfu.core.peer;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.bwe.TransportFeedbackGenerator;
import dev.sfu.core.rtcp.FullIntraRequest;
import dev.sfu.core.rtcp.Goodbye;
import dev.sfu.core.rtcp.Nack;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpReader;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtcp.SourceDescription;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A synthetic peer's reports and feedback, and what it remembers of the server's. */
public final class PeerRtcp {
    private static final long REPORT_INTERVAL_NANOS = Deadlines.SECOND;
    private static final long NACK_INTERVAL_NANOS = 60 * Deadlines.MILLISECOND;
    private static final int LOCAL_SSRC = 0x50454552;
    private static final int MAX_BYTES = 1150;

    private final SyntheticPeer peer;
    private final byte[] array = new byte[1300];
    private final List<RtcpPacket> scratch = new ArrayList<>();
    private final Map<Integer, SenderReport> senderReports = new HashMap<>();
    private final Map<Integer, Long> senderReportNanos = new HashMap<>();
    private final Map<Integer, ReportBlock> reportBlocks = new HashMap<>();
    private final Set<Integer> sentCompactNtp = new HashSet<>();
    private final Set<Integer> goodbyes = new HashSet<>();
    private final BitSet acknowledged = new BitSet();
    private final List<Long> feedbackNanos = new ArrayList<>();
    private final List<Integer> feedbackCounts = new ArrayList<>();
    private final TransportFeedbackGenerator arrivals = new TransportFeedbackGenerator();
    private int lastSsrc;
    private int malformed;
    private boolean nacks;
    private boolean reports = true;
    private long nextReportNanos;
    private long nextNackNanos;

    PeerRtcp(SyntheticPeer peer) {
        this.peer = peer;
    }

    /** Whether gaps are asked for again. */
    public void setNacks(boolean enabled) {
        nacks = enabled;
    }

    /** Whether reports are sent, as they are at first. */
    public void setReports(boolean enabled) {
        reports = enabled;
    }

    // ---- in ---------------------------------------------------------------------------------------------------------

    void onRtcp(byte[] bytes, int length, long nowNanos) {
        scratch.clear();
        if (!RtcpReader.read(bytes, 0, length, scratch)) {
            malformed++;
        }
        for (RtcpPacket packet : scratch) {
            on(packet, nowNanos);
        }
    }

    private void on(RtcpPacket packet, long nowNanos) {
        switch (packet) {
            case SenderReport report -> {
                senderReports.put(report.ssrc(), report);
                senderReportNanos.put(report.ssrc(), nowNanos);
                ReceivedStream stream = peer.received(report.ssrc());
                if (stream != null) {
                    stream.statistics().onSenderReport(report, nowNanos);
                }
                report.reports().forEach(block -> reportBlocks.put(block.ssrc(), block));
            }
            case ReceiverReport report -> report.reports().forEach(block -> reportBlocks.put(block.ssrc(), block));
            case Nack nack -> {
                for (int sequenceNumber : nack.sequenceNumbers()) {
                    peer.onNack(nack.mediaSsrc(), sequenceNumber, nowNanos);
                }
            }
            case PictureLossIndication indication -> peer.onKeyframeRequest(indication.mediaSsrc(), nowNanos);
            case FullIntraRequest request ->
                request.entries().forEach(entry -> peer.onKeyframeRequest(entry.ssrc(), nowNanos));
            case Goodbye goodbye -> goodbyes.addAll(goodbye.ssrcs());
            case TransportFeedback feedback -> {
                feedbackNanos.add(nowNanos);
                feedbackCounts.add(feedback.feedbackPacketCount());
                for (int i = 0; i < feedback.receivedCount(); i++) {
                    acknowledged.set(feedback.sequenceNumber(i));
                }
            }
            default -> {}
        }
    }

    /** An RTP packet came, which the server is told. */
    void onRtp(RtpPacket rtp, long nowNanos) {
        int at = rtp.extensionOffset(OfferWriter.EXTENSIONS.id(HeaderExtension.TRANSPORT_SEQUENCE));
        if (at >= 0) {
            arrivals.onPacket(Bytes.u16(rtp.array(), at), nowNanos);
            lastSsrc = rtp.ssrc();
        }
    }

    // ---- out --------------------------------------------------------------------------------------------------------

    void onTurn(long nowNanos) {
        while (arrivals.nextDeadlineNanos() <= nowNanos) {
            ByteWriter writer = writer();
            arrivals.write(writer, LOCAL_SSRC, lastSsrc, nowNanos);
            send(writer);
        }
        if (reports && nowNanos >= nextReportNanos) {
            nextReportNanos = nowNanos + REPORT_INTERVAL_NANOS;
            sendReports(nowNanos);
        }
        if (nacks && nowNanos >= nextNackNanos) {
            nextNackNanos = nowNanos + NACK_INTERVAL_NANOS;
            for (ReceivedStream stream : peer.received()) {
                sendNacks(stream);
            }
        }
    }

    private void sendReports(long nowNanos) {
        ByteWriter writer = writer();
        List<ReportBlock> blocks = new ArrayList<>();
        for (ReceivedStream stream : peer.received()) {
            if (stream.packets() > 0 && blocks.size() < ReportBlock.MAX_PER_PACKET) {
                blocks.add(stream.statistics().report(stream.ssrc(), nowNanos));
            }
        }
        RtcpWriter.write(writer, new ReceiverReport(LOCAL_SSRC, blocks));
        RtcpWriter.write(writer, SourceDescription.of(LOCAL_SSRC, "synthetic"));
        for (SentTrack track : peer.tracks()) {
            for (SentStream stream : track.streams()) {
                if (stream.packetsSent() == 0) {
                    continue;
                }
                SenderReport report = new SenderReport(
                        stream.ssrc(),
                        peer.loop().wallClock().ntp(nowNanos),
                        stream.timestampAt(nowNanos) & 0xFFFF_FFFFL,
                        stream.packetsSent() & 0xFFFF_FFFFL,
                        stream.payloadBytesSent() & 0xFFFF_FFFFL,
                        List.of());
                if (RtcpWriter.write(writer, report)) {
                    sentCompactNtp.add(report.compactNtp());
                }
            }
        }
        send(writer);
    }

    private void sendNacks(ReceivedStream stream) {
        List<Long> missing = stream.missing();
        if (missing.isEmpty()) {
            return;
        }
        int[] numbers = missing.stream().mapToInt(index -> (int) (index & 0xFFFF)).limit(200).toArray();
        ByteWriter writer = writer();
        RtcpWriter.nack(writer, LOCAL_SSRC, stream.ssrc(), numbers, 0, numbers.length);
        send(writer);
    }

    /** Asks the server for a keyframe in a slot. */
    public void sendPli(ReceivedStream stream) {
        ByteWriter writer = writer();
        RtcpWriter.write(writer, new PictureLossIndication(LOCAL_SSRC, stream.ssrc()));
        send(writer);
    }

    /** Says that a stream ends. */
    public void sendGoodbye(SentStream stream) {
        ByteWriter writer = writer();
        RtcpWriter.write(writer, new ReceiverReport(LOCAL_SSRC, List.of()));
        RtcpWriter.write(writer, SourceDescription.of(LOCAL_SSRC, "synthetic"));
        RtcpWriter.write(writer, new Goodbye(List.of(stream.ssrc()), ""));
        send(writer);
    }

    private ByteWriter writer() {
        return new ByteWriter(array, 0, MAX_BYTES);
    }

    private void send(ByteWriter writer) {
        peer.transport().sendRtcp(array, writer.length());
    }

    // ---- what came --------------------------------------------------------------------------------------------------

    /** The last sender report of a slot's stream, or null. */
    public @Nullable SenderReport senderReport(int ssrc) {
        return senderReports.get(ssrc);
    }

    /** When that came. */
    public long senderReportNanos(int ssrc) {
        return senderReportNanos.getOrDefault(ssrc, 0L);
    }

    /** What the server last reported of a sent stream, or null. */
    public @Nullable ReportBlock reportBlock(int ssrc) {
        return reportBlocks.get(ssrc);
    }

    /** Whether this is the middle of the NTP time of a sender report that was sent. */
    public boolean sentCompactNtp(int value) {
        return sentCompactNtp.contains(value);
    }

    /** Streams that the server said goodbye to. */
    public Set<Integer> goodbyes() {
        return goodbyes;
    }

    /** Transport-wide sequence numbers that the server has acknowledged. */
    public BitSet acknowledged() {
        return acknowledged;
    }

    /** When each transport-wide feedback came. */
    public List<Long> feedbackNanos() {
        return feedbackNanos;
    }

    /** The number of each transport-wide feedback. */
    public List<Integer> feedbackCounts() {
        return feedbackCounts;
    }

    /** Compounds that were not well formed. */
    public int malformed() {
        return malformed;
    }
}
