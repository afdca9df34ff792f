package dev.sfu.core.peerconnection;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.RedPayload;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.sdp.FormatParameters;
import dev.sfu.core.sdp.RtpCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The forms in which one track's sound can be sent on: as it came, Opus without redundancy, or Opus with the packet before it
 * (RED, RFC 2198). Each form is made at most once for a packet, for all who receive it.
 *
 * <p>Who has negotiated RED gets RED as it came, and Opus with redundancy while his connection loses packets. One earlier
 * packet is repeated and no more: that doubles the bitrate of the sound and mends what most loss breaks; where losses come in
 * longer runs, Opus conceals them. After a silence that RED cannot express (14 bits of RTP time, 341 ms) a packet goes alone.
 *
 * <p>The blocks name Opus by the number that the publisher uses. A receiver to which that number means something else gets Opus
 * without redundancy; browsers of one family use the same.
 */
public final class RedundantAudio {
    private static final int PADDING_BIT = 0x20;
    /** Longer payloads are not made: they would not fit in a datagram everywhere. */
    private static final int MAX_PAYLOAD_BYTES = 1100;

    private final RedPayload red = new RedPayload();
    private final IncomingPacket other = new IncomingPacket();
    private @Nullable PayloadType opusType;
    private @Nullable PayloadType redType;
    private boolean made;
    private boolean holdsBuffer;
    private boolean usable;

    /** Made with the first packet that is kept for repetition. */
    private byte[] earlier = {};
    private int earlierBytes;
    private long earlierSequence = Long.MIN_VALUE;
    private long earlierTimestamp;
    private @Nullable IncomingStream earlierStream;

    /** Nothing has come yet. */
    public RedundantAudio() {}

    /**
     * The form of {@code packet} in which a receiver gets it, or null if there is none because it is malformed. It is valid
     * until {@link #end}, which follows when all receivers have got theirs.
     */
    public @Nullable IncomingPacket formFor(RtpSender receiver, IncomingPacket packet, long nowNanos) {
        if (packet.rtp().payloadBytes() == 0) {
            return packet;
        }
        PayloadType type = packet.payloadType();
        if (type.codec() == Codec.RED) {
            return plainFor(receiver, packet);
        }
        if (type.codec() == Codec.OPUS
                && receiver.payloadTypes().redOf(type.number())
                && receiver.losesPackets(nowNanos)) {
            IncomingPacket redundant = redundant(packet);
            return redundant == null ? packet : redundant;
        }
        return packet;
    }

    private @Nullable IncomingPacket plainFor(RtpSender receiver, IncomingPacket packet) {
        RtpPacket rtp = packet.rtp();
        if (!made && !red.parse(rtp.array(), rtp.payloadOffset(), rtp.payloadBytes())) {
            return null;
        }
        int number = red.primaryType();
        if (receiver.payloadTypes().redOf(number) && red.all(number)) {
            return packet;
        }
        if (!made) {
            made = true;
            int at = begin(packet);
            System.arraycopy(rtp.array(), red.primaryOffset(), other.buffer().array(), at, red.primaryBytes());
            usable = finish(packet, opus(number), at + red.primaryBytes());
        }
        return usable ? other : null;
    }

    private @Nullable IncomingPacket redundant(IncomingPacket packet) {
        if (!made) {
            made = true;
            usable = makeRedundant(packet);
        }
        return usable ? other : null;
    }

    private boolean makeRedundant(IncomingPacket packet) {
        long offset = packet.timestamp() - earlierTimestamp;
        if (earlierStream != packet.stream()
                || packet.sequence() <= earlierSequence
                || offset < 1
                || offset > RedPayload.MAX_TIMESTAMP_OFFSET
                || earlierBytes + packet.rtp().payloadBytes() > MAX_PAYLOAD_BYTES) {
            return false;
        }
        RtpPacket rtp = packet.rtp();
        int at = begin(packet);
        int bytes = RedPayload.write(
                other.buffer().array(),
                at,
                packet.payloadType().number(),
                (int) offset,
                earlier,
                0,
                earlierBytes,
                rtp.array(),
                rtp.payloadOffset(),
                rtp.payloadBytes());
        return finish(packet, red(), bytes < 0 ? bytes : at + bytes);
    }

    /** Starts the other form with the packet's header; gives where its payload begins. */
    private int begin(IncomingPacket packet) {
        PacketBuffer source = packet.buffer();
        int headerBytes = packet.rtp().headerBytes();
        PacketBuffer buffer = source.another();
        buffer.set(source.array(), source.offset(), headerBytes);
        buffer.array()[0] &= ~PADDING_BIT;
        holdsBuffer = true;
        other.set(
                buffer,
                packet.stream(),
                packet.payloadType(),
                packet.sequence(),
                packet.timestamp(),
                packet.arrivalNanos());
        return headerBytes;
    }

    private boolean finish(IncomingPacket packet, PayloadType type, int length) {
        PacketBuffer buffer = other.buffer();
        if (length < 0) {
            return false;
        }
        buffer.range(0, length);
        other.set(buffer, packet.stream(), type, packet.sequence(), packet.timestamp(), packet.arrivalNanos());
        return other.rtp().parse(buffer.array(), 0, length) && other.describePayload();
    }

    /** All receivers have got their form: what was made is given back, and the packet is remembered for the next one. */
    public void end(IncomingPacket packet) {
        if (holdsBuffer) {
            other.release();
        }
        holdsBuffer = false;
        made = false;
        usable = false;
        RtpPacket rtp = packet.rtp();
        int bytes = rtp.payloadBytes();
        boolean newer = earlierStream != packet.stream() || packet.sequence() > earlierSequence;
        if (packet.payloadType().codec() != Codec.OPUS || bytes == 0 || !newer) {
            return;
        }
        earlierStream = packet.stream();
        earlierSequence = packet.sequence();
        earlierTimestamp = packet.timestamp();
        if (bytes > RedPayload.MAX_EARLIER_BYTES) {
            earlierStream = null;
            return;
        }
        if (earlier.length < bytes) {
            earlier = new byte[Math.max(256, Integer.highestOneBit(bytes) * 2)];
        }
        System.arraycopy(rtp.array(), rtp.payloadOffset(), earlier, 0, bytes);
        earlierBytes = bytes;
    }

    private PayloadType opus(int number) {
        PayloadType present = opusType;
        if (present == null || present.number() != number) {
            present = type(number, Codec.OPUS);
            opusType = present;
        }
        return present;
    }

    private PayloadType red() {
        PayloadType present = redType;
        if (present == null) {
            // The number is the receiver's matter.
            present = type(0, Codec.RED);
            redType = present;
        }
        return present;
    }

    private static PayloadType type(int number, Codec codec) {
        RtpCodec parameters = new RtpCodec(
                number, codec.encodingName(), codec.clockRateHz(), codec.channels(), new FormatParameters(""), List.of());
        return new PayloadType(number, codec, parameters, -1, -1);
    }
}
