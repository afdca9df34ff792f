package dev.sfu.core.peerconnection;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.bwe.TransportFeedbackGenerator;
import dev.sfu.core.rtcp.ExtendedReport;
import dev.sfu.core.rtcp.FullIntraRequest;
import dev.sfu.core.rtcp.Goodbye;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.Remb;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SourceDescription;
import dev.sfu.core.time.WallClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the RTCP of one connection: periodic reports and immediate feedback.
 *
 * <p>Unless reduced size was negotiated (RFC 5506), every packet starts with a report and a CNAME (RFC 3550 section 6.1).
 */
final class RtcpOutbox {
    /** Leaves room in a datagram of 1200 bytes for the SRTCP trailer. */
    private static final int MAX_BYTES = 1150;
    /** Packets of a stream asked for at a time. */
    private static final int MAX_NACKS = 256;
    /** Streams named in a REMB; browsers apply it to all they send whatever is named. */
    private static final int MAX_REMB_SSRCS = 64;

    private final RtpTransport transport;
    private final WallClock wallClock;
    private final int localSsrc;
    /** What feedback starts with unless reduced size was negotiated: an empty receiver report and our CNAME. */
    private final byte[] preamble;
    private final byte[] sourceDescription;
    private final List<ReportBlock> blocks = new ArrayList<>();
    private int[] nackScratch = {};
    private boolean reducedSize;
    private ExtendedReport.@Nullable DlrrEntry pendingReferenceTime;
    private long referenceTimeNanos;

    RtcpOutbox(RtpTransport transport, WallClock wallClock, String cname, int localSsrc) {
        this.transport = transport;
        this.wallClock = wallClock;
        this.localSsrc = localSsrc;
        ByteWriter writer = new ByteWriter(new byte[PacketBuffer.CAPACITY_BYTES]);
        RtcpWriter.write(writer, new ReceiverReport(localSsrc, List.of()));
        int reportBytes = writer.length();
        RtcpWriter.write(writer, SourceDescription.of(localSsrc, cname));
        preamble = writer.toByteArray();
        sourceDescription = Arrays.copyOfRange(preamble, reportBytes, preamble.length);
    }

    void setReducedSize(boolean allowed) {
        reducedSize = allowed;
    }

    /** Remembers a peer's reference time (RFC 3611 section 4.4), to be answered with the next report. */
    void onReferenceTime(int peerSsrc, int compactNtp, long nowNanos) {
        pendingReferenceTime = new ExtendedReport.DlrrEntry(peerSsrc, compactNtp, 0);
        referenceTimeNanos = nowNanos;
    }

    /** Sends what is due from time to time: a sender report for each active stream and reports on what arrives. */
    void sendReports(List<RtpSender> senders, List<IncomingStream> streams, long nowNanos) {
        if (!transport.ready()) {
            return;
        }
        blocks.clear();
        for (IncomingStream stream : streams) {
            if (!stream.ended()) {
                blocks.add(stream.statistics().report(stream.ssrc(), nowNanos));
            }
        }
        int nextBlock = 0;
        int nextSender = 0;
        do {
            PacketBuffer out = transport.acquire();
            ByteWriter writer = new ByteWriter(out.array(), 0, MAX_BYTES);
            if (nextBlock < blocks.size() || senders.isEmpty()) {
                int end = Math.min(blocks.size(), nextBlock + ReportBlock.MAX_PER_PACKET);
                RtcpWriter.write(writer, new ReceiverReport(localSsrc, blocks.subList(nextBlock, end)));
                nextBlock = end;
            } else {
                writeSenderReport(writer, senders.get(nextSender++), nowNanos);
            }
            writer.bytes(sourceDescription);
            writeReferenceTimeAnswer(writer, nowNanos);
            while (nextSender < senders.size() && writeSenderReport(writer, senders.get(nextSender), nowNanos)) {
                nextSender++;
            }
            transport.sendRtcp(out, writer.length());
        } while (nextBlock < blocks.size() || nextSender < senders.size());
        blocks.clear();
    }

    private boolean writeSenderReport(ByteWriter writer, RtpSender sender, long nowNanos) {
        return RtcpWriter.senderReport(
                writer,
                sender.ssrc(),
                wallClock.ntp(nowNanos),
                sender.timestampAt(nowNanos) & 0xFFFF_FFFFL,
                sender.packetsSent() & 0xFFFF_FFFFL,
                sender.payloadBytesSent() & 0xFFFF_FFFFL);
    }

    private void writeReferenceTimeAnswer(ByteWriter writer, long nowNanos) {
        ExtendedReport.DlrrEntry entry = pendingReferenceTime;
        if (entry == null) {
            return;
        }
        pendingReferenceTime = null;
        long delay = ((nowNanos - referenceTimeNanos) << 16) / dev.sfu.core.time.Deadlines.SECOND;
        ExtendedReport.DlrrEntry answer =
                new ExtendedReport.DlrrEntry(entry.ssrc(), entry.lastReceiverReport(), delay);
        RtcpWriter.write(
                writer, new ExtendedReport(localSsrc, List.of(new ExtendedReport.Dlrr(List.of(answer)))));
    }

    /** Asks for the packets of {@code stream} that are due to be asked for. */
    void sendNacks(IncomingStream stream, long nowNanos) {
        dev.sfu.core.repair.NackGenerator nacks = stream.nacks();
        if (nacks == null) {
            return;
        }
        if (nackScratch.length == 0) {
            nackScratch = new int[MAX_NACKS];
        }
        int count = nacks.drainDue(nowNanos, nackScratch);
        int next = 0;
        while (next < count) {
            PacketBuffer out = transport.acquire();
            ByteWriter writer = begin(out);
            int from = next;
            next = RtcpWriter.nack(writer, localSsrc, stream.ssrc(), nackScratch, from, count);
            if (next == from) {
                out.release();
                return;
            }
            transport.sendRtcp(out, writer.length());
            stream.countNack();
        }
    }

    /** Asks for a keyframe of {@code stream}: PLI where negotiated, else FIR. */
    void sendKeyframeRequest(IncomingStream stream, boolean pli, int firSequence) {
        PacketBuffer out = transport.acquire();
        ByteWriter writer = begin(out);
        if (pli) {
            RtcpWriter.write(writer, new PictureLossIndication(localSsrc, stream.ssrc()));
            stream.countPli();
        } else {
            RtcpWriter.write(
                    writer,
                    new FullIntraRequest(
                            localSsrc, List.of(new FullIntraRequest.Entry(stream.ssrc(), firSequence & 0xFF))));
            stream.countFir();
        }
        transport.sendRtcp(out, writer.length());
    }

    /** Tells the peer how much it may send in all, as a receiver that estimated it would. */
    void sendMaximumBitrate(long bitrateBps, List<IncomingStream> streams) {
        if (!transport.ready()) {
            return;
        }
        List<Integer> ssrcs = new ArrayList<>();
        for (IncomingStream stream : streams) {
            if (!stream.ended() && ssrcs.size() < MAX_REMB_SSRCS) {
                ssrcs.add(stream.ssrc());
            }
        }
        PacketBuffer out = transport.acquire();
        ByteWriter writer = begin(out);
        RtcpWriter.write(writer, new Remb(localSsrc, bitrateBps, ssrcs));
        transport.sendRtcp(out, writer.length());
    }

    /** Sends the transport-wide feedback that is due. */
    void sendTransportFeedback(TransportFeedbackGenerator generator, int mediaSsrc, long nowNanos) {
        if (!transport.ready()) {
            return;
        }
        while (generator.nextDeadlineNanos() <= nowNanos) {
            PacketBuffer out = transport.acquire();
            ByteWriter writer = begin(out);
            if (!generator.write(writer, localSsrc, mediaSsrc, nowNanos)) {
                out.release();
                return;
            }
            transport.sendRtcp(out, writer.length());
        }
    }

    /** Says goodbye for the streams that were sent. */
    void sendGoodbye(List<RtpSender> senders) {
        if (!transport.ready() || senders.isEmpty()) {
            return;
        }
        for (int from = 0; from < senders.size(); from += ReportBlock.MAX_PER_PACKET) {
            List<Integer> ssrcs = new ArrayList<>();
            for (RtpSender sender : senders.subList(from, Math.min(senders.size(), from + ReportBlock.MAX_PER_PACKET))) {
                ssrcs.add(sender.ssrc());
            }
            PacketBuffer out = transport.acquire();
            ByteWriter writer = new ByteWriter(out.array(), 0, MAX_BYTES);
            writer.bytes(preamble);
            RtcpWriter.write(writer, new Goodbye(ssrcs, ""));
            transport.sendRtcp(out, writer.length());
        }
    }

    private ByteWriter begin(PacketBuffer out) {
        ByteWriter writer = new ByteWriter(out.array(), 0, MAX_BYTES);
        if (!reducedSize) {
            writer.bytes(preamble);
        }
        return writer;
    }
}
