package dev.sfu.bench.load;

import dev.sfu.bench.trace.Trace;
import dev.sfu.core.codec.Vp8Descriptor;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One encoding that a publisher sends: its numbers go on when the trace begins anew, and the last packets are kept. */
final class SentStream {
    private static final int KEPT = 256;
    private static final int PAYLOAD_BYTES = 1500;
    private static final int PICTURE_ID_MASK = 0x7FFF;
    /** What payloads are made of: new random bytes for each would cost a joining publisher milliseconds. */
    private static final byte[] NOISE = new byte[1 << 16];

    static {
        new Random(1).nextBytes(NOISE);
    }

    /** A packet that can be repeated; reused. */
    static final class Kept {
        private final byte[] payload = new byte[PAYLOAD_BYTES];
        private long index = -1;
        private int payloadBytes;
        private long timestamp;
        private boolean marker;

        byte[] payload() {
            return payload;
        }

        int payloadBytes() {
            return payloadBytes;
        }

        long timestamp() {
            return timestamp;
        }

        boolean marker() {
            return marker;
        }
    }

    private final Track track;
    private final String mid;
    private final String rid;
    private final int ssrc;
    private final int rtxSsrc;
    private final int clockRateHz;
    private final long firstOffsetTicks;
    private final long firstTimestamp;
    private final Kept[] ring = new Kept[KEPT];
    private final boolean vp8;
    private final Vp8Descriptor descriptor = new Vp8Descriptor();
    private long index;
    private long rtxIndex;
    private long roundTimestamp;
    private int pictureIdOffset;
    private int tl0Offset;
    private int lastPictureId;
    private int lastTl0;
    private boolean roundBegun;
    private long packetsSent;
    private long payloadBytesSent;

    SentStream(Trace trace, int number, Track track, int mid, RandomGenerator random) {
        Trace.Stream stream = trace.streams().get(number);
        this.track = track;
        this.mid = String.valueOf(mid);
        String name = stream.rid();
        this.rid = name == null ? "" : name;
        this.ssrc = random.nextInt();
        this.rtxSsrc = random.nextInt();
        this.clockRateHz = stream.clockRateHz();
        this.firstOffsetTicks = ticks(firstMicros(trace, number) * 1_000);
        this.firstTimestamp = random.nextInt() & 0xFFFF_FFFFL;
        this.index = random.nextInt(0x8000);
        this.rtxIndex = random.nextInt(0x8000);
        this.vp8 = stream.codec().equalsIgnoreCase("VP8");
        for (int i = 0; i < KEPT; i++) {
            ring[i] = new Kept();
            System.arraycopy(NOISE, random.nextInt(NOISE.length - PAYLOAD_BYTES), ring[i].payload, 0, PAYLOAD_BYTES);
        }
    }

    private static long firstMicros(Trace trace, int stream) {
        long micros = 0;
        for (Trace.Packet packet : trace.packets()) {
            micros += packet.deltaMicros();
            if (packet.stream() == stream) {
                return micros;
            }
        }
        return 0;
    }

    private long ticks(long nanos) {
        return nanos / 1_000 * clockRateHz / 1_000_000;
    }

    /** The trace begins, so long after the publisher did. */
    void beginRound(long sinceStartNanos) {
        roundTimestamp = timestampAt(sinceStartNanos) + firstOffsetTicks;
        roundBegun = true;
    }

    /** The timestamp of a moment. */
    long timestampAt(long sinceStartNanos) {
        return firstTimestamp + ticks(sinceStartNanos);
    }

    long timestamp(Trace.Packet packet) {
        return roundTimestamp + packet.timestampTicks();
    }

    /** The payload of the packet that is sent next: {@link #nextIndex} must follow. */
    byte[] payload(Trace.Packet packet) {
        byte[] payload = ring[(int) index & (KEPT - 1)].payload;
        byte[] head = packet.head();
        System.arraycopy(head, 0, payload, 0, head.length);
        if (vp8 && descriptor.parse(head, 0, head.length) && descriptor.pictureIdBits() == 15) {
            if (roundBegun) {
                pictureIdOffset = lastPictureId + 1 - descriptor.pictureId();
                tl0Offset = lastTl0 + 1 - descriptor.tl0PicIdx();
                roundBegun = false;
            }
            lastPictureId = (descriptor.pictureId() + pictureIdOffset) & PICTURE_ID_MASK;
            lastTl0 = (descriptor.tl0PicIdx() + tl0Offset) & 0xFF;
            descriptor.write(payload, 0, lastPictureId, lastTl0, false);
        }
        return payload;
    }

    long nextIndex(Trace.Packet packet) {
        Kept kept = ring[(int) index & (KEPT - 1)];
        kept.index = index;
        kept.payloadBytes = packet.payloadBytes();
        kept.timestamp = timestamp(packet);
        kept.marker = packet.marker();
        packetsSent++;
        payloadBytesSent += packet.payloadBytes();
        return index++;
    }

    long nextRtxIndex() {
        return rtxIndex++;
    }

    /** The packet with this number, or null when it is not kept any more. */
    @Nullable Kept kept(int sequenceNumber) {
        Kept kept = ring[sequenceNumber & (KEPT - 1)];
        return (kept.index & 0xFFFF) == sequenceNumber && kept.index >= 0 ? kept : null;
    }

    Track track() {
        return track;
    }

    String mid() {
        return mid;
    }

    String rid() {
        return rid;
    }

    int ssrc() {
        return ssrc;
    }

    int rtxSsrc() {
        return rtxSsrc;
    }

    long packetsSent() {
        return packetsSent;
    }

    long payloadBytesSent() {
        return payloadBytesSent;
    }
}
