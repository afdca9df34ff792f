package dev.sfu.core.peerconnection;

import static dev.sfu.core.peerconnection.ScriptedPeer.MS;
import static dev.sfu.core.peerconnection.ScriptedPeer.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.bwe.GoogCcNetworkController;
import dev.sfu.core.bwe.LimitedBy;
import dev.sfu.core.bwe.TransportFeedbackGenerator;
import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.ice.TestPath;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.pacing.Pacer;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropReason;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When packets leave, what becomes of those that wait, and what probes are made of. */
class SendPacingTest {
    /** Constant: nothing to probe for. The pacer lets 450 kbit/s go, 2250 bytes at once. */
    private static final EngineConfig.Bandwidth THIN = new EngineConfig.Bandwidth(300_000, 30_000, 300_000, true);
    private static final int PACKET_BYTES = 1000;
    /** Ten of them with their headers leave in that time. */
    private static final long TEN_PACKETS_NANOS =
            (long) (10 * 1.1 * PACKET_BYTES * 8 * SECOND / (THIN.startBps() * GoogCcNetworkController.PACING_FACTOR));
    private static final int TRANSPORT_SEQUENCE_ID = 3;

    private final BufferPool pool = new BufferPool(64);
    private final ScriptedStream camera =
            new ScriptedStream(ScriptedStream.receiver("x", MediaKind.VIDEO), 1, null, ScriptedStream.vp8());
    private final ScriptedStream microphone =
            new ScriptedStream(ScriptedStream.receiver("y", MediaKind.AUDIO), 2, null, ScriptedStream.opus());
    private final TransportFeedbackGenerator feedback = new TransportFeedbackGenerator();
    private final Listener listener = new Listener();
    private ScriptedPeer peer = viewer(THIN, "");
    private RtpSender video = sender(1);
    private long sequence = 70_000;
    private long timestamp = 900_000;
    private int reported;

    private static final class Listener implements RtpSender.Listener {
        int framesDropped;
        final List<Long> keyframesNeeded = new ArrayList<>();

        @Override
        public void onKeyframeRequest(long roundTripNanos, long nowNanos) {}

        @Override
        public void onFramesDropped(long nowNanos) {
            framesDropped++;
        }

        @Override
        public void onKeyframeNeeded(long nowNanos) {
            keyframesNeeded.add(nowNanos);
        }
    }

    private ScriptedPeer viewer(EngineConfig.Bandwidth bandwidth, String more) {
        ScriptedPeer viewer = new ScriptedPeer(pool, 5000, true, true, bandwidth);
        viewer.offer(Offers.audio("a", "recvonly"), Offers.video("v", "recvonly", "VP8/90000", more));
        viewer.connect();
        return viewer;
    }

    private RtpSender sender(int section) {
        RtpSender sender = peer.connection.transceivers().get(section).sender();
        sender.setListener(listener);
        return sender;
    }

    private void start(EngineConfig.Bandwidth bandwidth, String more) {
        peer.connection.close();
        peer = viewer(bandwidth, more);
        video = sender(1);
    }

    @AfterEach
    void noBufferIsLeft() {
        peer.connection.close();
        assertEquals(0, pool.outstanding());
    }

    private void sendFrame(boolean key, int packets) {
        timestamp += 3000;
        for (int i = 0; i < packets; i++) {
            send(key, i, i == packets - 1);
        }
    }

    private void send(boolean key, int index, boolean marker) {
        byte[] payload = ScriptedPeer.vp8(index == 0, key, (int) timestamp / 3000 & 0x7FFF, 1, PACKET_BYTES);
        IncomingPacket packet = camera.packet(sequence, timestamp, peer.now, pool, payload);
        video.send(
                packet,
                Objects.requireNonNull(video.payloadTypes().of(96)),
                sequence++,
                timestamp,
                marker,
                Rewrite.NONE,
                peer.now);
        packet.buffer().release();
    }

    private List<RtpPacket> received(int ssrc) {
        return peer.rtp.stream()
                .map(ScriptedPeer::parse)
                .filter(packet -> packet.ssrc() == ssrc)
                .toList();
    }

    private void nack(long number) {
        peer.sendRtcp(writer -> RtcpWriter.nack(
                writer, 1, video.ssrc(), new int[] {(int) number & 0xFFFF}, 0, 1));
    }

    /** What a browser reports of what has come so far. */
    private void report() {
        for (int i = 0; i < 100; i++) {
            for (; reported < peer.rtp.size(); reported++) {
                RtpPacket packet = ScriptedPeer.parse(peer.rtp.get(reported));
                int at = packet.extensionOffset(TRANSPORT_SEQUENCE_ID);
                if (at >= 0) {
                    feedback.onPacket(Bytes.u16(packet.array(), at), peer.now);
                }
            }
            peer.advance(MS);
        }
        while (feedback.nextDeadlineNanos() <= peer.now) {
            peer.sendRtcp(writer -> feedback.write(writer, 1, video.ssrc(), peer.now));
        }
    }

    @Test
    void aLargeFrameLeavesInPiecesUnderItsOwnNumbers() {
        sendFrame(true, 10);
        int atOnce = received(video.ssrc()).size();
        assertTrue(atOnce >= 2 && atOnce <= 4, atOnce + " at once");
        assertEquals(10 - atOnce, Objects.requireNonNull(peer.connection.transport().bandwidth().pacer()).queuedPackets());
        peer.advance(TEN_PACKETS_NANOS);
        List<RtpPacket> all = received(video.ssrc());
        assertEquals(10, all.size());
        int transport = Bytes.u16(all.get(0).array(), all.get(0).extensionOffset(TRANSPORT_SEQUENCE_ID));
        for (int i = 0; i < 10; i++) {
            RtpPacket packet = all.get(i);
            assertEquals(70_000 + i & 0xFFFF, packet.sequenceNumber());
            assertEquals(timestamp, packet.timestamp());
            assertEquals(i == 9, packet.marker());
            assertEquals(
                    transport + i & 0xFFFF, Bytes.u16(packet.array(), packet.extensionOffset(TRANSPORT_SEQUENCE_ID)));
        }
    }

    /** Timers of a real shard are late by a fraction of a millisecond. */
    @Test
    void whatWaitedLeavesAlthoughTheDeadlineIsMetLate() {
        long began = peer.now;
        sendFrame(true, 10);
        for (int i = 0; i < 100 && received(video.ssrc()).size() < 10; i++) {
            peer.now = Math.max(peer.now, peer.connection.nextDeadlineNanos()) + 300_000;
            peer.connection.onDeadline(peer.now);
        }
        assertEquals(10, received(video.ssrc()).size());
        assertTrue(peer.now - began < 2 * TEN_PACKETS_NANOS, "within " + (peer.now - began) / MS + " ms");
    }

    @Test
    void soundNeverWaits() {
        sendFrame(true, 10);
        RtpSender audio = peer.connection.transceivers().get(0).sender();
        IncomingPacket packet = microphone.packet(5, 960, peer.now, pool, new byte[80]);
        audio.send(
                packet, Objects.requireNonNull(audio.payloadTypes().of(111)), 5, 960, false, Rewrite.NONE, peer.now);
        packet.buffer().release();
        assertEquals(1, received(audio.ssrc()).size());
    }

    @Test
    void whatHasNotLeftIsNotSentAgain() {
        sendFrame(true, 10);
        nack(70_009);
        peer.advance(TEN_PACKETS_NANOS);
        assertEquals(0, received(video.rtxSsrc()).size());
        assertEquals(10, received(video.ssrc()).size());
        nack(70_009);
        peer.advance(200 * MS);
        List<RtpPacket> again = received(video.rtxSsrc());
        assertEquals(1, again.size());
        assertEquals(70_009 & 0xFFFF, Bytes.u16(again.get(0).array(), again.get(0).payloadOffset()));
    }

    @Test
    void withoutRtxPacketsWaitToo() {
        start(THIN, "");
        String withoutRtx = Offers.video("v", "recvonly").replace("UDP/TLS/RTP/SAVPF 96 97", "UDP/TLS/RTP/SAVPF 96")
                .replace("a=rtpmap:97 rtx/90000\n", "").replace("a=fmtp:97 apt=96\n", "");
        peer.offer(Offers.audio("a", "recvonly"), withoutRtx);
        sendFrame(true, 10);
        peer.advance(TEN_PACKETS_NANOS);
        assertEquals(10, received(video.ssrc()).size());
        nack(70_009);
        peer.advance(200 * MS);
        assertEquals(0, received(video.rtxSsrc()).size());
    }

    /** 2.4 Mbit/s where 450 kbit/s may leave. */
    @Test
    void whatIsTooMuchIsDroppedForGood() {
        long frames = 90;
        for (int i = 0; i < frames; i++) {
            sendFrame(i == 0, 10);
            peer.advance(33 * MS);
        }
        Pacer pacer = Objects.requireNonNull(peer.connection.transport().bandwidth().pacer());
        for (long end = peer.now + 2 * SECOND; pacer.queuedPackets() > 0 && peer.now < end; ) {
            peer.advance(10 * MS);
        }
        assertTrue(listener.framesDropped > 0, "told to wait for a keyframe");
        assertTrue(listener.keyframesNeeded.size() <= 3, "not asked for each time: " + listener.keyframesNeeded);
        Set<Integer> numbers = new HashSet<>();
        for (RtpPacket packet : received(video.ssrc())) {
            assertTrue(numbers.add(packet.sequenceNumber()), "never twice the same number");
        }
        long dropped = video.drops().toMap().getOrDefault(DropReason.PACER_QUEUE, 0L);
        assertEquals(10 * frames, numbers.size() + dropped);
        assertTrue(dropped > 4 * frames, dropped + " dropped");
        peer.rtp.clear();
        for (int number = 0; number < 10 * frames; number++) {
            if (!numbers.contains(70_000 + number & 0xFFFF)) {
                nack(70_000 + number);
            }
        }
        peer.advance(SECOND);
        assertEquals(0, received(video.rtxSsrc()).size());
    }

    @Test
    void aFloodOfNacksIsAnsweredWithinTheBudget() {
        for (int i = 0; i < 30; i++) {
            sendFrame(i == 0, 2);
            peer.advance(33 * MS);
        }
        for (int round = 0; round < 50; round++) {
            for (int number = 0; number < 60; number++) {
                nack(70_000 + number);
            }
            peer.advance(20 * MS);
        }
        // Half of 300 kbit/s for a second, and a start of 300 ms.
        int answered = received(video.rtxSsrc()).size();
        assertTrue(answered > 10 && answered < 30, answered + " retransmissions");
        assertTrue(peer.connection.transport().bandwidth().repairsRefused() > 0);
    }

    @Test
    void probesRepeatWhatWasSentAndRaiseTheEstimate() {
        start(EngineConfig.Bandwidth.DEFAULT, "");
        for (int i = 0; i < 3; i++) {
            sendFrame(i == 0, 3);
            report();
        }
        List<RtpPacket> probes = received(video.rtxSsrc());
        assertTrue(probes.size() > 5, probes.size() + " packets of padding");
        for (RtpPacket probe : probes) {
            int original = Bytes.u16(probe.array(), probe.payloadOffset());
            assertTrue(original >= (70_000 & 0xFFFF) && original < (sequence & 0xFFFF), "repeats " + original);
        }
        long start = EngineConfig.Bandwidth.DEFAULT.startBps();
        assertTrue(peer.connection.targetBps() > 2 * start, peer.connection.bandwidth()::toString);
        assertTrue(peer.connection.bandwidth().probesMeasured() > 0);
    }

    /** As after a pause: the history has run empty, and there is something to win. */
    @Test
    void whereNothingIsKeptProbesAreEmpty() {
        start(new EngineConfig.Bandwidth(200_000, 30_000, 5_000_000, true), "");
        peer.connection.setNextLayerBps(100_000, peer.now);
        sendFrame(true, 2);
        for (int i = 0; i < 50; i++) {
            report();
        }
        peer.rtp.clear();
        reported = 0;
        assertTrue(peer.connection.targetBps() < 300_000);
        peer.connection.setNextLayerBps(400_000, peer.now);
        for (int i = 0; i < 20; i++) {
            report();
        }
        List<RtpPacket> probes = received(video.rtxSsrc());
        assertFalse(probes.isEmpty(), peer.connection.bandwidth()::toString);
        for (RtpPacket probe : probes) {
            assertEquals(0, probe.payloadBytes());
            assertEquals(97, probe.payloadType());
        }
    }

    @Test
    void withRembAloneNothingIsProbed() {
        start(EngineConfig.Bandwidth.DEFAULT, "a=rtcp-fb:96 goog-remb\n");
        peer.offer(
                Offers.audio("a", "recvonly"),
                Offers.video("v", "recvonly", "VP8/90000", "a=rtcp-fb:96 goog-remb\n").replace("transport-cc", "x-none"));
        for (int i = 0; i < 30; i++) {
            sendFrame(i == 0, 2);
            peer.advance(33 * MS);
        }
        assertEquals(0, received(video.rtxSsrc()).size());
        assertEquals(60, received(video.ssrc()).size());
    }

    @Test
    void anotherAddressOfThePeerStartsOver() {
        start(EngineConfig.Bandwidth.DEFAULT, "");
        for (int i = 0; i < 5; i++) {
            sendFrame(i == 0, 3);
            report();
        }
        SendBandwidth bandwidth = peer.connection.transport().bandwidth();
        assertTrue(bandwidth.targetBps() > EngineConfig.Bandwidth.DEFAULT.startBps());
        bandwidth.setPath(TestPath.udp(5001), peer.now);
        assertTrue(bandwidth.targetBps() > EngineConfig.Bandwidth.DEFAULT.startBps(), "another port is nothing new");
        bandwidth.setPath(new TestPath(
                Transport.UDP,
                new InetSocketAddress("192.0.2.1", 3478),
                new InetSocketAddress("192.0.2.7", 5001)), peer.now);
        assertEquals(EngineConfig.Bandwidth.DEFAULT.startBps(), bandwidth.targetBps());
        assertEquals(LimitedBy.START, bandwidth.estimate().limitedBy());
    }
}
