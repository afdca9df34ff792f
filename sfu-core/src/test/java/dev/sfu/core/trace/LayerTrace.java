package dev.sfu.core.trace;

import dev.sfu.core.codec.Codec;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * What a browser sent in one video section, in the form that sfu-bench's {@code LayerRecording} writes and explains.
 *
 * @param rids of the streams; empty for one that has none
 * @param entries in the order in which they came
 */
public record LayerTrace(String name, Codec codec, List<String> rids, List<Entry> entries) {
    private static final int MAGIC = 0x4C415952;
    private static final int VERSION = 2;
    private static final int MARKER = 1;
    private static final int KEYFRAME_START = 2;
    private static final int CLOCK = 4;

    /** All there are. */
    public static final List<String> NAMES = List.of(
            "vp8-simulcast", "vp8-simulcast-described", "vp8-single", "vp8-l1t3", "h264-simulcast",
            "h264-simulcast-l1t3-described", "vp9-simulcast-l1t1", "vp9-simulcast-l1t3", "vp9-simulcast-l1t3-described",
            "vp9-l1t3", "vp9-l3t3", "vp9-l3t3-described", "vp9-l3t3-key", "vp9-l3t3-key-described", "av1-simulcast-l1t1",
            "av1-simulcast-l1t3", "av1-l1t3", "av1-l3t3", "av1-l3t3-key", "firefox-vp8-simulcast");

    /** Something that came in one of the streams. */
    public sealed interface Entry {
        /** Index of the stream. */
        int stream();
    }

    /** What a sender report said: when a timestamp was captured, in microseconds since the first packet. */
    public record Clock(int stream, long timestamp, long capturedMicros) implements Entry {}

    /**
     * A packet.
     *
     * @param arrivalMicros since the first packet
     * @param descriptor dependency descriptor, empty without
     * @param allocation video layers allocation, empty without
     * @param head start of the payload
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Packet(
            int stream,
            long arrivalMicros,
            boolean marker,
            boolean keyframeStart,
            int sequence,
            long timestamp,
            int payloadBytes,
            byte[] descriptor,
            byte[] allocation,
            byte[] head)
            implements Entry {}

    /** Reads one of {@link #NAMES}. */
    public static LayerTrace read(String name) {
        String file = "/dev/sfu/core/trace/" + name + ".layers.gz";
        try (InputStream resource = LayerTrace.class.getResourceAsStream(file)) {
            if (resource == null) {
                throw new IllegalArgumentException(name + " (expected: one of " + NAMES + ")");
            }
            return read(name, new DataInputStream(new BufferedInputStream(new GZIPInputStream(resource))));
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private static LayerTrace read(String name, DataInputStream in) throws IOException {
        if (in.readInt() != MAGIC || in.readUnsignedByte() != VERSION) {
            throw new IOException("no magic number or other version (expected: version " + VERSION + ")");
        }
        Codec codec = Codec.valueOf(in.readUTF());
        List<String> rids = new ArrayList<>();
        for (int streams = in.readUnsignedByte(); streams > 0; streams--) {
            rids.add(in.readUTF());
            in.readInt();
        }
        List<Entry> entries = new ArrayList<>();
        long arrivalMicros = 0;
        for (int left = in.readInt(); left > 0; left--) {
            int stream = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            if ((flags & CLOCK) != 0) {
                entries.add(new Clock(stream, in.readInt() & 0xFFFF_FFFFL, in.readLong()));
                continue;
            }
            arrivalMicros += in.readInt();
            entries.add(new Packet(
                    stream,
                    arrivalMicros,
                    (flags & MARKER) != 0,
                    (flags & KEYFRAME_START) != 0,
                    in.readUnsignedShort(),
                    in.readInt() & 0xFFFF_FFFFL,
                    in.readUnsignedShort(),
                    bytes(in),
                    bytes(in),
                    bytes(in)));
        }
        return new LayerTrace(name, codec, rids, entries);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedByte()];
        in.readFully(bytes);
        return bytes;
    }
}
