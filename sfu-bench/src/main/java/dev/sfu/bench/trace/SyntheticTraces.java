package dev.sfu.bench.trace;

import dev.sfu.core.buffer.Bytes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Made-up traffic of VP8 and Opus, which every server knows how to forward. */
public final class SyntheticTraces {
    private static final int SECONDS = 10;
    private static final int CLOCK_RATE_HZ = 90_000;
    private static final int FRAMES_PER_SECOND = 30;
    private static final int KEYFRAME_FACTOR = 4;
    private static final int MAX_PAYLOAD_BYTES = 1_180;
    /** What Chromium leaves between the packets of one frame, about. */
    private static final int BURST_GAP_MICROS = 80;

    private static final int DESCRIPTOR_BYTES = 6;
    private static final int HEAD_BYTES = DESCRIPTOR_BYTES + 10;

    private static final Trace.Stream SPEECH = new Trace.Stream("opus", 48_000, null);

    private SyntheticTraces() {}

    /**
     * 30 frames a second, each a burst of packets that differ by a byte at most, as encoders split them.
     *
     * @param bitrateBps payload bits per second
     */
    public static Trace frames(int bitrateBps) {
        List<Timed> packets = new ArrayList<>();
        layer(packets, 0, bitrateBps, 0);
        return trace("frames " + bitrateBps / 1_000 + " kbit/s", List.of(video(null)), packets);
    }

    /** The same at 150, 500 and 1500 kbit/s as the encodings q, h and f of one simulcast track. */
    public static Trace simulcast() {
        List<Timed> packets = new ArrayList<>();
        layer(packets, 0, 150_000, 0);
        layer(packets, 1, 500_000, 1_000);
        layer(packets, 2, 1_500_000, 2_000);
        return trace("simulcast 150/500/1500 kbit/s", List.of(video("q"), video("h"), video("f")), packets);
    }

    /** Opus packets of 80 bytes each 20 ms. */
    public static Trace voice() {
        List<Timed> packets = new ArrayList<>();
        speech(packets, 0);
        return trace("Opus 32 kbit/s", List.of(SPEECH), packets);
    }

    private static void speech(List<Timed> packets, int stream) {
        for (int i = 0; i < SECONDS * 50; i++) {
            packets.add(
                    new Timed(i * 20_000L, new Trace.Packet(stream, 0, 80, false, i * 960L, true, new byte[] {0x78})));
        }
    }

    /**
     * A camera as in {@link #frames} and a voice as in {@link #voice}, as two tracks.
     *
     * @param bitrateBps payload bits per second of the camera
     */
    public static Trace call(int bitrateBps) {
        List<Timed> packets = new ArrayList<>();
        layer(packets, 0, bitrateBps, 0);
        speech(packets, 1);
        return trace("call " + bitrateBps / 1_000 + " kbit/s", List.of(video(null), SPEECH), packets);
    }

    private record Timed(long micros, Trace.Packet packet) {}

    private static void layer(List<Timed> packets, int stream, int bitrateBps, int offsetMicros) {
        int meanFrameBytes = bitrateBps / 8 / FRAMES_PER_SECOND;
        for (int frame = 0; frame < SECONDS * FRAMES_PER_SECOND; frame++) {
            boolean keyframe = frame == 0;
            // Sizes of frames vary; a fixed pattern makes runs comparable.
            int frameBytes = meanFrameBytes * (keyframe ? KEYFRAME_FACTOR * 100 : 85 + frame * 37 % 31) / 100;
            int count = (frameBytes + MAX_PAYLOAD_BYTES - 1) / MAX_PAYLOAD_BYTES;
            for (int i = 0; i < count; i++) {
                int bytes = frameBytes / count + (i < frameBytes % count ? 1 : 0);
                long micros = frame * 1_000_000L / FRAMES_PER_SECOND + offsetMicros + (long) i * BURST_GAP_MICROS;
                long ticks = (long) frame * CLOCK_RATE_HZ / FRAMES_PER_SECOND;
                packets.add(new Timed(micros, new Trace.Packet(
                        stream, 0, bytes, i == count - 1, ticks, keyframe && i == 0, head(frame, i, keyframe))));
            }
        }
    }

    private static Trace trace(String name, List<Trace.Stream> streams, List<Timed> packets) {
        packets.sort(Comparator.comparingLong(Timed::micros));
        List<Trace.Packet> ordered = new ArrayList<>();
        long before = packets.getFirst().micros();
        for (Timed timed : packets) {
            Trace.Packet p = timed.packet();
            ordered.add(new Trace.Packet(
                    p.stream(),
                    (int) (timed.micros() - before),
                    p.payloadBytes(),
                    p.marker(),
                    p.timestampTicks(),
                    p.keyframeStart(),
                    p.head()));
            before = timed.micros();
        }
        return new Trace(name, streams, ordered, (int) (SECONDS * 1_000_000L - before));
    }

    /**
     * Packets of one size at even distances: nothing to gather.
     *
     * @param bitrateBps payload bits per second
     * @param payloadBytes of each packet
     */
    public static Trace uniform(int bitrateBps, int payloadBytes) {
        List<Timed> packets = new ArrayList<>();
        long gapMicros = payloadBytes * 8_000_000L / bitrateBps;
        for (int i = 0; i < SECONDS * 1_000_000L / gapMicros; i++) {
            long ticks = i * gapMicros * CLOCK_RATE_HZ / 1_000_000;
            packets.add(new Timed(
                    i * gapMicros, new Trace.Packet(0, 0, payloadBytes, true, ticks, i == 0, head(i, 0, i == 0))));
        }
        String name = "uniform " + bitrateBps / 1_000 + " kbit/s, " + payloadBytes + " B";
        return trace(name, List.of(video(null)), packets);
    }

    private static Trace.Stream video(@Nullable String rid) {
        return new Trace.Stream("VP8", CLOCK_RATE_HZ, rid);
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
