package dev.sfu.bench.trace;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The form of a trace on disk, compressed with gzip: magic number, version, name, streams, packets, tail.
 *
 * <p>Texts are in modified UTF-8 with their length before them; numbers of a packet are variable-length, seven bits a
 * byte, low ones first. A packet is a byte with its stream (low five bits), keyframe start (32) and marker (64), then
 * microseconds since the packet before, payload bytes, ticks since the packet before of the same stream (zigzag, since
 * frames may be out of order), head bytes, head.
 */
public final class TraceFile {
    private static final int MAGIC = 0x52545054;
    private static final int VERSION = 1;
    private static final int STREAM_MASK = 0x1F;
    private static final int KEYFRAME_START = 0x20;
    private static final int MARKER = 0x40;
    private static final int MAX_STREAMS = STREAM_MASK + 1;
    private static final int MAX_PACKETS = 1_000_000;
    private static final int MAX_PAYLOAD_BYTES = 65_535;
    private static final int MAX_VARINT_SHIFT = 63;

    private TraceFile() {}

    /**
     * Reads a trace and closes the stream.
     *
     * @throws IOException if it cannot be read or is not a trace of this version
     */
    public static Trace read(InputStream file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(new GZIPInputStream(file)))) {
            if (in.readInt() != MAGIC || in.readUnsignedByte() != VERSION) {
                throw new IOException("trace: no magic number or other version (expected: version " + VERSION + ")");
            }
            String name = in.readUTF();
            int streamCount = bounded("streams", in.readUnsignedByte(), MAX_STREAMS);
            List<Trace.Stream> streams = new ArrayList<>();
            for (int i = 0; i < streamCount; i++) {
                String codec = in.readUTF();
                int clockRateHz = in.readInt();
                String rid = in.readUTF();
                streams.add(new Trace.Stream(codec, clockRateHz, rid.isEmpty() ? null : rid));
            }
            int packetCount = bounded("packets", in.readInt(), MAX_PACKETS);
            List<Trace.Packet> packets = new ArrayList<>(packetCount);
            long[] ticks = new long[streamCount];
            for (int i = 0; i < packetCount; i++) {
                packets.add(readPacket(in, ticks));
            }
            int tailMicros = bounded("tail", readVarint(in), Integer.MAX_VALUE);
            // The checksum is behind the last byte, and looked at only by who reads that far.
            if (in.read() >= 0) {
                throw new IOException("trace: more bytes than packets (expected: none)");
            }
            return new Trace(name, streams, packets, tailMicros);
        }
    }

    private static Trace.Packet readPacket(DataInputStream in, long[] ticks) throws IOException {
        int flags = in.readUnsignedByte();
        int stream = bounded("stream", flags & STREAM_MASK, ticks.length - 1);
        int deltaMicros = bounded("delta", readVarint(in), Integer.MAX_VALUE);
        int payloadBytes = bounded("payload", readVarint(in), MAX_PAYLOAD_BYTES);
        long zigzag = readVarint(in);
        ticks[stream] += (zigzag >>> 1) ^ -(zigzag & 1);
        byte[] head = new byte[bounded("head", readVarint(in), payloadBytes)];
        in.readFully(head);
        return new Trace.Packet(
                stream,
                deltaMicros,
                payloadBytes,
                (flags & MARKER) != 0,
                ticks[stream],
                (flags & KEYFRAME_START) != 0,
                head);
    }

    /** Writes a trace and closes the stream. */
    public static void write(Trace trace, OutputStream file) throws IOException {
        if (trace.streams().size() > MAX_STREAMS) {
            throw new IOException("streams: " + trace.streams().size() + " (expected: at most " + MAX_STREAMS + ")");
        }
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new GZIPOutputStream(file)))) {
            out.writeInt(MAGIC);
            out.writeByte(VERSION);
            out.writeUTF(trace.name());
            out.writeByte(trace.streams().size());
            for (Trace.Stream stream : trace.streams()) {
                @Nullable String rid = stream.rid();
                out.writeUTF(stream.codec());
                out.writeInt(stream.clockRateHz());
                out.writeUTF(rid == null ? "" : rid);
            }
            out.writeInt(trace.packets().size());
            long[] ticks = new long[trace.streams().size()];
            for (Trace.Packet packet : trace.packets()) {
                writePacket(out, packet, ticks);
            }
            writeVarint(out, trace.tailMicros());
        }
    }

    private static void writePacket(DataOutputStream out, Trace.Packet packet, long[] ticks) throws IOException {
        int stream = packet.stream();
        out.writeByte(stream | (packet.keyframeStart() ? KEYFRAME_START : 0) | (packet.marker() ? MARKER : 0));
        writeVarint(out, packet.deltaMicros());
        writeVarint(out, packet.payloadBytes());
        long delta = packet.timestampTicks() - ticks[stream];
        ticks[stream] = packet.timestampTicks();
        writeVarint(out, (delta << 1) ^ (delta >> 63));
        writeVarint(out, packet.head().length);
        out.write(packet.head());
    }

    private static int bounded(String what, long value, int max) throws IOException {
        if (value < 0 || value > max) {
            throw new IOException("trace: " + what + ": " + value + " (expected: 0 to " + max + ")");
        }
        return (int) value;
    }

    private static long readVarint(DataInputStream in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < MAX_VARINT_SHIFT; shift += 7) {
            int next = in.readUnsignedByte();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new IOException("trace: number without end (expected: at most 9 bytes)");
    }

    private static void writeVarint(DataOutputStream out, long value) throws IOException {
        long rest = value;
        while (rest > 0x7F) {
            out.writeByte((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }
}
