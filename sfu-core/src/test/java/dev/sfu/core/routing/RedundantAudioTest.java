package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.RedPayload;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropReason;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Redundant audio (RFC 2198) passed, stripped and added for each receiver, with real SRTP. */
class RedundantAudioTest {
    private static final long MS = ScriptedPeer.MS;
    private static final int MICROPHONE = 0x2000;
    private static final int OPUS = 111;
    private static final int RED = 63;
    private static final int LEVEL_ID = 1;

    private final RoutingScene scene = new RoutingScene();
    private int sequence = 65_530;
    private long timestamp = 0xFFFF_F000L;

    @AfterEach
    void everyBufferComesBack() {
        scene.close();
        assertEquals(0, scene.pool.outstanding());
    }

    /** Opus and RED under these numbers. */
    private static String redundant(String mid, String direction, int opus, int red) {
        return Offers.audio(mid, direction)
                        .replace("SAVPF 111 126", "SAVPF " + opus + " " + red + " 126")
                        .replace(":111 ", ":" + opus + " ")
                + "a=rtpmap:" + red + " red/48000/2\na=fmtp:" + red + " " + opus + "/" + opus + "\n";
    }

    private ScriptedPeer publisher() {
        return scene.join("p", redundant("a", "sendonly", OPUS, RED));
    }

    private ScriptedPeer subscriber(String id, String section) {
        ScriptedPeer peer = scene.join(id, section);
        peer.rtp.clear();
        return peer;
    }

    private ScriptedPeer withRed(String id) {
        return subscriber(id, redundant("a0", "recvonly", OPUS, RED));
    }

    private ScriptedPeer withoutRed(String id) {
        return subscriber(id, Offers.audio("a0", "recvonly"));
    }

    private static byte[] sound(int fill, int bytes) {
        byte[] sound = new byte[bytes];
        Arrays.fill(sound, (byte) fill);
        return sound;
    }

    private byte[] packet(int payloadType, byte[] payload, int ticks) {
        sequence++;
        timestamp += ticks;
        return ScriptedPeer.rtpPacket(MICROPHONE, payloadType, sequence & 0xFFFF, timestamp & 0xFFFF_FFFFL, payload,
                4, "a", LEVEL_ID, new byte[] {(byte) 33});
    }

    private static byte[] red(byte[] earlier, byte[] primary) {
        byte[] out = new byte[earlier.length + primary.length + 5];
        assertEquals(out.length, RedPayload.write(
                out, 0, OPUS, 960, earlier, 0, earlier.length, primary, 0, primary.length));
        return out;
    }

    /** Its slot's receiver says that a tenth is lost. */
    private void losesPackets(ScriptedPeer peer) {
        int ssrc = ScriptedPeer.parse(peer.rtp.getLast()).ssrc();
        peer.sendRtcp(out -> RtcpWriter.write(
                out, new ReceiverReport(9, List.of(new ReportBlock(ssrc, 26, 3, 7, 480, 0, 0)))));
    }

    private static RtpPacket last(ScriptedPeer peer) {
        return ScriptedPeer.parse(peer.rtp.getLast());
    }

    private static byte[] lastPayload(ScriptedPeer peer) {
        return ScriptedPeer.payload(peer.rtp.getLast());
    }

    private static void assertContinuous(ScriptedPeer peer, int count) {
        assertEquals(count, peer.rtp.size());
        for (int i = 1; i < count; i++) {
            int before = ScriptedPeer.parse(peer.rtp.get(i - 1)).sequenceNumber();
            assertEquals((before + 1) & 0xFFFF, ScriptedPeer.parse(peer.rtp.get(i)).sequenceNumber());
        }
    }

    @Test
    void redIsPassedToWhoNegotiatedItAndStrippedForTheOthers() {
        ScriptedPeer p = publisher();
        ScriptedPeer other = subscriber("other", redundant("a0", "recvonly", OPUS, 100));
        ScriptedPeer with = withRed("with");
        ScriptedPeer without = withoutRed("without");
        byte[] before = sound(0, 40);
        for (int i = 1; i <= 20; i++) {
            byte[] now = sound(i, 40 + i);
            byte[] payload = red(before, now);
            p.sendRtp(packet(RED, payload, 960));
            assertEquals(RED, last(with).payloadType());
            assertArrayEquals(payload, lastPayload(with));
            assertEquals(100, last(other).payloadType());
            assertArrayEquals(payload, lastPayload(other));
            assertEquals(OPUS, last(without).payloadType());
            assertArrayEquals(now, lastPayload(without));
            assertEquals(33, without.rtp.getLast()[last(without).extensionOffset(LEVEL_ID)]);
            before = now;
        }
        assertContinuous(with, 20);
        assertContinuous(without, 20);
        long span = last(without).timestamp() - ScriptedPeer.parse(without.rtp.getFirst()).timestamp();
        assertEquals(19 * 960, (int) span);
    }

    @Test
    void opusGetsThePacketBeforeItWhileTheReceiverLosesPackets() {
        ScriptedPeer p = publisher();
        ScriptedPeer lossy = withRed("lossy");
        ScriptedPeer alsoLossy = withRed("also");
        ScriptedPeer clean = withRed("clean");
        ScriptedPeer without = withoutRed("without");
        p.sendRtp(packet(OPUS, sound(1, 50), 960));
        assertEquals(OPUS, last(lossy).payloadType());
        losesPackets(lossy);
        losesPackets(alsoLossy);
        losesPackets(without);
        for (int i = 2; i <= 20; i++) {
            p.sendRtp(packet(OPUS, sound(i, 50), 960));
            for (ScriptedPeer peer : List.of(lossy, alsoLossy)) {
                assertEquals(RED, last(peer).payloadType());
                assertArrayEquals(red(sound(i - 1, 50), sound(i, 50)), lastPayload(peer));
                assertEquals(33, peer.rtp.getLast()[last(peer).extensionOffset(LEVEL_ID)]);
            }
            for (ScriptedPeer peer : List.of(clean, without)) {
                assertEquals(OPUS, last(peer).payloadType());
                assertArrayEquals(sound(i, 50), lastPayload(peer));
            }
        }
        for (ScriptedPeer peer : List.of(lossy, alsoLossy, clean, without)) {
            assertContinuous(peer, 20);
        }
        // Nothing has been lost for a while.
        scene.advance(21_000 * MS);
        p.sendRtp(packet(OPUS, sound(21, 50), 21 * 48_000));
        p.sendRtp(packet(OPUS, sound(22, 50), 960));
        assertEquals(OPUS, last(lossy).payloadType());
    }

    @Test
    void aPacketGoesAloneWhenNothingBeforeItFits() {
        ScriptedPeer p = publisher();
        ScriptedPeer lossy = withRed("lossy");
        p.sendRtp(packet(OPUS, sound(1, 50), 960));
        losesPackets(lossy);
        p.sendRtp(packet(OPUS, sound(2, 50), 960));
        assertEquals(RED, last(lossy).payloadType());
        p.sendRtp(packet(OPUS, sound(3, 50), RedPayload.MAX_TIMESTAMP_OFFSET));
        assertEquals(RED, last(lossy).payloadType());
        p.sendRtp(packet(OPUS, sound(4, 50), RedPayload.MAX_TIMESTAMP_OFFSET + 1));
        assertEquals(OPUS, last(lossy).payloadType(), "after a silence");
        assertArrayEquals(sound(4, 50), lastPayload(lossy));
        byte[] late = packet(OPUS, sound(5, 50), 960);
        p.sendRtp(packet(OPUS, sound(6, 1000), 960));
        RedPayload parsed = new RedPayload();
        byte[] payload = lastPayload(lossy);
        assertTrue(parsed.parse(payload, 0, payload.length));
        assertEquals(1920, parsed.earlierTimestampOffset(0), "what was lost on the way here is not there");
        p.sendRtp(late);
        assertEquals(OPUS, last(lossy).payloadType(), "what comes late goes alone");
        p.sendRtp(packet(OPUS, sound(7, 200), 960));
        assertEquals(OPUS, last(lossy).payloadType(), "both would be too long");
        p.sendRtp(packet(OPUS, sound(8, 50), 960));
        assertArrayEquals(red(sound(7, 200), sound(8, 50)), lastPayload(lossy));
    }

    @Test
    void whoCallsOpusByAnotherNumberGetsItWithoutRedundancy() {
        ScriptedPeer p = publisher();
        ScriptedPeer other = subscriber("other", redundant("a0", "recvonly", 109, RED));
        p.sendRtp(packet(RED, red(sound(1, 50), sound(2, 60)), 960));
        assertEquals(109, last(other).payloadType());
        assertArrayEquals(sound(2, 60), lastPayload(other));
        losesPackets(other);
        p.sendRtp(packet(OPUS, sound(3, 50), 960));
        p.sendRtp(packet(OPUS, sound(4, 50), 960));
        assertEquals(109, last(other).payloadType());
        assertArrayEquals(sound(4, 50), lastPayload(other));
        assertContinuous(other, 3);
    }

    @Test
    void brokenRedIsCountedAndGoesNoFurther() {
        ScriptedPeer p = publisher();
        ScriptedPeer without = withoutRed("without");
        p.sendRtp(packet(RED, new byte[] {(byte) 0xEF, 0x0F, 0x00, 0x30, 0x6F, 1, 2}, 960));
        assertEquals(0, without.rtp.size());
        Slot slot = Objects.requireNonNull(scene.room.participant("p")).published().getFirst()
                .subscriptions().getFirst().slot();
        assertEquals(1, slot.sender().drops().of(DropReason.CODEC_MALFORMED));
    }

    /** Whatever a publisher sends as RED or Opus, in whatever order: nothing throws, and no buffer is lost. */
    @Test
    void anythingAPublisherSendsIsTaken() {
        SplittableRandom random = new SplittableRandom(11);
        ScriptedPeer p = publisher();
        ScriptedPeer lossy = withRed("lossy");
        withoutRed("without");
        p.sendRtp(packet(OPUS, sound(1, 50), 960));
        losesPackets(lossy);
        for (int i = 0; i < 5_000; i++) {
            byte[] payload = random.nextInt(3) == 0
                    ? red(sound(i, random.nextInt(900)), sound(i, random.nextInt(200)))
                    : new byte[random.nextInt(1100)];
            if (random.nextBoolean()) {
                random.nextBytes(payload);
            }
            byte[] packet = packet(random.nextBoolean() ? RED : OPUS, payload, random.nextInt(-2000, 40_000));
            p.sendRtp(packet);
            lossy.rtp.clear();
        }
    }
}
