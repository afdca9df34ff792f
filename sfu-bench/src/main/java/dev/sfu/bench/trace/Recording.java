package dev.sfu.bench.trace;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A trace in the making. Starts with a keyframe, ends at the end of a frame.
 *
 * <p>Retransmissions and padding are left out: they answer to the network of the day. One thread.
 */
final class Recording implements PacketLog {
    private final String name;
    private final long durationNanos;
    private final PayloadHead heads = new PayloadHead();
    private final Map<IncomingStream, Integer> indexes = new HashMap<>();
    private final List<Trace.Stream> streams = new ArrayList<>();
    private final List<Long> firstTimestamps = new ArrayList<>();
    private final List<Trace.Packet> packets = new ArrayList<>();
    private long startNanos;
    private long formerNanos;
    private long formerTimestamp;
    private @Nullable Trace finished;

    Recording(String name, long durationSeconds) {
        this.name = name;
        this.durationNanos = TimeUnit.SECONDS.toNanos(durationSeconds);
    }

    /** The trace once it is complete, else null. */
    @Nullable Trace finished() {
        return finished;
    }

    @Override
    public boolean complete() {
        return finished != null;
    }

    @Override
    public void onPacket(IncomingPacket packet, long arrivalNanos) {
        if (finished != null || packet.rtp().payloadBytes() == 0) {
            return;
        }
        Integer known = indexes.get(packet.stream());
        if (known == null && !packet.keyframeStart()) {
            return;
        }
        if (packets.isEmpty()) {
            startNanos = arrivalNanos;
            formerNanos = arrivalNanos;
        }
        // The end is where a frame begins; layers of simulcast follow each other closely, so it is the first layer's.
        if (known != null && known == 0 && packet.timestamp() != formerTimestamp && arrivalNanos - startNanos >= durationNanos) {
            finished = finish(arrivalNanos);
            return;
        }
        int stream = known == null ? addStream(packet) : known;
        if (stream == 0) {
            formerTimestamp = packet.timestamp();
        }
        packets.add(new Trace.Packet(
                stream,
                (int) TimeUnit.NANOSECONDS.toMicros(Math.max(0, arrivalNanos - formerNanos)),
                packet.rtp().payloadBytes(),
                packet.rtp().marker(),
                packet.timestamp() - firstTimestamps.get(stream),
                packet.keyframeStart(),
                heads.of(
                        packet.payloadType().codec(),
                        packet.rtp().array(),
                        packet.rtp().payloadOffset(),
                        packet.rtp().payloadBytes(),
                        packet.keyframeStart())));
        formerNanos = arrivalNanos;
    }

    private int addStream(IncomingPacket packet) {
        Codec codec = packet.payloadType().codec();
        int index = streams.size();
        indexes.put(packet.stream(), index);
        streams.add(new Trace.Stream(codec.encodingName(), packet.payloadType().clockRate(), packet.stream().rid()));
        firstTimestamps.add(packet.timestamp());
        return index;
    }

    private Trace finish(long endNanos) {
        int count = packets.size();
        int tailMicros = (int) TimeUnit.NANOSECONDS.toMicros(endNanos - formerNanos);
        // A layer whose last frame is cut off would leave its decoder a broken one in every round.
        for (int stream = 0; stream < streams.size(); stream++) {
            for (int i = packets.size() - 1; i >= 0 && !streams.get(stream).audio(); i--) {
                Trace.Packet packet = packets.get(i);
                if (packet.stream() != stream) {
                    continue;
                }
                if (packet.marker()) {
                    break;
                }
                packets.remove(i);
                tailMicros = dropTime(i, packet.deltaMicros(), tailMicros);
            }
        }
        if (count - packets.size() > count / 10) {
            throw new IllegalStateException("frames without end: " + (count - packets.size()) + " packets of " + count);
        }
        return new Trace(name, streams, packets, tailMicros);
    }

    /** Gives the time before a removed packet to the one after it, or to the tail. */
    private int dropTime(int index, int deltaMicros, int tailMicros) {
        if (index == packets.size()) {
            return tailMicros + deltaMicros;
        }
        Trace.Packet next = packets.get(index);
        packets.set(index, new Trace.Packet(
                next.stream(),
                next.deltaMicros() + deltaMicros,
                next.payloadBytes(),
                next.marker(),
                next.timestampTicks(),
                next.keyframeStart(),
                next.head()));
        return tailMicros;
    }
}
