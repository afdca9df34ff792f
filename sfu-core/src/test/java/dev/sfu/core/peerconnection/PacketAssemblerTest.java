package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.codec.DependencyDescriptor;
import dev.sfu.core.codec.DependencyDescriptorWriter;
import dev.sfu.core.codec.DependencyReader;
import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.codec.ScalabilityMode;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.codec.Vp9Descriptor;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.rtp.RtpPacket;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a subscriber gets of a packet: first, and again when it asks for it. */
class PacketAssemblerTest {
    private static final int SOURCE_DESCRIPTOR = 9;
    private static final int DESCRIPTOR = 12;
    private static final int ORIENTATION = 13;
    private static final String DESCRIPTOR_LINE =
            "a=extmap:12 " + HeaderExtension.DEPENDENCY_DESCRIPTOR.uri() + "\n";

    /** A subscriber, and a publisher's stream in the same codec. */
    private static final class Scene {
        final ScriptedPeer peer;
        final RtpSender sender;
        final ScriptedStream source;

        Scene(String codec, boolean mixed) {
            peer = new ScriptedPeer();
            String offer = peer.offerText(Offers.video("v", "recvonly", codec + "/90000", DESCRIPTOR_LINE));
            peer.offer(Offers.read(mixed ? offer : offer.replace("a=extmap-allow-mixed\n", "")));
            peer.connect();
            sender = peer.connection.transceivers().get(0).sender();
            source = new ScriptedStream(
                    ScriptedStream.receiver("x", MediaKind.VIDEO), 1, null, ScriptedStream.video(codec));
            HeaderExtensionMap extensions = new HeaderExtensionMap();
            assertTrue(extensions.add(HeaderExtension.DEPENDENCY_DESCRIPTOR, SOURCE_DESCRIPTOR));
            assertTrue(extensions.add(HeaderExtension.VIDEO_ORIENTATION, 3));
            sender.onSourceChanged(extensions, null, 0);
        }

        /** Sends a packet under the number 77 and asks for it again; checks that what is sent the second time is the same. */
        RtpPacket send(byte[] payload, byte[] descriptor, boolean sourceMarker, boolean marker, long rewrite) {
            byte[] bytes = new byte[600];
            RtpHeaderWriter writer = new RtpHeaderWriter()
                    .begin(bytes, 0, bytes.length)
                    .payloadType(96)
                    .marker(sourceMarker)
                    .sequenceNumber(5)
                    .extension(3, new byte[] {2}, 0, 1);
            if (descriptor.length > 0) {
                writer.extension(SOURCE_DESCRIPTOR, descriptor, 0, descriptor.length);
            }
            int header = writer.finish();
            System.arraycopy(payload, 0, bytes, header, payload.length);
            IncomingPacket packet = source.packet(
                    5, 3000, peer.now, PacketBuffer.wrap(Arrays.copyOf(bytes, header + payload.length)));
            PayloadType type = Objects.requireNonNull(sender.payloadTypes().of(96));
            sender.send(packet, type, 77, 123_456, marker, rewrite, peer.now);
            peer.sendRtcp(out -> RtcpWriter.nack(out, 1, sender.ssrc(), new int[] {77}, 0, 1));
            assertEquals(2, peer.rtp.size());
            RtpPacket first = ScriptedPeer.parse(peer.rtp.get(0));
            RtpPacket again = ScriptedPeer.parse(peer.rtp.get(1));
            byte[] repeated = ScriptedPeer.payload(peer.rtp.get(1));
            assertEquals(77, first.sequenceNumber());
            assertEquals(77, Bytes.u16(repeated, 0));
            assertArrayEquals(ScriptedPeer.payload(peer.rtp.get(0)), Arrays.copyOfRange(repeated, 2, repeated.length));
            assertEquals(sender.rtxSsrc(), again.ssrc());
            assertEquals(97, again.payloadType());
            assertEquals(123_456, again.timestamp());
            assertEquals(marker, first.marker());
            assertEquals(marker, again.marker());
            for (int id : new int[] {4, DESCRIPTOR, ORIENTATION}) {
                assertArrayEquals(element(first, id), element(again, id), "extension " + id);
            }
            return first;
        }
    }

    private static byte[] element(RtpPacket packet, int id) {
        int at = packet.extensionOffset(id);
        return at < 0 ? new byte[0] : Arrays.copyOfRange(packet.array(), at, at + packet.extensionBytes(id));
    }

    @Test
    void vp8() {
        byte[] payload = {(byte) 0x90, (byte) 0xF0, (byte) 0x81, 2, 3, 0x25, 0, 7, 7};
        RtpPacket sent = new Scene("VP8", true).send(payload, new byte[0], true, true, Rewrite.payload(0x7FFE, 255, 31));
        Vp8Descriptor descriptor = new Vp8Descriptor();
        assertTrue(descriptor.parse(sent.array(), sent.payloadOffset(), sent.payloadBytes()));
        assertEquals(0x7FFE, descriptor.pictureId());
        assertEquals(255, descriptor.tl0PicIdx());
        assertEquals(31, descriptor.keyIdx());
        assertTrue(descriptor.layerSync());
        assertEquals(payload.length, sent.payloadBytes());
        assertArrayEquals(new byte[] {2}, element(sent, ORIENTATION));
    }

    /** The marker is set at the end of the highest layer that is forwarded. */
    @Test
    void vp9() {
        byte[] payload = {(byte) 0xEC, (byte) 0x85, 9, 0x21, 44, 1, 2, 3};
        RtpPacket sent = new Scene("VP9", true).send(payload, new byte[0], false, true, Rewrite.payload(1, 2, 0));
        Vp9Descriptor descriptor = new Vp9Descriptor();
        assertTrue(descriptor.parse(sent.array(), sent.payloadOffset(), sent.payloadBytes()));
        assertEquals(1, descriptor.pictureId());
        assertEquals(2, descriptor.tl0PicIdx());
        assertEquals(1, descriptor.temporalLayer());
        assertEquals(payload.length, sent.payloadBytes());
    }

    @Test
    void dependencyDescriptorWithStructureAndTargets() {
        ScalabilityMode mode = ScalabilityMode.L3T3;
        byte[] structure = mode.withStructure(true, 7, mode.key().getFirst(), 40);
        long rewrite = Rewrite.withDependencies(Rewrite.NONE, 65_535, DependencyDescriptorWriter.targets(0b111, 9));
        RtpPacket sent = new Scene("AV1", true).send(new byte[] {0x18, 0x0A, 1}, structure, false, true, rewrite);
        byte[] element = element(sent, DESCRIPTOR);
        DependencyDescriptor descriptor = new DependencyDescriptor();
        assertTrue(new DependencyReader().read(descriptor, element, 0, element.length));
        assertEquals(65_535, descriptor.frame());
        assertEquals(0b111, descriptor.activeTargets());
        assertTrue(element.length > 16);
        assertArrayEquals(new byte[] {0x18, 0x0A, 1}, Arrays.copyOfRange(
                sent.array(), sent.payloadOffset(), sent.payloadOffset() + sent.payloadBytes()));
    }

    /** Only the frame number changes where nothing is told of decode targets. */
    @Test
    void dependencyDescriptorAsItIs() {
        byte[] plain = ScalabilityMode.plain(true, false, 3, 1000);
        RtpPacket sent = new Scene("AV1", true)
                .send(new byte[] {0x10, 0x30, 1}, plain, true, true, Rewrite.withDependencies(Rewrite.NONE, 999, 0));
        assertArrayEquals(ScalabilityMode.plain(true, false, 3, 999), element(sent, DESCRIPTOR));
    }

    /** A mask that does not fit what the descriptor says is not written, the frame number is. */
    @Test
    void targetsOfAnotherStructureAreLeftOut() {
        ScalabilityMode mode = ScalabilityMode.L1T3;
        byte[] structure = mode.withStructure(true, 0, mode.key().getFirst(), 1);
        long rewrite = Rewrite.withDependencies(Rewrite.NONE, 2, DependencyDescriptorWriter.targets(1, 9));
        RtpPacket sent = new Scene("AV1", true).send(new byte[] {0x18, 0x0A, 1}, structure, false, true, rewrite);
        assertArrayEquals(mode.withStructure(true, 0, mode.key().getFirst(), 2), element(sent, DESCRIPTOR));
    }

    /** A receiver that must not get both forms of header extensions gets none that needs the longer one. */
    @Test
    void withoutMixedExtensionsTheDescriptorIsNotSent() {
        long rewrite = Rewrite.withDependencies(Rewrite.NONE, 3, 0);
        byte[] plain = ScalabilityMode.plain(true, true, 3, 1000);
        RtpPacket sent = new Scene("AV1", false).send(new byte[] {0x10, 0x30, 1}, plain, true, true, rewrite);
        assertEquals(-1, sent.extensionOffset(DESCRIPTOR));
        assertArrayEquals(new byte[] {2}, element(sent, ORIENTATION));
        assertEquals(RtpPacket.ONE_BYTE_PROFILE, Bytes.u16(sent.array(), 12));
    }

    /** Only the two-byte form has empty elements, and who has not negotiated it gets none of it. */
    @Test
    void anEmptyElementDoesNotChangeTheFormOfTheOthers() {
        Scene scene = new Scene("VP8", false);
        byte[] bytes = new byte[100];
        int header = new RtpHeaderWriter()
                .begin(bytes, 0, bytes.length)
                .payloadType(96)
                .extension(3, new byte[0], 0, 0)
                .finish();
        byte[] payload = ScriptedPeer.vp8(true, true, 1, 0, 20);
        System.arraycopy(payload, 0, bytes, header, payload.length);
        IncomingPacket packet = scene.source.packet(
                5, 3000, scene.peer.now, PacketBuffer.wrap(Arrays.copyOf(bytes, header + payload.length)));
        PayloadType type = Objects.requireNonNull(scene.sender.payloadTypes().of(96));
        scene.sender.send(packet, type, 77, 3000, true, Rewrite.NONE, scene.peer.now);
        RtpPacket sent = ScriptedPeer.parse(scene.peer.rtp.getFirst());
        assertEquals(RtpPacket.ONE_BYTE_PROFILE, sent.extensionProfile());
        assertEquals(-1, sent.extensionOffset(ORIENTATION));
    }
}
