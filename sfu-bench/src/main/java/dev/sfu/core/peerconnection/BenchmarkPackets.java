package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.sdp.FormatParameters;
import dev.sfu.core.sdp.RtpCodec;
import java.util.List;
import java.util.Objects;

/** A stream of VP8 packets as the receive path hands them on, for benchmarks of what comes behind it. */
public final class BenchmarkPackets {
    private static final int PAYLOAD_BYTES = 1_100;
    private static final int PACKETS_PER_FRAME = 6;
    private static final int FRAME_TICKS = 3_000;

    private final PayloadType type = Objects.requireNonNull(new PayloadTypeMap(
                    MediaKind.VIDEO,
                    List.of(new RtpCodec(96, "VP8", 90_000, 1, new FormatParameters(""), List.of("nack"))))
            .of(96));
    private final IncomingStream stream;
    private final IncomingPacket packet = new IncomingPacket();
    private final byte[] bytes = new byte[RtpPacket.FIXED_HEADER_BYTES + PAYLOAD_BYTES];
    private final PacketBuffer buffer = PacketBuffer.wrap(bytes);
    private long sequence = 1_000;

    /** The stream of an SSRC. */
    public BenchmarkPackets(int ssrc) {
        RtpReceiver receiver = new RtpReceiver("0", MediaKind.VIDEO, () -> {});
        stream = new IncomingStream(receiver, ssrc, null, type, true);
        new RtpHeaderWriter().begin(bytes, 0, bytes.length).payloadType(96).ssrc(ssrc).finish();
    }

    /** The packet after the last one; all are one object. */
    public IncomingPacket next() {
        sequence++;
        long frame = sequence / PACKETS_PER_FRAME;
        long timestamp = frame * FRAME_TICKS;
        Bytes.put16(bytes, 2, (int) sequence & 0xFFFF);
        Bytes.put32(bytes, 4, (int) timestamp);
        int payload = RtpPacket.FIXED_HEADER_BYTES;
        bytes[payload] = (byte) (sequence % PACKETS_PER_FRAME == 0 ? 0x90 : 0x80);
        bytes[payload + 1] = (byte) 0xE0;
        Bytes.put16(bytes, payload + 2, 0x8000 | ((int) frame & 0x7FFF));
        bytes[payload + 4] = (byte) frame;
        packet.rtp().parse(bytes, 0, bytes.length);
        packet.set(buffer, stream, type, sequence, timestamp, 0);
        packet.describePayload();
        return packet;
    }
}
