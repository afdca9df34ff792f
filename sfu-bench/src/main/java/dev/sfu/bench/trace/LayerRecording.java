package dev.sfu.bench.trace;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.SourceClock;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.time.Deadlines;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * What layer selection looks at in each packet: header fields, dependency descriptor, layers allocation, start of the payload;
 * and what sender reports say of each stream's clock. Keyframes are asked for every second and a half. One thread.
 *
 * <p>The file is gzip of: magic (32 bits) and version (8); the codec's name; how many streams (8), and of each its RID, empty
 * without, and its SSRC (32); how many entries (32), and the entries. Names are in modified UTF-8 with their length before
 * them. An entry begins with the stream's index and flags (8 bits each). A clock, which is there when a sender report has moved
 * the stream's line, goes on with a timestamp (32) and when that was captured (64), in microseconds since the first packet and in
 * the recorder's clock. A packet goes on with microseconds since the packet before (32), sequence number (16), timestamp (32),
 * payload length (16), and three strings of bytes with their length (8) before them: dependency descriptor, video layers
 * allocation, start of the payload.
 */
final class LayerRecording implements PacketLog {
    private static final int MAGIC = 0x4C415952;
    private static final int VERSION = 2;
    private static final long DURATION_NANOS = 7 * Deadlines.SECOND;
    private static final long KEYFRAME_INTERVAL_NANOS = 1500 * Deadlines.MILLISECOND;
    private static final long NANOS_PER_MICRO = 1000;
    private static final int MARKER = 1;
    private static final int KEYFRAME_START = 2;
    private static final int CLOCK = 4;
    private static final int START_BYTES = 72;
    private static final int HEAD_BYTES = 16;

    private final Codec codec;
    private final Map<IncomingStream, Integer> indexes = new HashMap<>();
    private final List<IncomingStream> streams = new ArrayList<>();
    private final Map<IncomingStream, Long> lines = new HashMap<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private int entries;
    private int packets;
    private int clocks;
    private int keyframes;
    private int described;
    private long startNanos;
    private long lastNanos;
    private boolean complete;

    LayerRecording(Codec codec) {
        this.codec = codec;
    }

    @Override
    public boolean complete() {
        return complete;
    }

    @Override
    public long nextKeyframeNanos(long nowNanos) {
        return nowNanos + KEYFRAME_INTERVAL_NANOS;
    }

    @Override
    public void onPacket(IncomingPacket packet, long arrivalNanos) {
        if (complete || packet.payloadType().codec() != codec) {
            return;
        }
        if (packets == 0) {
            startNanos = arrivalNanos;
            lastNanos = arrivalNanos;
        }
        if (arrivalNanos - startNanos > DURATION_NANOS) {
            complete = true;
            return;
        }
        try {
            int stream = index(packet.stream());
            addClock(stream, packet);
            addPacket(stream, packet, arrivalNanos);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private int index(IncomingStream stream) {
        Integer index = indexes.get(stream);
        if (index == null) {
            index = streams.size();
            indexes.put(stream, index);
            streams.add(stream);
        }
        return index;
    }

    private void addClock(int index, IncomingPacket packet) throws IOException {
        SourceClock clock = packet.stream().clock();
        if (!clock.reported()) {
            return;
        }
        // Where the line stands at a fixed timestamp says whether it is the same line.
        Long line = clock.nanosOf(0);
        if (line.equals(lines.put(packet.stream(), line))) {
            return;
        }
        out.writeByte(index);
        out.writeByte(CLOCK);
        out.writeInt((int) packet.rtp().timestamp());
        out.writeLong((clock.nanosOf(packet.timestamp()) - startNanos) / NANOS_PER_MICRO);
        entries++;
        clocks++;
    }

    private void addPacket(int index, IncomingPacket packet, long arrivalNanos) throws IOException {
        HeaderExtensionMap extensions = packet.stream().receiver().extensions();
        RtpPacket rtp = packet.rtp();
        out.writeByte(index);
        out.writeByte((rtp.marker() ? MARKER : 0) | (packet.keyframeStart() ? KEYFRAME_START : 0));
        out.writeInt((int) ((arrivalNanos - lastNanos) / NANOS_PER_MICRO));
        lastNanos += (arrivalNanos - lastNanos) / NANOS_PER_MICRO * NANOS_PER_MICRO;
        out.writeShort(rtp.sequenceNumber());
        out.writeInt((int) rtp.timestamp());
        out.writeShort(rtp.payloadBytes());
        described += write(extensions, rtp, HeaderExtension.DEPENDENCY_DESCRIPTOR) ? 1 : 0;
        write(extensions, rtp, HeaderExtension.VIDEO_LAYERS_ALLOCATION);
        int head = Math.min(packet.keyframeStart() ? START_BYTES : HEAD_BYTES, rtp.payloadBytes());
        out.writeByte(head);
        out.write(rtp.array(), rtp.payloadOffset(), head);
        entries++;
        packets++;
        keyframes += packet.keyframeStart() ? 1 : 0;
    }

    private boolean write(HeaderExtensionMap extensions, RtpPacket rtp, HeaderExtension extension) throws IOException {
        int offset = extensions.offsetIn(rtp, extension);
        int length = offset < 0 ? 0 : extensions.bytesIn(rtp, extension);
        out.writeByte(length);
        if (length > 0) {
            out.write(rtp.array(), offset, length);
        }
        return length > 0;
    }

    void write(OutputStream file) throws IOException {
        try (DataOutputStream to = new DataOutputStream(new BufferedOutputStream(new GZIPOutputStream(file)))) {
            to.writeInt(MAGIC);
            to.writeByte(VERSION);
            to.writeUTF(codec.name());
            to.writeByte(streams.size());
            for (IncomingStream stream : streams) {
                String rid = stream.rid();
                to.writeUTF(rid == null ? "" : rid);
                to.writeInt(stream.ssrc());
            }
            to.writeInt(entries);
            bytes.writeTo(to);
        }
    }

    String describe() {
        return packets + " packets in " + streams.size() + " streams, " + keyframes + " keyframe starts, " + described
                + " dependency descriptors, " + clocks + " clocks";
    }
}
