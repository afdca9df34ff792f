package dev.sfu.core.trace;

import dev.sfu.core.codec.Codec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A recorded browser that sends for ever. Every packet ends with its number, by which {@link #packet} finds it again. */
public final class TraceSource {
    static final int TAIL_BYTES = 5;
    private static final int REMEMBERED = 1 << 14;

    private final int number;
    private final LayerTrace trace;
    private final List<StreamPlayer> streams = new ArrayList<>();
    private final SourcePacket[] remembered = new SourcePacket[REMEMBERED];
    private int sent;

    /**
     * Begins a play.
     *
     * @param number tells several sources apart, 0 to 255
     * @param narrow picture ids of 7 bits instead of 15
     * @param viewers that will get something of it
     */
    public TraceSource(int number, LayerTrace trace, boolean narrow, int viewers, Random random) {
        this.number = number;
        this.trace = trace;
        for (int stream = 0; stream < trace.rids().size(); stream++) {
            TracedStream traced = TracedStream.ofUsable(trace, stream);
            if (traced != null) {
                streams.add(new StreamPlayer(this, stream, traced, narrow, viewers, random));
            }
        }
        // All begin at time zero as they did in the recording, wherever their timestamps begin.
        long start = Long.MAX_VALUE;
        for (StreamPlayer stream : streams) {
            start = Math.min(start, stream.stream().frames.getFirst().first().arrivalMicros());
        }
        for (StreamPlayer stream : streams) {
            stream.begin(start);
        }
    }

    public Codec codec() {
        return trace.codec();
    }

    /** RIDs by stream number. */
    public List<String> rids() {
        return trace.rids();
    }

    /** When the next packet is sent, in microseconds from the start. */
    public long nextDueMicros() {
        return next().nextDueMicros();
    }

    /** Sends the next packet. */
    public SourcePacket send() {
        return next().next();
    }

    /** When a packet was captured, in microseconds of the same time. */
    public long capturedMicros(SourcePacket packet) {
        return packet.frame().stream().capturedMicros(packet.frame());
    }

    private StreamPlayer next() {
        StreamPlayer next = streams.getFirst();
        for (StreamPlayer stream : streams) {
            if (stream.nextDueMicros() < next.nextDueMicros()) {
                next = stream;
            }
        }
        return next;
    }

    SourcePacket remember(
            SourceFrame frame, int indexInFrame, long sequence, long timestamp, boolean marker, byte[] payload, byte[] descriptor) {
        int tail = payload.length - TAIL_BYTES;
        payload[tail] = (byte) number;
        for (int i = 0; i < 4; i++) {
            payload[tail + 1 + i] = (byte) (sent >> (24 - 8 * i));
        }
        SourcePacket packet = new SourcePacket(frame, indexInFrame, sequence, timestamp, marker, payload, descriptor);
        remembered[sent++ & (REMEMBERED - 1)] = packet;
        return packet;
    }

    /** The source that sent a payload. */
    public static int numberOf(byte[] payload) {
        return payload[payload.length - TAIL_BYTES] & 0xFF;
    }

    /** The packet that has this payload, whatever its descriptor says by now. */
    public SourcePacket packet(byte[] payload) {
        int id = 0;
        for (int i = payload.length - 4; i < payload.length; i++) {
            id = (id << 8) | (payload[i] & 0xFF);
        }
        return remembered[id & (REMEMBERED - 1)];
    }

    @Override
    public String toString() {
        return trace.name();
    }
}
