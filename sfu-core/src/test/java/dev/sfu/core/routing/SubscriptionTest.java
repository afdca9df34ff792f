package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.codec.Vp9Descriptor;
import dev.sfu.core.layers.LayerSelector;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.peerconnection.RtpSender;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What one viewer gets of a track while what should play changes. */
class SubscriptionTest {
    private static final int ALL = LayerSelector.ALL;
    private static final String VP8_AND_VP9 = Offers.video("v0", "recvonly", "VP8/90000",
                    "a=rtpmap:98 VP9/90000\na=fmtp:98 profile-id=0\n").replace("SAVPF 96 97", "SAVPF 96 97 98");

    private final RoutingScene scene = new RoutingScene();
    private final ScriptedPeer viewer = scene.join("s", VP8_AND_VP9);
    private final RtpSender sender = viewer.connection.transceivers().getFirst().sender();
    private final Slot slot = new Slot(0, sender, new RtpRewriter(99, 1000));
    private final RtpReceiver receiver = scene.receiver("v", MediaKind.VIDEO);
    private final Subscription subscription = subscription(receiver);
    private final Vp8 low = new Vp8(receiver, 1);
    private final Vp8 high = new Vp8(receiver, 2);

    private Subscription subscription(RtpReceiver of) {
        PublishedTrack track = new PublishedTrack("t", scene.participant("p"), of, TrackSource.CAMERA, false, scene.room);
        return new Subscription(track, slot, Objects.requireNonNull(scene.room.participant("s")));
    }

    /** VP8 in three temporal layers, each picture in two packets. */
    private final class Vp8 {
        final ScriptedStream stream;
        long sequence;
        int picture;

        Vp8(RtpReceiver of, int ssrc) {
            stream = new ScriptedStream(of, ssrc, null, ScriptedStream.vp8());
            sequence = 1000L * ssrc;
            picture = 100 * ssrc;
        }

        void send(boolean key) {
            picture++;
            int temporal = key ? 0 : new int[] {0, 2, 1, 2}[picture % 4];
            for (int i = 0; i < 2; i++) {
                boolean sync = temporal > 0 && i == 0;
                byte[] payload = {
                    (byte) (i == 0 ? 0x90 : 0x80), (byte) 0xE0, (byte) (0x80 | picture >> 8), (byte) picture,
                    (byte) (picture / 4), (byte) (temporal << 6 | (sync ? 0x20 : 0)), (byte) (key && i == 0 ? 0 : 1), 7
                };
                forward(stream.packet(sequence++, 3000L * picture, viewer.now, payload));
            }
        }

        void send(int pictures) {
            for (int i = 0; i < pictures; i++) {
                send(false);
            }
        }
    }

    private void forward(IncomingPacket packet) {
        subscription.forward(packet, viewer.now);
    }

    private static byte[] payload(byte[] packet) {
        return ScriptedPeer.payload(packet);
    }

    private List<Vp8Descriptor> pictures() {
        List<Vp8Descriptor> all = new ArrayList<>();
        for (byte[] packet : viewer.rtp) {
            Vp8Descriptor descriptor = new Vp8Descriptor();
            assertTrue(descriptor.parse(payload(packet), 0, payload(packet).length));
            all.add(descriptor);
        }
        return all;
    }

    private List<Integer> sequences() {
        return viewer.rtp.stream().map(packet -> ScriptedPeer.parse(packet).sequenceNumber()).toList();
    }

    private static List<Integer> range(int from, int count) {
        return IntStream.range(from, from + count).boxed().toList();
    }

    @Test
    void whatPlaysGoesOnUntilTheAwaitedKeyframeHasCome() {
        subscription.setTarget(low.stream.stream().encoding(), ALL, ALL);
        low.send(true);
        assertFalse(low.stream.keyframeAwaited());
        subscription.setTarget(high.stream.stream().encoding(), ALL, ALL);
        assertTrue(subscription.awaitsKeyframe());
        high.send(false);
        assertTrue(high.stream.keyframeAwaited());
        assertFalse(low.stream.keyframeAwaited());
        low.send(2);
        assertEquals(low.stream.stream().encoding(), subscription.encoding());
        assertEquals(6, viewer.rtp.size());
        assertEquals(2, sender.drops().of(DropReason.AWAITING_KEYFRAME));
        high.send(true);
        assertFalse(subscription.awaitsKeyframe());
        assertEquals(high.stream.stream().encoding(), subscription.encoding());
        low.send(1);
        assertEquals(range(100, 8), sequences());
        List<Integer> ids = pictures().stream().map(Vp8Descriptor::pictureId).toList();
        assertEquals(List.of(101, 101, 102, 102, 103, 103, 104, 104), ids);
    }

    /** One that came and went by, for instance because it was lost on the way, is asked for again. */
    @Test
    void aKeyframeIsAskedForAgainWhenItDidNotCome() {
        subscription.setTarget(low.stream.stream().encoding(), ALL, ALL);
        low.send(1);
        assertTrue(low.stream.keyframeAwaited());
        low.stream.keyframeCame(viewer.now);
        low.send(1);
        assertFalse(low.stream.keyframeAwaited());
        subscription.requestAwaitedKeyframe(viewer.now);
        assertTrue(low.stream.keyframeAwaited());
        // Who wants another one gets that asked for.
        subscription.setTarget(high.stream.stream().encoding(), ALL, ALL);
        low.send(1);
        assertTrue(high.stream.keyframeAwaited());
    }

    @Test
    void temporalLayersAreLeftOutWithoutGaps() {
        subscription.setTarget(low.stream.stream().encoding(), ALL, 0);
        low.picture = 103;
        low.send(true);
        low.send(8);
        // 104, 108 and 112.
        assertEquals(range(100, 6), sequences());
        List<Vp8Descriptor> pictures = pictures();
        assertEquals(List.of(104, 104, 105, 105, 106, 106), pictures.stream().map(Vp8Descriptor::pictureId).toList());
        assertEquals(List.of(26, 26, 27, 27, 28, 28), pictures.stream().map(Vp8Descriptor::tl0PicIdx).toList());
        assertEquals(12, sender.drops().of(DropReason.LAYER_NOT_SELECTED));
        subscription.setTarget(low.stream.stream().encoding(), ALL, ALL);
        viewer.rtp.clear();
        low.send(4);
        // Layer by layer: 113 is two above, 114 and 115 are one above what plays.
        assertEquals(range(106, 6), sequences());
        assertEquals(2, subscription.temporal());
    }

    @Test
    void aRetransmissionHasTheNumbersOfTheFirstSending() {
        subscription.setTarget(low.stream.stream().encoding(), ALL, 0);
        low.picture = 103;
        low.send(true);
        low.send(4);
        byte[] first = viewer.rtp.getLast();
        int number = ScriptedPeer.parse(first).sequenceNumber();
        viewer.rtp.clear();
        viewer.sendRtcp(out -> RtcpWriter.nack(out, 1, sender.ssrc(), new int[] {number}, 0, 1));
        byte[] again = payload(viewer.rtp.getLast());
        assertEquals(number, dev.sfu.core.buffer.Bytes.u16(again, 0));
        assertArrayEquals(payload(first), Arrays.copyOfRange(again, 2, again.length));
    }

    @Test
    void aPauseEndsAtAKeyframeAndLeavesNoTrace() {
        int encoding = low.stream.stream().encoding();
        subscription.setTarget(encoding, ALL, ALL);
        low.send(true);
        subscription.pause();
        assertTrue(subscription.paused());
        low.send(1);
        low.send(true);
        assertEquals(2, viewer.rtp.size());
        assertEquals(4, sender.drops().of(DropReason.MUTED));
        assertFalse(low.stream.keyframeAwaited());
        subscription.setTarget(encoding, ALL, ALL);
        low.send(1);
        assertTrue(low.stream.keyframeAwaited());
        low.send(true);
        assertEquals(range(100, 4), sequences());
        assertEquals(List.of(101, 101, 102, 102), pictures().stream().map(Vp8Descriptor::pictureId).toList());
    }

    /** Its successor may have the same place among the encodings, and begins with lower numbers. */
    @Test
    void aReplacedStreamIsAnotherOne() {
        int encoding = high.stream.stream().encoding();
        subscription.setTarget(encoding, ALL, ALL);
        high.send(true);
        high.stream.end();
        subscription.onStreamEnded(high.stream.stream());
        assertEquals(LayerSelector.NO_ENCODING, subscription.encoding());
        Vp8 next = new Vp8(receiver, 0);
        assertEquals(encoding, next.stream.stream().encoding());
        next.send(1);
        assertEquals(2, viewer.rtp.size());
        assertTrue(next.stream.keyframeAwaited());
        next.send(true);
        assertEquals(range(100, 4), sequences());
    }

    /** A picture of VP9 in two spatial layers of one packet each; the encoder's marker is at the end of the upper one. */
    private void vp9(ScriptedStream stream, int picture, boolean key) {
        for (int spatial = 0; spatial < 2; spatial++) {
            int flags = 0x80 | 0x20 | 0x0C | (key ? 0 : 0x40);
            byte[] payload = {
                (byte) flags, (byte) (0x80 | picture >> 8), (byte) picture, (byte) (0x10 | spatial << 1 | spatial),
                (byte) picture, 0
            };
            int sequence = 2 * picture + spatial;
            long timestamp = 3000L * picture;
            byte[] bytes = ScriptedPeer.rtpPacket(5, spatial << 7 | 96, sequence, timestamp, payload);
            forward(stream.packet(sequence, timestamp, viewer.now, PacketBuffer.wrap(bytes)));
        }
    }

    @Test
    void theMarkerIsAtTheEndOfTheHighestSpatialLayerThatIsForwarded() {
        ScriptedStream stream = new ScriptedStream(receiver, 5, null, ScriptedStream.video("VP9"));
        subscription.setTarget(stream.stream().encoding(), 0, ALL);
        for (int picture = 40; picture < 44; picture++) {
            vp9(stream, picture, picture == 40);
        }
        assertEquals(range(100, 4), sequences());
        for (byte[] packet : viewer.rtp) {
            assertTrue(ScriptedPeer.parse(packet).marker());
        }
        assertEquals(4, sender.drops().of(DropReason.LAYER_NOT_SELECTED));
        subscription.setTarget(stream.stream().encoding(), ALL, ALL);
        vp9(stream, 44, false);
        assertTrue(stream.keyframeAwaited());
        assertEquals(5, viewer.rtp.size());
        vp9(stream, 45, true);
        assertEquals(range(100, 7), sequences());
        assertFalse(ScriptedPeer.parse(viewer.rtp.get(5)).marker());
        assertTrue(ScriptedPeer.parse(viewer.rtp.get(6)).marker());
    }

    @Test
    void aSlotGoesOnWithAnotherPublisherAndCodec() {
        subscription.setTarget(low.stream.stream().encoding(), ALL, ALL);
        low.send(true);
        RtpReceiver other = scene.receiver("w", MediaKind.VIDEO);
        ScriptedStream stream = new ScriptedStream(other, 9, null, ScriptedStream.video("VP9"));
        Subscription next = subscription(other);
        next.setTarget(stream.stream().encoding(), ALL, ALL);
        byte[] payload = {(byte) 0xAC, (byte) 0x80, 3, 0x10, 9, 0};
        next.forward(stream.packet(7, 50, viewer.now, payload), viewer.now);
        assertEquals(range(100, 3), sequences());
        RtpPacket before = ScriptedPeer.parse(viewer.rtp.get(1));
        RtpPacket after = ScriptedPeer.parse(viewer.rtp.get(2));
        assertEquals(96, before.payloadType());
        assertEquals(98, after.payloadType());
        assertTrue(after.timestamp() > before.timestamp());
        Vp9Descriptor descriptor = new Vp9Descriptor();
        assertTrue(descriptor.parse(after.array(), after.payloadOffset(), after.payloadBytes()));
        assertEquals(102, descriptor.pictureId());
        assertEquals(26, descriptor.tl0PicIdx());
    }

    @Test
    void aMalformedPacketLeavesAGap() {
        subscription.setTarget(low.stream.stream().encoding(), ALL, ALL);
        low.send(true);
        forward(low.stream.packet(low.sequence++, 0, viewer.now, new byte[] {(byte) 0x80}));
        low.send(1);
        assertEquals(List.of(100, 101, 103, 104), sequences());
        assertEquals(1, sender.drops().of(DropReason.CODEC_MALFORMED));
    }
}
