package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.rtcp.Goodbye;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropReason;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A publisher in one part of a room and subscribers in another, with real SRTP, in virtual time. */
class SpreadRoomTest {
    private static final long MS = ScriptedPeer.MS;
    private static final int CAMERA = 0x1000;
    private static final int MICROPHONE = 0x2000;
    private static final int MID = 4;

    private final SpreadScene scene = new SpreadScene(3, 1);
    private int sequence = 65_500;
    private int pictureId = 500;

    @AfterEach
    void everyBufferComesBack() {
        assertEquals(0, scene.leaveAll());
        assertEquals(0, scene.pipes());
    }

    private SpreadScene.Guest publisher(String id, int part) {
        return scene.join(id, part, Offers.audio("a", "sendonly"), Offers.video("v", "sendonly"));
    }

    private SpreadScene.Guest subscriber(String id, int part) {
        SpreadScene.Guest guest =
                scene.join(id, part, Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"));
        guest.peer.rtp.clear();
        return guest;
    }

    private byte[] frame(boolean key) {
        pictureId++;
        int number = sequence++;
        return ScriptedPeer.rtpPacket(CAMERA, 96, number & 0xFFFF, 3000L * number,
                ScriptedPeer.vp8(true, key, pictureId, pictureId & 0xFF, 100), MID, "v", 13, new byte[] {2});
    }

    private void send(SpreadScene.Guest guest, byte[] packet) {
        guest.peer.sendRtp(packet);
        scene.deliver();
    }

    private static List<Integer> sequences(SpreadScene.Guest guest) {
        return guest.peer.rtp.stream().map(packet -> ScriptedPeer.parse(packet).sequenceNumber()).toList();
    }

    private static long keyframeRequests(SpreadScene.Guest guest) {
        return guest.peer.rtcpPackets(PictureLossIndication.class).size();
    }

    @Test
    void packetsCrossWithAllThatBelongsToThem() {
        SpreadScene.Guest p = publisher("p", 0);
        SpreadScene.Guest near = subscriber("near", 0);
        SpreadScene.Guest far = subscriber("far", 1);
        for (int i = 0; i < 80; i++) {
            byte[] packet = frame(i == 0);
            send(p, packet);
            byte[] here = near.peer.rtp.getLast();
            byte[] there = far.peer.rtp.getLast();
            assertArrayEquals(ScriptedPeer.payload(packet), ScriptedPeer.payload(there));
            assertArrayEquals(ScriptedPeer.payload(here), ScriptedPeer.payload(there));
            RtpPacket parsed = ScriptedPeer.parse(there);
            assertEquals(2, there[parsed.extensionOffset(13)]);
        }
        assertEquals(80, far.peer.rtp.size());
        List<Integer> numbers = sequences(far);
        RtpPacket first = ScriptedPeer.parse(far.peer.rtp.getFirst());
        for (int i = 1; i < 80; i++) {
            assertEquals(numbers.get(0) + i, numbers.get(i));
            assertEquals(3000L * i, ScriptedPeer.parse(far.peer.rtp.get(i)).timestamp() - first.timestamp());
        }
    }

    @Test
    void eachPacketIsHandedOverOnceHoweverManyWatch() {
        SpreadScene.Guest p = publisher("p", 0);
        send(p, frame(true));
        assertEquals(0, scene.carried);
        List<SpreadScene.Guest> viewers = List.of(subscriber("s", 1), subscriber("t", 1), subscriber("u", 1));
        for (int i = 0; i < 10; i++) {
            send(p, frame(i == 0));
        }
        assertEquals(10, scene.carried);
        assertEquals(2, scene.pipes());
        viewers.forEach(viewer -> assertEquals(10, viewer.peer.rtp.size()));
        viewers.get(0).leave();
        viewers.get(1).leave();
        scene.deliver();
        assertEquals(2, scene.pipes());
        viewers.get(2).leave();
        scene.deliver();
        assertEquals(0, scene.pipes());
        send(p, frame(false));
        assertEquals(10, scene.carried);
    }

    @Test
    void whoStartsToWatchGetsAKeyframeAndManyRequestsAreOne() {
        SpreadScene.Guest p = publisher("p", 0);
        send(p, frame(true));
        scene.advance(3000 * MS);
        p.peer.rtcp.clear();
        SpreadScene.Guest s = subscriber("s", 1);
        scene.advance(20 * MS);
        assertEquals(1, keyframeRequests(p));
        send(p, frame(true));
        assertEquals(1, s.peer.rtp.size());
        SpreadScene.Guest t = subscriber("t", 1);
        scene.advance(3000 * MS);
        send(p, frame(true));
        scene.advance(3000 * MS);
        p.peer.rtcp.clear();
        int asked = scene.sent(RoomMessage.KeyframeWanted.class).size();
        for (SpreadScene.Guest viewer : List.of(s, t)) {
            int ssrc = ScriptedPeer.parse(viewer.peer.rtp.getFirst()).ssrc();
            for (int i = 0; i < 5; i++) {
                viewer.peer.sendRtcp(out -> RtcpWriter.write(out, new PictureLossIndication(1, ssrc)));
            }
        }
        scene.deliver();
        scene.advance(10 * MS);
        assertEquals(1, keyframeRequests(p));
        assertEquals(asked + 1, scene.sent(RoomMessage.KeyframeWanted.class).size());
        // An unanswered request counts anew after a while.
        int ssrc = ScriptedPeer.parse(s.peer.rtp.getFirst()).ssrc();
        scene.advance(60 * MS);
        s.peer.sendRtcp(out -> RtcpWriter.write(out, new PictureLossIndication(1, ssrc)));
        assertEquals(asked + 2, scene.sent(RoomMessage.KeyframeWanted.class).size());
    }

    @Test
    void packetsUnderWayWhenATrackIsMutedArriveAndThoseAfterDoNot() {
        SpreadScene.Guest p = publisher("p", 0);
        SpreadScene.Guest s = subscriber("s", 1);
        send(p, frame(true));
        p.peer.sendRtp(frame(false));
        p.participant().setMuted("v", true, scene.now());
        p.peer.sendRtp(frame(false));
        scene.deliver();
        assertEquals(2, s.peer.rtp.size());
        assertTrue(s.told(RoomEvent.TrackMuted.class).getLast().muted());
        p.participant().setMuted("v", false, scene.now());
        // Right behind the message: nothing is lost because the other part does not know yet.
        p.peer.sendRtp(frame(true));
        p.peer.sendRtp(frame(false));
        scene.deliver();
        List<Integer> numbers = sequences(s);
        assertEquals(4, numbers.size());
        assertEquals(numbers.get(0) + 3, numbers.get(3));
        assertFalse(s.told(RoomEvent.TrackMuted.class).getLast().muted());
    }

    @Test
    void theLayerIsChosenAsWhereTheTrackComesIn() {
        String simulcast = "a=rid:q send\na=rid:f send\na=simulcast:send q;f\n";
        SpreadScene.Guest p = scene.join("p", 0, Offers.audio("a", "sendonly"),
                Offers.video("v", "sendonly", "VP8/90000", simulcast));
        for (int i = 0; i < 60; i++) {
            layer(p, 1, "q", i, 100, i % 10 == 0);
            layer(p, 2, "f", i, 900, i % 10 == 0);
            scene.advance(33 * MS);
        }
        // Who comes later plays the high layer from the start, although the first packet that comes over is of the low one.
        SpreadScene.Guest s = subscriber("s", 1);
        for (int i = 60; i < 80; i++) {
            layer(p, 1, "q", i, 100, i == 60);
            layer(p, 2, "f", i, 900, i == 60);
            scene.deliver();
        }
        assertEquals(20, s.peer.rtp.size());
        assertTrue(s.peer.rtp.stream().allMatch(packet -> ScriptedPeer.payload(packet).length == 900));
        // Its end is known there at once: the next packet of the low layer is asked for a keyframe and then played.
        p.peer.sendRtcp(out -> RtcpWriter.write(out, new Goodbye(List.of(2), "")));
        scene.deliver();
        layer(p, 1, "q", 80, 100, false);
        layer(p, 1, "q", 81, 100, true);
        scene.deliver();
        assertEquals(21, s.peer.rtp.size());
        assertEquals(100, ScriptedPeer.payload(s.peer.rtp.getLast()).length);
    }

    private static void layer(SpreadScene.Guest p, int ssrc, String rid, int frame, int bytes, boolean key) {
        p.peer.sendRtp(ScriptedPeer.rtpPacket(ssrc, 96, frame, 3000L * frame,
                ScriptedPeer.vp8(true, key, frame, frame & 0xFF, bytes), MID, "v", 10, rid));
    }

    /** Sender reports draw the same line for a viewer in the publisher's part and for one in another. */
    @Test
    void lipsAndVoiceAreAsFarApartAsInThePublishersPart() {
        SpreadScene.Guest p = publisher("p", 0);
        SpreadScene.Guest near = subscriber("near", 0);
        SpreadScene.Guest far = subscriber("far", 1);
        for (int i = 0; i < 300; i++) {
            long at = scene.now();
            // The voice was captured 70 ms after the picture that comes with it.
            send(p, ScriptedPeer.rtpPacket(MICROPHONE, 111, i, 960L * i, new byte[] {1, 2, 3}, MID, "a"));
            send(p, ScriptedPeer.rtpPacket(CAMERA, 96, i, 1800L * i,
                    ScriptedPeer.vp8(true, i % 50 == 0, i, i & 0xFF, 100), MID, "v"));
            if (i % 100 == 50) {
                long ntp = 0x1234_0000_0000_0000L + (long) (at / 1e9 * (1L << 32));
                long voice = 960L * i;
                long picture = 1800L * i;
                p.peer.sendRtcp(out -> {
                    RtcpWriter.write(out, new SenderReport(CAMERA, ntp, picture, 1, 1, List.of()));
                    RtcpWriter.write(out, new SenderReport(MICROPHONE, ntp + (70L << 32) / 1000, voice, 1, 1, List.of()));
                });
            }
            scene.advance(20 * MS);
        }
        assertEquals(70, offsetMillis(near), 1);
        assertEquals(70, offsetMillis(far), 1);
    }

    /** How much later the last voice packet was captured than the last picture, as a browser computes it. */
    private static double offsetMillis(SpreadScene.Guest guest) {
        return capturedMillis(guest, true) - capturedMillis(guest, false);
    }

    private static double capturedMillis(SpreadScene.Guest guest, boolean audio) {
        RtpPacket packet = guest.peer.rtp.reversed().stream()
                .map(ScriptedPeer::parse)
                .filter(parsed -> (parsed.payloadType() == 111) == audio)
                .findFirst()
                .orElseThrow();
        SenderReport report = guest.peer.rtcpPackets(SenderReport.class).reversed().stream()
                .filter(sent -> sent.ssrc() == packet.ssrc())
                .findFirst()
                .orElseThrow();
        int ticks = (int) (packet.timestamp() - report.rtpTimestamp());
        long seconds = report.ntp() >>> 32;
        double millis = (seconds % 100_000) * 1000.0 + (report.ntp() & 0xFFFF_FFFFL) * 1000.0 / (1L << 32);
        return millis + ticks * 1000.0 / (audio ? 48_000 : 90_000);
    }

    @Test
    void whatDoesNotFitBetweenThePartsIsCounted() {
        SpreadScene.Guest p = publisher("p", 0);
        SpreadScene.Guest near = subscriber("near", 0);
        SpreadScene.Guest far = subscriber("far", 1);
        send(p, frame(true));
        scene.full = true;
        send(p, frame(false));
        scene.full = false;
        send(p, frame(false));
        assertEquals(3, near.peer.rtp.size());
        List<Integer> numbers = sequences(far);
        assertEquals(List.of(numbers.get(0), numbers.get(0) + 2), numbers);
        assertEquals(1, p.track("v").drops().of(DropReason.PIPE_FULL));
    }

    @Test
    void renegotiatedPayloadTypesAndSlotsAreFollowed() {
        SpreadScene.Guest p = publisher("p", 0);
        SpreadScene.Guest s = subscriber("s", 1);
        send(p, frame(true));
        p.offer(Offers.audio("a", "sendonly"), Offers.video("v", "sendonly"), Offers.video("w", "sendonly"));
        scene.deliver();
        send(p, frame(false));
        assertEquals(2, s.peer.rtp.size());
        assertEquals(1, s.told(RoomEvent.TrackPublished.class).size());
        p.offer(Offers.audio("a", "sendonly"), Offers.video("v", "inactive"), Offers.video("w", "sendonly"));
        scene.deliver();
        assertEquals(1, s.told(RoomEvent.TrackUnpublished.class).size());
        assertEquals(2, scene.pipes());
    }

    @Test
    void whoJoinsGetsTheWholeRoomWhateverIsUnderWay() {
        SpreadScene.Guest a = publisher("a", 0);
        SpreadScene.Guest b = publisher("b", 1);
        SpreadScene.Guest c = scene.ask("c", 2, JoinRequest.Role.PARTICIPANT);
        assertEquals(null, c.participant);
        b.participant().setMuted("v", true, scene.now());
        scene.deliver();
        List<ParticipantInfo> before = Objects.requireNonNull(c.before).participants();
        assertEquals(List.of("a", "b"), before.stream().map(ParticipantInfo::id).toList());
        assertTrue(before.get(1).tracks().stream().anyMatch(TrackInfo::muted));
        assertEquals(1, a.told(RoomEvent.ParticipantJoined.class).stream()
                .filter(event -> event.participant().id().equals("c")).count());
        scene.ask("w", 0, JoinRequest.Role.VIEWER);
        scene.deliver();
        assertEquals(1, c.part.room().info(null).viewers());
        assertEquals(c.part.room().info(null), a.part.room().info(null));
    }

    @Test
    void aPartThatClosesWhileAnotherOneGreetsItIsNotWaitedFor() {
        SpreadScene.Guest a = publisher("a", 0);
        SpreadScene.Guest b = scene.ask("b", 1, JoinRequest.Role.PARTICIPANT);
        a.leave();
        scene.deliver();
        assertEquals(List.of(), Objects.requireNonNull(b.before).participants());
        SpreadScene.Guest again = publisher("again", 0);
        assertEquals(List.of("b"), Objects.requireNonNull(again.before).participants().stream()
                .map(ParticipantInfo::id).toList());
        assertEquals(List.of("b", "again"), b.part.room().info(null).participants().stream()
                .map(ParticipantInfo::id).toList());
    }
}
