package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The far end of an m-section whose connection is on another thread: the same streams under the same numbers, fed with
 * {@link CarriedPacket}s instead of datagrams. Who forwards its packets sees no difference.
 *
 * <p>Loss, reordering and retransmission were dealt with where the packets came in. Keyframe requests go back there.
 */
public final class CarriedReceiver {
    /** Takes what goes back to where the streams come in. */
    @FunctionalInterface
    public interface Origin {
        /**
         * Somebody needs a keyframe of a stream.
         *
         * @param stream {@link IncomingStream#number}
         * @param roundTripNanos for a request by feedback the round trip to the subscriber, else {@link #STARTS}
         */
        void requestKeyframe(int stream, long roundTripNanos);
    }

    /** In place of a round trip: who asks has not received the stream before. */
    public static final long STARTS = -1;

    private final RtpReceiver receiver;
    private final Origin origin;
    private final IncomingPacket incoming = new IncomingPacket();

    /** An m-section without streams yet; {@code mid} names it here. */
    public CarriedReceiver(String mid, MediaKind kind, Origin origin) {
        this.receiver = new RtpReceiver(mid, kind, () -> {});
        this.origin = origin;
    }

    /** The m-section for those who forward its packets. */
    public RtpReceiver receiver() {
        return receiver;
    }

    /** Carrying begins or begins again: the streams there are now. */
    public void onStreams(List<CarriedStream> streams) {
        List<IncomingStream> gone = new ArrayList<>(receiver.streams());
        for (CarriedStream stream : streams) {
            IncomingStream here = receiver.streamOf(stream.number());
            if (here == null) {
                here = add(stream.number(), stream.ssrc(), stream.rid(), stream.payloadType());
            }
            gone.remove(here);
            here.clock().place(stream.clockTimestamp(), stream.clockNanos(), stream.clockReported());
            here.onCarried(stream.payloadType(), stream.bitrateBps(), stream.lastPacketNanos());
        }
        gone.forEach(this::end);
    }

    /** A stream has ended where it comes in. */
    public void onStreamEnded(int number) {
        IncomingStream stream = receiver.streamOf(number);
        if (stream != null) {
            end(stream);
        }
    }

    /** A stream has been switched off where it comes in. */
    public void onStreamStopped(int number) {
        IncomingStream stream = receiver.streamOf(number);
        if (stream != null) {
            receiver.onStopped(stream);
        }
    }

    private void end(IncomingStream stream) {
        stream.end();
        receiver.remove(stream);
    }

    /** A packet has been carried here: copies it into a buffer of {@code pool} and passes it on. */
    public void onCarried(CarriedPacket packet, BufferPool pool, long nowNanos) {
        PacketBuffer source = packet.buffer();
        PacketBuffer copy = pool.acquire().set(source.array(), source.offset(), source.length());
        try {
            onCopied(packet, copy, nowNanos);
        } finally {
            copy.release();
        }
    }

    private void onCopied(CarriedPacket packet, PacketBuffer copy, long nowNanos) {
        if (incoming.rtp().parse(copy.array(), copy.offset(), copy.length())) {
            IncomingStream stream = receiver.streamOf(packet.stream());
            if (stream == null) {
                stream = add(packet.stream(), packet.ssrc(), packet.rid(), packet.payloadType());
            }
            packet.placeClock(stream.clock());
            receiver.setExtensions(packet.extensions());
            incoming.set(
                    copy,
                    stream,
                    packet.payloadType(),
                    packet.sequence(),
                    packet.timestamp(),
                    packet.arrivalNanos());
            incoming.describePayload();
            stream.onCarried(packet.payloadType(), packet.bitrateBps(), nowNanos);
            if (incoming.keyframeStart()) {
                stream.onCarriedKeyframe();
            }
            receiver.deliver(incoming, nowNanos);
            incoming.clear();
        }
    }

    private IncomingStream add(int number, int ssrc, @Nullable String rid, PayloadType type) {
        List<IncomingStream> streams = receiver.streams();
        if (streams.size() >= RtpReceiver.MAX_STREAMS) {
            IncomingStream longestSilent = streams.get(0);
            for (IncomingStream stream : streams) {
                if (stream.lastPacketNanos() < longestSilent.lastPacketNanos()) {
                    longestSilent = stream;
                }
            }
            end(longestSilent);
        }
        KeyframeRelay relay = receiver.kind() == MediaKind.VIDEO ? new KeyframeRelay(number, origin) : null;
        IncomingStream added = IncomingStream.carried(receiver, number, ssrc, rid, type, relay);
        streams.add(added);
        return added;
    }
}
