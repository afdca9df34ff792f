package dev.sfu.bench.trace;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
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
 * What layer selection looks at in each packet: header fields, dependency descriptor, layers allocation, start of the payload.
 * Keyframes are asked for every second and a half. One thread.
 *
 * <p>The file is gzip of: magic and version, codec and streams with their RIDs, the number of packets, and for each packet
 * its stream, flags, sequence number, timestamp, payload length, and three byte strings with their lengths.
 */
final class LayerRecording implements PacketLog {
    private static final int MAGIC = 0x4C415952;
    private static final int VERSION = 1;
    private static final long DURATION_NANOS = 7 * Deadlines.SECOND;
    private static final long KEYFRAME_INTERVAL_NANOS = 1500 * Deadlines.MILLISECOND;
    private static final int MARKER = 1;
    private static final int KEYFRAME_START = 2;
    private static final int START_BYTES = 72;
    private static final int HEAD_BYTES = 16;

    private final Codec codec;
    private final Map<IncomingStream, Integer> indexes = new HashMap<>();
    private final List<String> rids = new ArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private int packets;
    private int keyframes;
    private int described;
    private long startNanos;
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
        }
        if (arrivalNanos - startNanos > DURATION_NANOS) {
            complete = true;
            return;
        }
        try {
            add(packet);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(IncomingPacket packet) throws IOException {
        IncomingStream stream = packet.stream();
        Integer index = indexes.get(stream);
        if (index == null) {
            index = rids.size();
            indexes.put(stream, index);
            String rid = stream.rid();
            rids.add(rid == null ? "" : rid);
        }
        RtpPacket rtp = packet.rtp();
        HeaderExtensionMap extensions = stream.receiver().extensions();
        out.writeByte(index);
        out.writeByte((rtp.marker() ? MARKER : 0) | (packet.keyframeStart() ? KEYFRAME_START : 0));
        out.writeShort(rtp.sequenceNumber());
        out.writeInt((int) rtp.timestamp());
        out.writeShort(rtp.payloadBytes());
        described += write(extensions, rtp, HeaderExtension.DEPENDENCY_DESCRIPTOR) ? 1 : 0;
        write(extensions, rtp, HeaderExtension.VIDEO_LAYERS_ALLOCATION);
        int head = Math.min(packet.keyframeStart() ? START_BYTES : HEAD_BYTES, rtp.payloadBytes());
        out.writeByte(head);
        out.write(rtp.array(), rtp.payloadOffset(), head);
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
            to.writeByte(rids.size());
            for (String rid : rids) {
                to.writeUTF(rid);
            }
            to.writeInt(packets);
            bytes.writeTo(to);
        }
    }

    String describe() {
        return packets + " packets in streams " + rids + ", " + keyframes + " keyframe starts, " + described
                + " dependency descriptors";
    }
}
