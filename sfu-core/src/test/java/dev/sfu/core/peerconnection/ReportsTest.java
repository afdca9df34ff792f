package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.rtcp.ExtendedReport;
import dev.sfu.core.rtcp.FullIntraRequest;
import dev.sfu.core.rtcp.Goodbye;
import dev.sfu.core.rtcp.Nack;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtcp.SourceDescription;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.time.WallClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** RTCP both ways: reports, feedback, goodbyes. */
class ReportsTest {
    private static final WallClock CLOCK = WallClock.at(0, Instant.parse("2026-01-02T03:04:05Z"));
    private static final long MS = ScriptedPeer.MS;
    private static final long SECOND = ScriptedPeer.SECOND;

    private static byte[] audio(int ssrc, int sequence, String mid) {
        return ScriptedPeer.rtpPacket(ssrc, 111, sequence, 960L * sequence, new byte[] {1, 2, 3}, 4, mid);
    }

    private static byte[] video(int ssrc, int sequence, boolean key) {
        return ScriptedPeer.rtpPacket(ssrc, 96, sequence, 3000L * sequence,
                ScriptedPeer.vp8(true, key, sequence, 0, 60), 4, "v");
    }

    private static String[] audioSections(int count, String direction) {
        String[] sections = new String[count];
        for (int i = 0; i < count; i++) {
            sections[i] = Offers.audio("m" + i, direction);
        }
        return sections;
    }

    /** Lets every sender of the connection send one packet of some stream. */
    private static void makeActive(ScriptedPeer peer) {
        RtpReceiver receiver = ScriptedStream.receiver("x", dev.sfu.core.api.MediaKind.AUDIO);
        ScriptedStream source = new ScriptedStream(receiver, 1, null, ScriptedStream.opus());
        for (RtpTransceiver transceiver : peer.connection.transceivers()) {
            RtpSender sender = transceiver.sender();
            PayloadType opus = Objects.requireNonNull(sender.payloadTypes().of(111));
            sender.send(source.packet(5, 960, peer.now, new byte[] {1, 2}), opus, 7, 960, false, Rewrite.NONE, peer.now);
        }
    }

    private static void everyCompoundStartsProperly(ScriptedPeer peer) {
        for (byte[] compound : peer.rtcp) {
            List<RtcpPacket> packets = ScriptedPeer.read(compound);
            assertTrue(packets.get(0) instanceof ReceiverReport || packets.get(0) instanceof SenderReport);
            SourceDescription description = assertInstanceOf(SourceDescription.class, packets.get(1));
            assertTrue(description.chunks().get(0).cname().length() > 4);
        }
    }

    @Test
    void reportsOnManyStreamsInFewDatagrams() {
        String[] sections = audioSections(70, "sendonly");
        ScriptedPeer peer = ScriptedPeer.connected(sections);
        for (int i = 0; i < 70; i++) {
            peer.sendRtp(audio(100 + i, 1, "m" + i));
        }
        peer.rtcp.clear();
        peer.advance(SECOND);
        Set<Integer> reported = new HashSet<>();
        for (ReceiverReport report : peer.rtcpPackets(ReceiverReport.class)) {
            for (ReportBlock block : report.reports()) {
                assertTrue(reported.add(block.ssrc()));
            }
        }
        assertEquals(70, reported.size());
        everyCompoundStartsProperly(peer);
        assertEquals(3, peer.rtcp.size());
    }

    @Test
    void reportsForManySendersInFewDatagrams() {
        ScriptedPeer peer = ScriptedPeer.connected(audioSections(100, "recvonly"));
        makeActive(peer);
        peer.rtcp.clear();
        peer.advance(SECOND);
        List<SenderReport> reports = peer.rtcpPackets(SenderReport.class);
        assertEquals(100, reports.stream().map(SenderReport::ssrc).distinct().count());
        assertEquals(100, reports.size());
        assertEquals(1, reports.get(0).packetCount());
        assertEquals(2, reports.get(0).octetCount());
        everyCompoundStartsProperly(peer);
        peer.rtcp.clear();
        peer.connection.close();
        List<Integer> goodbyes = new ArrayList<>();
        peer.rtcpPackets(Goodbye.class).forEach(goodbye -> goodbyes.addAll(goodbye.ssrcs()));
        assertEquals(100, Set.copyOf(goodbyes).size());
        everyCompoundStartsProperly(peer);
    }

    @Test
    void reportsEverySecondEvenWithNothingToSay() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "sendrecv"));
        peer.rtcp.clear();
        peer.advance(5 * SECOND);
        assertEquals(5, peer.rtcp.size());
        everyCompoundStartsProperly(peer);
    }

    @Test
    void feedbackIsReducedOnlyWhenNegotiated() {
        for (boolean reduced : new boolean[] {true, false}) {
            String section = Offers.video("v", "sendonly");
            ScriptedPeer peer = ScriptedPeer.connected(reduced ? section : section.replace("a=rtcp-rsize\n", ""));
            peer.sendRtp(video(1, 1, true));
            peer.sendRtp(video(1, 3, false));
            peer.rtcp.clear();
            peer.advance(80 * MS);
            List<byte[]> withNack = peer.rtcp.stream()
                    .filter(compound -> ScriptedPeer.read(compound).stream().anyMatch(Nack.class::isInstance))
                    .toList();
            assertEquals(2, peer.rtcpPackets(Nack.class).get(0).sequenceNumber(0));
            if (reduced) {
                assertEquals(1, ScriptedPeer.read(withNack.get(0)).size());
            } else {
                everyCompoundStartsProperly(peer);
            }
        }
    }

    @Test
    void answersReferenceTimes() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "sendonly"));
        peer.advance(200 * MS);
        peer.rtcp.clear();
        long ntp = 0x1122_3344_5566_7788L;
        peer.sendRtcp(out -> RtcpWriter.write(
                out, new ExtendedReport(42, List.of(new ExtendedReport.ReceiverReferenceTime(ntp)))));
        peer.advance(SECOND);
        List<ExtendedReport> reports = peer.rtcpPackets(ExtendedReport.class);
        assertEquals(1, reports.size());
        ExtendedReport.Dlrr answer = assertInstanceOf(ExtendedReport.Dlrr.class, reports.get(0).blocks().get(0));
        assertEquals(42, answer.entries().get(0).ssrc());
        assertEquals(0x3344_5566, answer.entries().get(0).lastReceiverReport());
        assertEquals(0.8 * 65536, (double) answer.entries().get(0).delaySinceLastReceiverReport(), 66.0);
        peer.advance(3 * SECOND);
        assertEquals(1, peer.rtcpPackets(ExtendedReport.class).size());
    }

    @Test
    void measuresTheRoundTrip() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "recvonly"));
        makeActive(peer);
        peer.rtcp.clear();
        peer.advance(SECOND);
        SenderReport report = peer.rtcpPackets(SenderReport.class).getLast();
        int lastReport = (int) (report.ntp() >>> 16);
        long sent = CLOCK.nanosOfNtp(report.ntp());
        peer.advance(sent + 120 * MS - peer.now);
        ReportBlock block = new ReportBlock(report.ssrc(), 64, 3, 7, 480, lastReport, 65536 / 50);
        peer.sendRtcp(out -> RtcpWriter.write(out, new ReceiverReport(9, List.of(block))));
        assertEquals(0.1, peer.connection.rtcpInbox().roundTripSeconds(), 0.001);
        assertEquals(block, peer.connection.transceivers().get(0).sender().reports().last());
    }

    @Test
    void writesMidUntilTheFirstReport() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "recvonly"));
        makeActive(peer);
        assertTrue(ScriptedPeer.parse(peer.rtp.get(0)).extensionOffset(4) > 0);
        int ssrc = ScriptedPeer.parse(peer.rtp.get(0)).ssrc();
        peer.sendRtcp(out -> RtcpWriter.write(
                out, new ReceiverReport(9, List.of(new ReportBlock(ssrc, 0, 0, 7, 0, 0, 0)))));
        RtpSender sender = peer.connection.transceivers().get(0).sender();
        ScriptedStream source = new ScriptedStream(
                ScriptedStream.receiver("x", dev.sfu.core.api.MediaKind.AUDIO), 1, null, ScriptedStream.opus());
        sender.send(source.packet(6, 1920, peer.now, new byte[] {1}),
                Objects.requireNonNull(sender.payloadTypes().of(111)), 8, 1920, false, Rewrite.NONE, peer.now);
        assertEquals(-1, ScriptedPeer.parse(peer.rtp.get(1)).extensionOffset(4));
    }

    @Test
    void goodbyeEndsAStreamAndItMayComeBack() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "sendonly"));
        peer.sendRtp(audio(77, 1, "a"));
        RtpReceiver receiver = peer.connection.transceivers().get(0).receiver();
        IncomingStream stream = receiver.streams().get(0);
        peer.sendRtcp(out -> RtcpWriter.write(out, new Goodbye(List.of(77, 78), "")));
        assertTrue(stream.ended());
        assertEquals(List.of(), receiver.streams());
        peer.sendRtp(audio(77, 2, "a"));
        assertEquals(77, receiver.streams().get(0).ssrc());
    }

    @Test
    void asksByFirWherePliIsNotNegotiatedAndCountsCommands() {
        ScriptedPeer peer = ScriptedPeer.connected(
                Offers.video("v", "sendonly").replace("a=rtcp-fb:96 nack pli\n", ""));
        peer.sendRtp(video(1, 1, true));
        IncomingStream stream = peer.connection.transceivers().get(0).receiver().streams().get(0);
        stream.requestKeyframe(peer.now);
        stream.requestKeyframe(peer.now);
        peer.advance(5 * MS);
        peer.sendRtp(video(1, 2, true));
        peer.advance(2 * SECOND);
        stream.requestKeyframe(peer.now);
        peer.advance(5 * MS);
        List<Integer> commands = peer.rtcpPackets(FullIntraRequest.class).stream()
                .map(request -> request.entries().get(0).commandSequence()).toList();
        assertEquals(2, commands.size());
        assertEquals(commands.get(0) + 1, commands.get(1));
        assertEquals(0, peer.rtcpPackets(PictureLossIndication.class).size());
        assertEquals(2, stream.firCount());
    }

    @Test
    void reportsArrivalsForTransportWideCongestionControl() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "sendonly"));
        for (int i = 0; i < 20; i++) {
            peer.sendRtp(ScriptedPeer.rtpPacket(5, 111, i, 960L * i, new byte[] {1}, 4, "a",
                    3, new byte[] {0, (byte) i}));
            peer.advance(10 * MS);
        }
        peer.advance(SECOND);
        List<TransportFeedback> feedback = peer.rtcpPackets(TransportFeedback.class);
        assertEquals(20, feedback.stream().mapToInt(TransportFeedback::receivedCount).sum());
        assertEquals(5, feedback.get(0).mediaSsrc());
    }

    @Test
    void hostileRtcpIsCountedAndForgotten() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "sendrecv"), Offers.video("v", "sendrecv"));
        java.util.Random random = new java.util.Random(5);
        for (int i = 0; i < 3000; i++) {
            byte[] garbage = new byte[4 + random.nextInt(200)];
            random.nextBytes(garbage);
            int type = 192 + random.nextInt(20);
            peer.sendRtcp(out -> {
                out.u8(0x80 | random.nextInt(32)).u8(type).u16(random.nextInt(40));
                out.bytes(garbage);
            });
        }
        peer.advance(SECOND);
        assertTrue(peer.connection.drops().of(DropReason.RTCP_MALFORMED) > 0);
        assertEquals(0, peer.pool.outstanding());
        assertEquals(dev.sfu.core.api.ConnectionState.CONNECTED, peer.connection.connectionState());
    }
}
