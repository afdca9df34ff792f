package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import java.util.Objects;

/** Packets of VP8 for the tests of {@link RtpRewriter}, and what it makes of them. */
final class RewriterPackets {
    private RewriterPackets() {}

    static ScriptedStream stream(int ssrc) {
        return new ScriptedStream(
                ScriptedStream.receiver("m" + ssrc, MediaKind.VIDEO), ssrc, null, ScriptedStream.vp8());
    }

    static IncomingPacket packet(ScriptedStream stream, long sequence, long timestamp, int pictureId) {
        return stream.packet(sequence, timestamp, 0, ScriptedPeer.vp8(true, true, pictureId, pictureId & 0xFF, 20));
    }

    static IncomingPacket padding(ScriptedStream stream, long sequence) {
        return stream.packet(sequence, 0, 0, new byte[0]);
    }

    static PacketLayers layers(IncomingPacket packet) {
        return Objects.requireNonNull(packet.layers());
    }

    static Vp8Descriptor vp8(IncomingPacket packet) {
        return Objects.requireNonNull(layers(packet).vp8());
    }

    /** What the subscriber reads of a packet just placed. */
    static Vp8Descriptor written(RtpRewriter rewriter, IncomingPacket packet) {
        long rewrite = rewriter.rewrite();
        Vp8Descriptor descriptor = vp8(packet);
        byte[] bytes = new byte[10];
        int pictureId = Rewrite.ofPayload(rewrite) ? Rewrite.pictureId(rewrite) : descriptor.pictureId();
        int tl0PicIdx = Rewrite.ofPayload(rewrite) ? Rewrite.tl0PicIdx(rewrite) : descriptor.tl0PicIdx();
        int keyIdx = Rewrite.ofPayload(rewrite) ? Rewrite.keyIdx(rewrite) : descriptor.keyIdx();
        int length = descriptor.write(bytes, 0, pictureId, tl0PicIdx, keyIdx, Rewrite.widens(rewrite));
        Vp8Descriptor read = new Vp8Descriptor();
        assertTrue(read.parse(bytes, 0, length));
        return read;
    }
}
