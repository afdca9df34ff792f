package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A layer on its way to the server: packets, and what is kept of them to be sent again. */
final class SentVideoLayer {
    private static final int MAX_PAYLOAD_BYTES = 1120;
    private static final int KEPT = 1024;
    private static final int PACKET_OVERHEAD_BYTES = 72;
    /** A repetition sooner than this is not answered: the first answer is under way. */
    private static final long REPEAT_NANOS = 20 * Deadlines.MILLISECOND;

    private final LayerEncoder encoder;
    private final SentRtpStream stream;
    private final BrowserTransport transport;
    private final UplinkEstimate estimate;
    private final byte[][] kept = new byte[KEPT][];
    private final int[] keptBytes = new int[KEPT];
    private final long[] keptIndex = new long[KEPT];
    private final long[] keptTimestamp = new long[KEPT];
    private final boolean[] keptMarker = new boolean[KEPT];
    private final long[] repeatedNanos = new long[KEPT];
    private final long firstTimestamp;
    private int pictureId;
    private int tl0PicIdx;
    private long lastTimestamp;
    private int[] bytesBySecond = new int[64];
    private long retransmissions;
    private long framesSent;

    SentVideoLayer(
            LayerEncoder encoder,
            SentRtpStream stream,
            BrowserTransport transport,
            UplinkEstimate estimate,
            SplittableRandom random) {
        this.encoder = encoder;
        this.stream = stream;
        this.transport = transport;
        this.estimate = estimate;
        this.firstTimestamp = random.nextInt() & 0xFFFF_FFFFL;
        this.pictureId = random.nextInt(0x8000);
        this.tl0PicIdx = random.nextInt(0x100);
        Arrays.fill(keptIndex, -1);
    }

    LayerEncoder encoder() {
        return encoder;
    }

    SentRtpStream stream() {
        return stream;
    }

    long retransmissions() {
        return retransmissions;
    }

    long framesSent() {
        return framesSent;
    }

    /** On the RTP clock. */
    long timestampAt(long nanos) {
        return firstTimestamp + (nanos - VirtualTime.ORIGIN_NANOS) * 9 / 100_000;
    }

    void sendFrame(long nowNanos) {
        EncodedFrame frame = encoder.encode(nowNanos);
        framesSent++;
        pictureId = (pictureId + 1) & 0x7FFF;
        tl0PicIdx = (tl0PicIdx + (frame.temporalLayer() == 0 ? 1 : 0)) & 0xFF;
        int total = Math.max(frame.bytes(), VideoMark.HEAD_BYTES + VideoMark.BYTES);
        int count = (total + MAX_PAYLOAD_BYTES - 1) / MAX_PAYLOAD_BYTES;
        int larger = total % count;
        lastTimestamp = timestampAt(nowNanos);
        for (int i = 0; i < count; i++) {
            // Of nearly equal size, as libwebrtc cuts frames.
            int bytes = total / count + (i >= count - larger ? 1 : 0);
            int slot = (int) stream.nextIndex & (KEPT - 1);
            byte[] payload = kept[slot];
            if (payload == null) {
                payload = new byte[MAX_PAYLOAD_BYTES];
                kept[slot] = payload;
            }
            VideoMark.write(payload, frame, i, count, pictureId, tl0PicIdx);
            keptIndex[slot] = stream.nextIndex;
            keptBytes[slot] = bytes;
            keptTimestamp[slot] = lastTimestamp;
            keptMarker[slot] = i == count - 1;
            repeatedNanos[slot] = 0;
            stream.packetsSent++;
            stream.payloadBytesSent += bytes;
            count(bytes + PACKET_OVERHEAD_BYTES, nowNanos);
            int sequence = transport.sendRtp(stream, -1, lastTimestamp, i == count - 1, -1, payload, bytes);
            estimate.onSent(sequence, bytes + PACKET_OVERHEAD_BYTES, nowNanos);
        }
    }

    private void count(int bytes, long nowNanos) {
        int second = (int) ((nowNanos - VirtualTime.ORIGIN_NANOS) / Deadlines.SECOND);
        if (second >= bytesBySecond.length) {
            bytesBySecond = Arrays.copyOf(bytesBySecond, 2 * second);
        }
        bytesBySecond[second] += bytes;
    }

    /** Bits sent in one second, without retransmissions. */
    double bps(int second) {
        return second < bytesBySecond.length ? 8.0 * bytesBySecond[second] : 0;
    }

    void onNack(int sequenceNumber, long nowNanos) {
        long index = stream.nextIndex - 1 - ((stream.nextIndex - 1 - sequenceNumber) & 0xFFFF);
        int slot = (int) index & (KEPT - 1);
        byte[] payload = kept[slot];
        if (payload == null || keptIndex[slot] != index || nowNanos - repeatedNanos[slot] < REPEAT_NANOS) {
            return;
        }
        if (!estimate.onRepair(keptBytes[slot] + PACKET_OVERHEAD_BYTES, nowNanos)) {
            return;
        }
        repeatedNanos[slot] = nowNanos;
        retransmissions++;
        int sequence = transport.sendRtp(
                stream, sequenceNumber, keptTimestamp[slot], keptMarker[slot], -1, payload, keptBytes[slot]);
        estimate.onSent(sequence, keptBytes[slot] + PACKET_OVERHEAD_BYTES, nowNanos);
    }
}
