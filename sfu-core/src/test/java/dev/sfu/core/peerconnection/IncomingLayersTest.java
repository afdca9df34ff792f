package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.codec.ScalabilityMode;
import dev.sfu.core.codec.VideoLayersAllocation;
import dev.sfu.core.rtcp.Goodbye;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.stats.DropReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is known of a packet's layers when it is handed on. */
class IncomingLayersTest {
    private static final int MID = 4;
    private static final int RID = 10;
    private static final int DESCRIPTOR = 12;
    private static final int ALLOCATION = 9;
    private static final String LINES = "a=extmap:12 " + HeaderExtension.DEPENDENCY_DESCRIPTOR.uri() + "\n"
            + "a=extmap:9 " + HeaderExtension.VIDEO_LAYERS_ALLOCATION.uri() + "\n"
            + "a=rid:q send\na=rid:f send\na=simulcast:send q;f\n";

    /** What a packet said, since the view lasts only for the call. */
    private record Seen(int encoding, boolean start, int spatial, int temporal, boolean described) {
        static @Nullable Seen of(IncomingPacket packet) {
            PacketLayers layers = packet.layers();
            return layers == null
                    ? null
                    : new Seen(packet.stream().encoding(), packet.keyframeStart(), layers.spatial(), layers.temporal(),
                            layers.dependencies() != null);
        }
    }

    private final List<@Nullable Seen> seen = new ArrayList<>();

    private ScriptedPeer publisher(String codec) {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.video("v", "sendonly", codec + "/90000", LINES));
        receiver(peer).setSink((packet, now) -> seen.add(Seen.of(packet)));
        return peer;
    }

    private static RtpReceiver receiver(ScriptedPeer peer) {
        return peer.receiver("v");
    }

    private static byte[] packet(int ssrc, int sequence, String rid, byte[] payload, int id, byte[] element) {
        byte[] bytes = new byte[400];
        RtpHeaderWriter writer = new RtpHeaderWriter()
                .begin(bytes, 0, bytes.length)
                .payloadType(96)
                .sequenceNumber(sequence)
                .timestamp(3000L * sequence)
                .ssrc(ssrc)
                .extension(MID, new byte[] {'v'}, 0, 1)
                .extension(RID, new byte[] {(byte) rid.charAt(0)}, 0, 1);
        if (id > 0) {
            writer.extension(id, element, 0, element.length);
        }
        int header = writer.finish();
        System.arraycopy(payload, 0, bytes, header, payload.length);
        return Arrays.copyOf(bytes, header + payload.length);
    }

    @Test
    void payloadDescriptorsAreRead() {
        ScriptedPeer peer = publisher("VP9");
        peer.sendRtp(packet(1, 1, "q", new byte[] {(byte) 0xAC, 1, 0x10, 0, 0}, 0, new byte[0]));
        peer.sendRtp(packet(1, 2, "q", new byte[] {(byte) 0xEC, 2, 0x52, 0, 0}, 0, new byte[0]));
        assertEquals(List.of(new Seen(0, true, 0, 0, false), new Seen(0, false, 1, 2, false)), seen);
    }

    /** Its payload may be anything then. */
    @Test
    void aDependencyDescriptorIsReadAndItsStructureKept() {
        ScriptedPeer peer = publisher("AV1");
        ScalabilityMode mode = ScalabilityMode.L3T3;
        byte[] opaque = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF};
        peer.sendRtp(packet(1, 1, "q", opaque, DESCRIPTOR, ScalabilityMode.plain(true, true, 3, 7)));
        peer.sendRtp(packet(1, 2, "q", opaque, DESCRIPTOR, mode.withStructure(true, 0, mode.key().getFirst(), 8)));
        peer.sendRtp(packet(1, 3, "q", opaque, DESCRIPTOR, ScalabilityMode.plain(true, true, 12, 9)));
        assertEquals(
                List.of(new Seen(0, false, 0, 0, false), new Seen(0, true, 0, 0, true), new Seen(0, false, 2, 1, true)),
                seen);
        assertEquals(0, receiver(peer).drops().of(DropReason.CODEC_MALFORMED));
    }

    @Test
    void paddingAndMalformedPayloadsHaveNoLayers() {
        ScriptedPeer peer = publisher("VP8");
        peer.sendRtp(packet(1, 1, "q", new byte[0], 0, new byte[0]));
        assertEquals(0, receiver(peer).drops().of(DropReason.CODEC_MALFORMED));
        peer.sendRtp(packet(1, 2, "q", new byte[] {(byte) 0x90}, 0, new byte[0]));
        assertEquals(Arrays.asList(null, null), seen);
        assertEquals(1, receiver(peer).drops().of(DropReason.CODEC_MALFORMED));
    }

    /** A replaced stream leaves its place among the encodings to another. */
    @Test
    void streamsThatThereAreAtOneTimeHaveDifferentEncodings() {
        ScriptedPeer peer = publisher("VP8");
        byte[] payload = ScriptedPeer.vp8(true, true, 1, 1, 20);
        peer.sendRtp(packet(1, 1, "q", payload, 0, new byte[0]));
        peer.sendRtp(packet(2, 1, "f", payload, 0, new byte[0]));
        for (int ssrc = 3; ssrc < 30; ssrc++) {
            int gone = ssrc - 2;
            peer.sendRtcp(out -> RtcpWriter.write(out, new Goodbye(List.of(gone), "")));
            peer.sendRtp(packet(ssrc, 1, ssrc % 2 == 0 ? "f" : "q", payload, 0, new byte[0]));
            assertEquals(2, receiver(peer).streams().stream().mapToInt(IncomingStream::encoding).distinct().count());
            assertTrue(receiver(peer).streams().stream().allMatch(stream -> stream.encoding() < 2));
            assertEquals(ssrc, Objects.requireNonNull(
                    receiver(peer).streamOfEncoding(receiver(peer).streams().getLast().encoding())).ssrc());
        }
    }

    /** Two streams of two temporal layers: 100 and 150 kbit/s of 320x180 at 15, 400 and 600 kbit/s of 640x360 at 30. */
    @Test
    void theLatestLayersAllocationIsKept() {
        ScriptedPeer peer = publisher("VP8");
        assertNull(receiver(peer).layersAllocation());
        byte[] payload = ScriptedPeer.vp8(true, true, 1, 1, 20);
        byte[] allocation = HexFormat.of().parseHex("5150" + "649601" + "9003d804" + "013f00b30f" + "027f01671e");
        peer.sendRtp(packet(1, 1, "f", payload, ALLOCATION, allocation));
        peer.sendRtp(packet(1, 2, "f", payload, 0, new byte[0]));
        VideoLayersAllocation kept = Objects.requireNonNull(receiver(peer).layersAllocation());
        assertEquals(2, kept.streams());
        assertEquals(2, kept.temporalLayers(1, 0));
        assertEquals(150, kept.bitrateKbps(0, 0, 1));
        assertEquals(600, kept.bitrateKbps(1, 0, 1));
        assertEquals(320, kept.width(0, 0));
        assertEquals(360, kept.height(1, 0));
        assertEquals(30, kept.framesPerSecond(1, 0));
        IncomingStream stream = receiver(peer).streams().getFirst();
        assertEquals(1, stream.allocationIndex());
        // Nothing is sent: of which stream that was is not said.
        peer.sendRtp(packet(2, 1, "q", payload, ALLOCATION, new byte[] {0}));
        assertEquals(0, kept.temporalLayers(1, 0));
        assertEquals(-1, receiver(peer).streams().getLast().allocationIndex());
        peer.sendRtp(packet(2, 2, "q", payload, ALLOCATION, new byte[] {(byte) 0xF1}));
        assertEquals(0, kept.streams());
        assertEquals(1, receiver(peer).drops().of(DropReason.CODEC_MALFORMED));
        assertEquals(4, seen.size());
        assertNotNull(seen.getLast());
    }

    @Test
    void soundHasNone() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "sendonly"));
        List<Boolean> starts = new ArrayList<>();
        peer.receiver("a").setSink((packet, now) -> {
            assertNull(packet.layers());
            starts.add(packet.keyframeStart());
        });
        peer.sendRtp(ScriptedPeer.rtpPacket(1, 111, 1, 960, new byte[] {1}, MID, "a"));
        assertEquals(List.of(true), starts);
        assertFalse(peer.receiver("a").streams().isEmpty());
    }
}
