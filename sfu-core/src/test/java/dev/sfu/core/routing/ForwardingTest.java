package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.RtpSender;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.rtcp.Goodbye;
import dev.sfu.core.rtcp.Nack;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropReason;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Packets from a publisher through the room to its subscribers, with real SRTP. */
class ForwardingTest {
    private static final long MS = ScriptedPeer.MS;
    private static final int CAMERA = 0x1000;
    private static final int CAMERA_RTX = 0x1001;
    private static final int MICROPHONE = 0x2000;
    private static final int MID = 4;

    private final RoutingScene scene = new RoutingScene();
    private int sequence = 1000;
    private int pictureId = 500;

    @AfterEach
    void everyBufferComesBack() {
        scene.close();
        assertEquals(0, scene.pool.outstanding());
    }

    private ScriptedPeer publisher() {
        return scene.join("p", Offers.audio("a", "sendonly"), Offers.video("v", "sendonly"));
    }

    private ScriptedPeer subscriber(String id) {
        ScriptedPeer peer = scene.join(id, Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"));
        peer.rtp.clear();
        return peer;
    }

    /** One packet that is a whole frame. */
    private byte[] frame(boolean key) {
        pictureId++;
        return video(sequence++, key);
    }

    private byte[] video(int number, boolean key) {
        return ScriptedPeer.rtpPacket(CAMERA, 96, number, 3000L * number,
                ScriptedPeer.vp8(true, key, pictureId, pictureId & 0xFF, 100), MID, "v");
    }

    private byte[] rtx(int rtxNumber, byte[] original) {
        RtpPacket parsed = ScriptedPeer.parse(original);
        byte[] payload = ScriptedPeer.payload(original);
        byte[] repeated = new byte[payload.length + 2];
        repeated[0] = (byte) (parsed.sequenceNumber() >> 8);
        repeated[1] = (byte) parsed.sequenceNumber();
        System.arraycopy(payload, 0, repeated, 2, payload.length);
        return ScriptedPeer.rtpPacket(CAMERA_RTX, 97, rtxNumber, parsed.timestamp(), repeated, MID, "v");
    }

    private Subscription playing(String id, String mid) {
        PublishedTrack track = Objects.requireNonNull(scene.room.participant("p")).published().stream()
                .filter(published -> published.mid().equals(mid)).findAny().orElseThrow();
        return track.subscriptions().stream()
                .filter(subscription -> subscription.subscriber().id().equals(id)).findAny().orElseThrow();
    }

    private long drops(String id, DropReason reason) {
        return playing(id, "v").slot().sender().drops().of(reason);
    }

    private static List<Integer> sequences(ScriptedPeer peer) {
        return peer.rtp.stream().map(packet -> ScriptedPeer.parse(packet).sequenceNumber()).toList();
    }

    @Test
    void forwardsFromAKeyframeOn() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        p.sendRtp(frame(false));
        assertEquals(List.of(), s.rtp);
        assertEquals(1, drops("s", DropReason.AWAITING_KEYFRAME));
        scene.advance(20 * MS);
        assertEquals(1, p.rtcpPackets(PictureLossIndication.class).size());
        byte[] key = frame(true);
        byte[] next = frame(false);
        p.sendRtp(key);
        p.sendRtp(next);
        assertEquals(2, s.rtp.size());
        assertArrayEquals(ScriptedPeer.payload(key), ScriptedPeer.payload(s.rtp.get(0)));
        assertArrayEquals(ScriptedPeer.payload(next), ScriptedPeer.payload(s.rtp.get(1)));
        RtpPacket first = ScriptedPeer.parse(s.rtp.get(0));
        RtpPacket second = ScriptedPeer.parse(s.rtp.get(1));
        assertEquals(first.sequenceNumber() + 1, second.sequenceNumber());
        assertEquals(3000, second.timestamp() - first.timestamp());
        assertEquals(playing("s", "v").slot().sender().ssrc(), first.ssrc());
    }

    /** A keyframe at once, as at the start of most calls, is not asked for again. */
    @Test
    void aTrackThatStartsWithAKeyframeIsNotAskedForOne() {
        ScriptedPeer p = publisher();
        subscriber("s");
        p.sendRtp(frame(true));
        scene.advance(500 * MS);
        assertEquals(0, p.rtcpPackets(PictureLossIndication.class).size());
    }

    @Test
    void writesItsOwnMidAndTransportExtensions() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        for (int i = 0; i < 3; i++) {
            byte[] packet = ScriptedPeer.rtpPacket(CAMERA, 96, sequence, 3000L * sequence,
                    ScriptedPeer.vp8(true, true, i, i, 50), MID, "v", 2, new byte[] {1, 2, 3}, 3, new byte[] {9, 9},
                    13, new byte[] {2});
            sequence++;
            p.sendRtp(packet);
        }
        int last = -1;
        for (byte[] sent : s.rtp) {
            RtpPacket packet = ScriptedPeer.parse(sent);
            int mid = packet.extensionOffset(MID);
            assertEquals("v0", new String(sent, mid, packet.extensionBytes(MID), java.nio.charset.StandardCharsets.US_ASCII));
            assertEquals(2, sent[packet.extensionOffset(13)]);
            byte[] sendTime = Arrays.copyOfRange(sent, packet.extensionOffset(2), packet.extensionOffset(2) + 3);
            assertFalse(Arrays.equals(new byte[] {1, 2, 3}, sendTime));
            int number = dev.sfu.core.buffer.Bytes.u16(sent, packet.extensionOffset(3));
            assertEquals(last < 0 ? number : last + 1, number);
            last = number;
        }
        assertEquals(3, s.rtp.size());
    }

    @Test
    void audioNeedsNoKeyframeAndNoPermission() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        byte[] packet = ScriptedPeer.rtpPacket(MICROPHONE, 111, 7, 960, new byte[] {1, 2, 3}, MID, "a", 1, new byte[] {55});
        p.sendRtp(packet);
        assertArrayEquals(new byte[] {1, 2, 3}, ScriptedPeer.payload(s.rtp.get(0)));
        assertEquals(55, s.rtp.get(0)[ScriptedPeer.parse(s.rtp.get(0)).extensionOffset(1)]);
        assertEquals(1, s.rtp.size());
        assertEquals(0, p.rtp.size());
    }

    /** The SSRC stays, so its numbers must go on: SRTP takes what goes back for a replay, and what jumps for a loss. */
    @Test
    void aSlotThatWasAwayGoesOnWhereItStopped() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        p.sendRtp(frame(true));
        p.sendRtp(frame(false));
        scene.offer("s", Offers.audio("a0", "recvonly"), Offers.video("v0", "inactive"));
        p.sendRtp(frame(false));
        assertEquals(2, s.rtp.size());
        scene.offer("s", Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"));
        p.sendRtp(frame(true));
        assertEquals(3, s.rtp.size());
        RtpPacket before = ScriptedPeer.parse(s.rtp.get(1));
        int ssrc = before.ssrc();
        int sequenceNumber = before.sequenceNumber();
        RtpPacket after = ScriptedPeer.parse(s.rtp.get(2));
        assertEquals(ssrc, after.ssrc());
        assertEquals((sequenceNumber + 1) & 0xFFFF, after.sequenceNumber());
    }

    @Test
    void repeatsWithTheSameRewriteWhatASubscriberMisses() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        p.sendRtp(frame(true));
        // A mute makes a gap, and from then on picture ids are rewritten.
        Participant publisher = Objects.requireNonNull(scene.room.participant("p"));
        assertTrue(publisher.setMuted("v", true, p.now));
        p.sendRtp(frame(false));
        assertTrue(publisher.setMuted("v", false, p.now));
        p.sendRtp(frame(true));
        p.sendRtp(frame(false));
        assertEquals(3, s.rtp.size());
        RtpSender sender = playing("s", "v").slot().sender();
        byte[] lost = s.rtp.get(2);
        s.rtp.clear();
        int number = ScriptedPeer.parse(lost).sequenceNumber();
        s.sendRtcp(out -> RtcpWriter.nack(out, 1, sender.ssrc(), new int[] {number}, 0, 1));
        RtpPacket again = ScriptedPeer.parse(s.rtp.get(0));
        byte[] payload = ScriptedPeer.payload(s.rtp.get(0));
        assertEquals(sender.rtxSsrc(), again.ssrc());
        assertEquals(97, again.payloadType());
        assertEquals(ScriptedPeer.parse(lost).timestamp(), again.timestamp());
        assertEquals(number, dev.sfu.core.buffer.Bytes.u16(payload, 0));
        assertArrayEquals(ScriptedPeer.payload(lost), Arrays.copyOfRange(payload, 2, payload.length));
        Vp8Descriptor descriptor = new Vp8Descriptor();
        assertTrue(descriptor.parse(payload, 2, payload.length - 2));
        assertEquals(pictureId - 1, descriptor.pictureId());
        // What was never sent, or is too old, has no answer.
        s.rtp.clear();
        s.sendRtcp(out -> RtcpWriter.nack(out, 1, sender.ssrc(), new int[] {number + 100}, 0, 1));
        s.sendRtcp(out -> RtcpWriter.nack(out, 1, sender.ssrc() + 77, new int[] {number}, 0, 1));
        scene.advance(2500 * MS);
        s.rtp.clear();
        s.sendRtcp(out -> RtcpWriter.nack(out, 1, sender.ssrc(), new int[] {number}, 0, 1));
        assertEquals(List.of(), s.rtp);
    }

    /**
     * A packet that was only late comes twice: by RTX and by itself. Sent twice under one index, it would break AES-GCM;
     * SRTP's assertion would show it here.
     */
    @Test
    void whatWasRepairedIsNotForwardedAgain() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        p.sendRtp(frame(true));
        byte[] late = frame(false);
        byte[] lateCiphertextOrder = frame(false);
        p.sendRtp(lateCiphertextOrder);
        scene.advance(100 * MS);
        List<Nack> nacks = p.rtcpPackets(Nack.class);
        assertEquals(ScriptedPeer.parse(late).sequenceNumber(), nacks.get(0).sequenceNumber(0));
        p.sendRtp(rtx(1, late));
        assertEquals(3, s.rtp.size());
        p.sendRtp(late);
        p.sendRtp(rtx(2, late));
        p.sendRtp(rtx(3, lateCiphertextOrder));
        assertEquals(3, s.rtp.size());
        assertEquals(3, List.copyOf(sequences(s)).stream().distinct().count());
    }

    /** RTX ahead of everything else is media, and its original then a duplicate. */
    @Test
    void aRetransmissionThatComesFirstCounts() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        p.sendRtp(frame(true));
        byte[] next = frame(false);
        p.sendRtp(rtx(1, next));
        p.sendRtp(next);
        assertEquals(2, s.rtp.size());
    }

    @Test
    void paddingIsLeftOutWithoutAGap() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        p.sendRtp(frame(true));
        byte[] missing = frame(false);
        for (int i = 0; i < 3; i++) {
            p.sendRtp(ScriptedPeer.rtpPacket(CAMERA, 96, sequence, 3000L * sequence, new byte[0], MID, "v"));
            sequence++;
        }
        p.sendRtp(frame(false));
        assertEquals(2, s.rtp.size());
        assertEquals(3, drops("s", DropReason.RTP_PADDING_ONLY));
        p.sendRtp(rtx(1, missing));
        List<Integer> sent = sequences(s);
        assertEquals(List.of(sent.get(0), sent.get(0) + 2, sent.get(0) + 1), sent);
    }

    @Test
    void whatIsMutedIsNotForwarded() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        p.sendRtp(frame(true));
        Participant publisher = Objects.requireNonNull(scene.room.participant("p"));
        assertTrue(publisher.setMuted("v", true, p.now));
        assertFalse(publisher.setMuted("nothing", true, p.now));
        p.sendRtp(frame(true));
        assertEquals(1, s.rtp.size());
        assertEquals(1, p.connection.transceivers().get(1).receiver().drops().of(DropReason.MUTED));
        p.rtcp.clear();
        publisher.setMuted("v", false, p.now);
        p.sendRtp(frame(false));
        assertEquals(1, s.rtp.size());
        scene.advance(10 * MS);
        assertEquals(1, p.rtcpPackets(PictureLossIndication.class).size());
        p.sendRtp(frame(true));
        List<Integer> sent = sequences(s);
        assertEquals(sent.get(0) + 1, sent.get(1));
        assertEquals(List.of(true, false), scene.told("s", RoomEvent.TrackMuted.class).stream()
                .map(RoomEvent.TrackMuted::muted).toList());
    }

    @Test
    void followsTheHighestLayerThatFlows() {
        String simulcast = "a=rid:q send\na=rid:f send\na=simulcast:send q;f\n";
        ScriptedPeer p = scene.join("p", Offers.audio("a", "sendonly"),
                Offers.video("v", "sendonly", "VP8/90000", simulcast));
        ScriptedPeer s = subscriber("s");
        Layer low = new Layer(p, 1, "q", 100);
        Layer high = new Layer(p, 2, "f", 900);
        for (int i = 0; i < 60; i++) {
            low.send(i % 10 == 0);
            high.send(i % 10 == 0);
            scene.advance(33 * MS);
        }
        s.rtp.clear();
        low.send(false);
        high.send(false);
        assertEquals(1, s.rtp.size());
        assertEquals(900, ScriptedPeer.payload(s.rtp.get(0)).length);
        // The high layer stops: the low one plays from its next keyframe on, which is asked for.
        p.rtcp.clear();
        for (int i = 0; i < 30; i++) {
            low.send(false);
            scene.advance(33 * MS);
        }
        assertTrue(p.rtcpPackets(PictureLossIndication.class).stream().allMatch(pli -> pli.mediaSsrc() == 1));
        assertFalse(p.rtcpPackets(PictureLossIndication.class).isEmpty());
        s.rtp.clear();
        low.send(true);
        low.send(false);
        assertEquals(List.of(100, 100), s.rtp.stream().map(packet -> ScriptedPeer.payload(packet).length).toList());
        // And back.
        for (int i = 0; i < 60; i++) {
            low.send(false);
            high.send(true);
            scene.advance(33 * MS);
        }
        assertEquals(900, ScriptedPeer.payload(s.rtp.getLast()).length);
        assertEquals(s.rtp.size(), sequences(s).stream().distinct().count());
        // A layer that says goodbye is not waited for.
        p.sendRtcp(out -> RtcpWriter.write(out, new Goodbye(List.of(2), "")));
        s.rtp.clear();
        low.send(true);
        assertEquals(1, s.rtp.size());
    }

    /** A simulcast encoding that sends a frame, one packet, when told. */
    private static final class Layer {
        private final ScriptedPeer peer;
        private final int ssrc;
        private final String rid;
        private final int bytes;
        private int frames;

        Layer(ScriptedPeer peer, int ssrc, String rid, int bytes) {
            this.peer = peer;
            this.ssrc = ssrc;
            this.rid = rid;
            this.bytes = bytes;
        }

        void send(boolean key) {
            frames++;
            peer.sendRtp(ScriptedPeer.rtpPacket(ssrc, 96, frames, 3000L * frames,
                    ScriptedPeer.vp8(true, key, frames, frames & 0xFF, bytes), MID, "v", 10, rid));
        }
    }

    @Test
    void tellsOnceThatACodecIsNotUnderstood() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = scene.join("s", Offers.audio("a0", "recvonly"),
                Offers.video("v0", "recvonly", "VP9/90000", ""));
        p.sendRtp(frame(true));
        p.sendRtp(frame(true));
        assertEquals(List.of(), s.rtp);
        assertEquals(1, scene.told("s", RoomEvent.Notice.class).size());
        assertEquals(2, drops("s", DropReason.NO_COMMON_CODEC));
        // After a re-offer that understands it, it plays.
        scene.offer("s", Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"));
        p.sendRtp(frame(true));
        assertEquals(1, s.rtp.size());
    }

    @Test
    void aSlotGoesOnWithAnotherPublisher() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        p.sendRtp(frame(true));
        p.sendRtp(frame(false));
        scene.room.remove(Objects.requireNonNull(scene.room.participant("p")),
                dev.sfu.core.api.ErrorCode.SHUTTING_DOWN, "gone", p.now);
        p.connection.close();
        assertNull(scene.told("s", RoomEvent.SlotsAssigned.class).getLast().slots().get(1).trackId());
        ScriptedPeer q = scene.join("q", Offers.audio("a", "sendonly"), Offers.video("v", "sendonly"));
        q.sendRtp(video(9, false));
        q.sendRtp(video(10, true));
        List<Integer> sent = sequences(s);
        assertEquals(List.of(sent.get(0), sent.get(0) + 1, sent.get(0) + 2), sent);
        Vp8Descriptor before = new Vp8Descriptor();
        Vp8Descriptor after = new Vp8Descriptor();
        byte[] last = ScriptedPeer.payload(s.rtp.get(1));
        byte[] first = ScriptedPeer.payload(s.rtp.get(2));
        assertTrue(before.parse(last, 0, last.length) && after.parse(first, 0, first.length));
        assertEquals(before.pictureId() + 1, after.pictureId());
        assertEquals(before.tl0PicIdx() + 1 & 0xFF, after.tl0PicIdx());
        long moved = ScriptedPeer.parse(s.rtp.get(2)).timestamp() - ScriptedPeer.parse(s.rtp.get(1)).timestamp();
        assertTrue(moved >= 900 && moved < 90_000, moved + " ticks");
    }

    @Test
    void viewersAreNotShownAndPublishersGetNothing() {
        publisher();
        scene.join("w", JoinRequest.Role.VIEWER, Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"));
        scene.join("i", JoinRequest.Role.PUBLISHER, Offers.audio("a", "sendonly"));
        assertEquals(List.of("i"), scene.told("p", RoomEvent.ParticipantJoined.class).stream()
                .map(event -> event.participant().id()).toList());
        assertEquals(1, scene.room.info(null).viewers());
        assertEquals(2, scene.room.subscriptionCount());
        assertEquals(3, scene.room.trackCount());
        assertEquals(List.of(), scene.told("i", RoomEvent.SlotsAssigned.class));
    }

    @Test
    void asksForSlotsWhenThereAreTooFew() {
        publisher();
        scene.join("q", Offers.audio("a", "sendonly"), Offers.video("v", "sendonly"));
        scene.join("s", Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"));
        assertEquals(List.of(new RoomEvent.SlotsNeeded(2, 2)), scene.told("s", RoomEvent.SlotsNeeded.class));
        scene.offer("s", Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"),
                Offers.audio("a1", "recvonly"), Offers.video("v1", "recvonly"));
        assertEquals(1, scene.told("s", RoomEvent.SlotsNeeded.class).size());
        assertTrue(scene.told("s", RoomEvent.SlotsAssigned.class).getLast().slots().stream()
                .allMatch(slot -> slot.trackId() != null));
    }

    @Test
    void unpublishingFreesTheSlot() {
        publisher();
        subscriber("s");
        scene.offer("p", Offers.audio("a", "sendonly"), Offers.video("v", "inactive"));
        assertEquals(1, scene.told("s", RoomEvent.TrackUnpublished.class).size());
        assertEquals(1, scene.room.subscriptionCount());
        scene.offer("p", Offers.audio("a", "sendonly"), Offers.video("v", "sendonly"));
        assertEquals(2, scene.room.subscriptionCount());
    }

    @Test
    void aMicrophoneAndItsCameraComeInOneStep() {
        scene.join("s", Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"), Offers.audio("a1", "recvonly"));
        publisher();
        List<RoomEvent.SlotsAssigned> assigned = scene.told("s", RoomEvent.SlotsAssigned.class);
        assertEquals(2, assigned.getLast().slots().stream().filter(slot -> slot.trackId() != null).count());
        assertTrue(assigned.getLast().slots().stream().noneMatch(slot -> slot.mid().equals("a1") && slot.trackId() != null));
        assertEquals(2, assigned.size());
    }
}
