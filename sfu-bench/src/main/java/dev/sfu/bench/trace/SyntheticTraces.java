package dev.sfu.bench.trace;

import dev.sfu.core.buffer.Bytes;
import java.util.ArrayList;
import java.util.List;

/** Made-up traffic: VP8 of one layer, which every server knows how to forward. */
public final class SyntheticTraces {
    private static final int SECONDS = 10;
    private static final int CLOCK_RATE_HZ = 90_000;
    private static final int FRAMES_PER_SECOND = 30;
    private static final int FRAME_MICROS = 1_000_000 / FRAMES_PER_SECOND;
    private static final int KEYFRAME_PACKETS = 20;
    private static final int MAX_PAYLOAD_BYTES = 1_180;
    /** What Chromium leaves between the packets of one frame, about. */
    private static final int BURST_GAP_MICROS = 80;

    private static final int DESCRIPTOR_BYTES = 6;
    private static final int HEAD_BYTES = DESCRIPTOR_BYTES + 10;

    private SyntheticTraces() {}

    /**
     * 30 frames a second, each a burst of packets that differ by a byte at most, as encoders split them.
     *
     * @param bitrateBps payload bits per second
     */
    public static Trace frames(int bitrateBps) {
        List<Trace.Packet> packets = new ArrayList<>();
        int meanFrameBytes = bitrateBps / 8 / FRAMES_PER_SECOND;
        for (int frame = 0; frame < SECONDS * FRAMES_PER_SECOND; frame++) {
            boolean keyframe = frame == 0;
            // Sizes of frames vary; a fixed pattern makes runs comparable.
            int frameBytes = keyframe ? KEYFRAME_PACKETS * 1_100 : meanFrameBytes * (85 + frame * 37 % 31) / 100;
            int count = (frameBytes + MAX_PAYLOAD_BYTES - 1) / MAX_PAYLOAD_BYTES;
            for (int i = 0; i < count; i++) {
                int bytes = frameBytes / count + (i < frameBytes % count ? 1 : 0);
                int gap = i > 0 ? BURST_GAP_MICROS : frame == 0 ? 0 : FRAME_MICROS - burstMicros(packets);
                packets.add(new Trace.Packet(
                        0,
                        Math.max(0, gap),
                        bytes,
                        i == count - 1,
                        (long) frame * CLOCK_RATE_HZ / FRAMES_PER_SECOND,
                        keyframe && i == 0,
                        head(frame, i, keyframe)));
            }
        }
        return new Trace(
                "frames " + bitrateBps / 1_000 + " kbit/s", video(), packets, FRAME_MICROS - burstMicros(packets));
    }

    /** From the first to the last packet of the frame that the list ends with. */
    private static int burstMicros(List<Trace.Packet> packets) {
        int micros = 0;
        long timestamp = packets.getLast().timestampTicks();
        for (int i = packets.size() - 1; i > 0 && packets.get(i - 1).timestampTicks() == timestamp; i--) {
            micros += packets.get(i).deltaMicros();
        }
        return micros;
    }

    /**
     * Packets of one size at even distances: nothing to gather.
     *
     * @param bitrateBps payload bits per second
     * @param payloadBytes of each packet
     */
    public static Trace uniform(int bitrateBps, int payloadBytes) {
        List<Trace.Packet> packets = new ArrayList<>();
        int gapMicros = (int) (payloadBytes * 8_000_000L / bitrateBps);
        int count = SECONDS * 1_000_000 / gapMicros;
        for (int i = 0; i < count; i++) {
            packets.add(new Trace.Packet(
                    0,
                    i == 0 ? 0 : gapMicros,
                    payloadBytes,
                    true,
                    (long) i * gapMicros * CLOCK_RATE_HZ / 1_000_000,
                    i == 0,
                    head(i, 0, i == 0)));
        }
        return new Trace(
                "uniform " + bitrateBps / 1_000 + " kbit/s, " + payloadBytes + " B", video(), packets, gapMicros);
    }

    private static List<Trace.Stream> video() {
        return List.of(new Trace.Stream("VP8", CLOCK_RATE_HZ, null));
    }

    /** A descriptor with picture id and TL0PICIDX (RFC 7741 section 4.2) and the start of a frame header. */
    private static byte[] head(int frame, int packetOfFrame, boolean keyframe) {
        byte[] head = new byte[HEAD_BYTES];
        head[0] = (byte) (packetOfFrame == 0 ? 0x90 : 0x80);
        head[1] = (byte) 0xE0;
        Bytes.put16(head, 2, 0x8000 | (frame & 0x7FFF));
        head[4] = (byte) frame;
        head[DESCRIPTOR_BYTES] = (byte) (keyframe ? 0x10 : 0x11);
        if (keyframe && packetOfFrame == 0) {
            Bytes.put24(head, DESCRIPTOR_BYTES + 3, 0x9D012A);
        }
        return head;
    }
}
