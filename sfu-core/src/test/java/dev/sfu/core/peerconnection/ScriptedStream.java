package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.sdp.FormatParameters;
import dev.sfu.core.sdp.RtpCodec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An incoming stream whose packets a test makes, without a connection. */
public final class ScriptedStream {
    private final IncomingStream stream;
    private final PayloadType type;

    public ScriptedStream(RtpReceiver receiver, int ssrc, @Nullable String rid, PayloadType type) {
        this.stream = new IncomingStream(receiver, ssrc, rid, type, true);
        this.type = type;
        receiver.streams().add(stream);
    }

    /** An m-section nobody negotiated. */
    public static RtpReceiver receiver(String mid, MediaKind kind) {
        return new RtpReceiver(mid, kind, () -> {});
    }

    /** VP8 as payload type 96. */
    public static PayloadType vp8() {
        return video("VP8");
    }

    /** Opus as payload type 111. */
    public static PayloadType opus() {
        return type(MediaKind.AUDIO, new RtpCodec(111, "opus", 48000, 2, new FormatParameters(""), List.of()));
    }

    /** A video codec as payload type 96. */
    public static PayloadType video(String name) {
        return type(MediaKind.VIDEO, new RtpCodec(96, name, 90000, 1, new FormatParameters(""), List.of("nack")));
    }

    private static PayloadType type(MediaKind kind, RtpCodec codec) {
        return Objects.requireNonNull(new PayloadTypeMap(kind, List.of(codec)).of(codec.payloadType()));
    }

    public IncomingStream stream() {
        return stream;
    }

    /** Whether a keyframe of it has been asked for that has not come. */
    public boolean keyframeAwaited() {
        return Objects.requireNonNull(stream.keyframes()).waiting();
    }

    /** A keyframe of it has come in. */
    public void keyframeCame(long nowNanos) {
        Objects.requireNonNull(stream.keyframes()).onKeyframe(nowNanos);
    }

    /** Ends it, as a goodbye does. */
    public void end() {
        stream.end();
        stream.receiver().remove(stream);
    }

    /** Moves the stream's clock as a received packet does. */
    public void heard(long timestamp, long nowNanos) {
        stream.clock().onPacket(timestamp, nowNanos);
    }

    /** Moves the stream's clock as a sender report does. */
    public void reported(long timestamp, long serverNanos) {
        stream.clock().onSenderReport(timestamp, serverNanos);
    }

    /** A packet as the receive path hands it on; sequence and timestamp are unwrapped. */
    public IncomingPacket packet(long sequence, long timestamp, long nowNanos, byte[] payload) {
        return packet(sequence, timestamp, nowNanos, new BufferPool(0), payload);
    }

    /** A packet in a buffer of {@code pool}, which the caller releases. */
    public IncomingPacket packet(long sequence, long timestamp, long nowNanos, BufferPool pool, byte[] payload) {
        byte[] bytes = ScriptedPeer.rtpPacket(
                stream.ssrc(), type.number(), (int) sequence & 0xFFFF, timestamp & 0xFFFF_FFFFL, payload);
        return packet(sequence, timestamp, nowNanos, pool.acquire().set(bytes, 0, bytes.length));
    }

    /** A packet whose bytes, header included, are already there. */
    public IncomingPacket packet(long sequence, long timestamp, long nowNanos, PacketBuffer buffer) {
        IncomingPacket packet = new IncomingPacket();
        if (!packet.rtp().parse(buffer.array(), buffer.offset(), buffer.length())) {
            throw new AssertionError("malformed RTP");
        }
        packet.set(buffer, stream, type, sequence, timestamp, nowNanos);
        packet.describePayload();
        return packet;
    }

    /** Lets a packet that was kept arrive only now: its layers are a view that its stream's later packets have changed. */
    public static void arrive(IncomingPacket packet) {
        packet.describePayload();
    }
}
