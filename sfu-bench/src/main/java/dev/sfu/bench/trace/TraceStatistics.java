package dev.sfu.bench.trace;

import java.util.Arrays;
import java.util.Locale;

/**
 * How a trace's packets come, as a sender that writes runs of equal size sees it.
 *
 * <p>A frame is what has one timestamp in one stream. A run is consecutive packets of one frame of which none differs by
 * more than a tolerance from the largest of the run, plus one shorter packet at its end: the kernel's rule for segments
 * (UDP_SEGMENT), where padding levels what is within the tolerance.
 *
 * @param stream index, or -1 for all streams of the trace
 * @param packets in the trace
 * @param frames in the trace
 * @param keyframes in the trace, for sound 0
 * @param bitsPerSecond of payload
 * @param framesPerSecond over the whole trace
 * @param packetsPerFrame mean
 * @param payloadBytes mean of a packet
 * @param packetsPerBurst mean of packets with no more than {@link #BURST_GAP_MICROS} between neighbours, streams mixed
 * @param frameSpreadMicros median over frames with several packets, from the first packet to the last
 * @param runPackets mean run for each of {@link #TOLERANCES_BYTES}
 * @param equalByteShare share of the bytes that are in runs of at least two packets, tolerance 0
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TraceStatistics(
        int stream,
        int packets,
        int frames,
        int keyframes,
        double bitsPerSecond,
        double framesPerSecond,
        double packetsPerFrame,
        double payloadBytes,
        double packetsPerBurst,
        long frameSpreadMicros,
        double[] runPackets,
        double equalByteShare) {
    /** The tolerances that are reported. */
    static final int[] TOLERANCES_BYTES = {0, 3, 8, 16};

    private static final int EQUAL = 0;
    private static final int LEVELLED = 1;

    /** Packets that come closer together than this belong to one burst. */
    static final int BURST_GAP_MICROS = 1000;

    /** Of one stream of a trace, or of all of them when {@code stream} is -1. */
    public static TraceStatistics of(Trace trace, int stream) {
        return new Count(trace, stream).result();
    }

    /**
     * Of what a server that forwards one encoding to a viewer forwards: the stream with the most bytes. The streams of one
     * simulcast track and the only stream of other traces are all there is in a trace.
     */
    public static TraceStatistics ofBest(Trace trace) {
        int best = 0;
        long most = -1;
        for (int stream = 0; stream < trace.streams().size(); stream++) {
            int index = stream;
            long bytes = trace.packets().stream()
                    .filter(packet -> packet.stream() == index)
                    .mapToLong(Trace.Packet::payloadBytes)
                    .sum();
            if (bytes > most) {
                most = bytes;
                best = stream;
            }
        }
        return of(trace, best);
    }

    /** The mean run when packets of a frame that differ by as much as a browser's do are levelled by padding. */
    public double levelledRun() {
        return runPackets[LEVELLED];
    }

    /** The mean run without padding. */
    public double equalRun() {
        return runPackets[EQUAL];
    }

    /** One line for people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%5d packets, %4.0f kbit/s, %5.1f frames/s, %d keyframes, %.2f packets/frame, %.0f bytes/packet,"
                        + " %.2f packets/burst, frame within %d us;"
                        + " run: equal %.2f, within 3 bytes %.2f, 8 %.2f, 16 %.2f; bytes in equal runs %.0f %%",
                packets,
                bitsPerSecond / 1000,
                framesPerSecond,
                keyframes,
                packetsPerFrame,
                payloadBytes,
                packetsPerBurst,
                frameSpreadMicros,
                runPackets[0],
                runPackets[1],
                runPackets[2],
                runPackets[3],
                100 * equalByteShare);
    }

    /** One pass over a trace. Streams interleave, so each has a run of its own. */
    private static final class Count {
        private final Trace trace;
        private final int wanted;
        private final long[] timestamps;
        private final long[] frameStartMicros;
        private final long[] frameEndMicros;
        private final int[][] smallest;
        private final int[][] largest;
        private final int[][] runLength;
        private final boolean[][] runClosed;
        private final int[] runs = new int[TOLERANCES_BYTES.length];
        private final long[] spreads;
        private final long[] equalRunBytes;
        private int spreadCount;
        private int packets;
        private int frames;
        private int keyframes;
        private int bursts;
        private long bytes;
        private long bytesInEqualRuns;

        Count(Trace trace, int wanted) {
            this.trace = trace;
            this.wanted = wanted;
            int streams = trace.streams().size();
            this.timestamps = new long[streams];
            Arrays.fill(timestamps, Long.MIN_VALUE);
            this.frameStartMicros = new long[streams];
            this.frameEndMicros = new long[streams];
            this.smallest = new int[streams][TOLERANCES_BYTES.length];
            this.largest = new int[streams][TOLERANCES_BYTES.length];
            this.runLength = new int[streams][TOLERANCES_BYTES.length];
            this.runClosed = new boolean[streams][TOLERANCES_BYTES.length];
            this.equalRunBytes = new long[streams];
            this.spreads = new long[trace.packets().size() + streams];
        }

        TraceStatistics result() {
            long nowMicros = 0;
            long formerMicros = Long.MIN_VALUE;
            for (Trace.Packet packet : trace.packets()) {
                nowMicros += packet.deltaMicros();
                if (wanted >= 0 && packet.stream() != wanted) {
                    continue;
                }
                if (formerMicros == Long.MIN_VALUE || nowMicros - formerMicros > BURST_GAP_MICROS) {
                    bursts++;
                }
                formerMicros = nowMicros;
                add(packet, nowMicros);
            }
            for (int stream = 0; stream < timestamps.length; stream++) {
                endFrame(stream);
            }
            Arrays.sort(spreads, 0, spreadCount);
            double seconds = trace.durationMicros() / 1e6;
            double[] means = new double[runs.length];
            for (int i = 0; i < runs.length; i++) {
                means[i] = (double) packets / Math.max(1, runs[i]);
            }
            return new TraceStatistics(
                    wanted,
                    packets,
                    frames,
                    keyframes,
                    8 * bytes / seconds,
                    frames / seconds,
                    (double) packets / Math.max(1, frames),
                    (double) bytes / Math.max(1, packets),
                    (double) packets / Math.max(1, bursts),
                    spreadCount == 0 ? 0 : spreads[spreadCount / 2],
                    means,
                    (double) bytesInEqualRuns / Math.max(1, bytes));
        }

        private void add(Trace.Packet packet, long nowMicros) {
            int stream = packet.stream();
            packets++;
            bytes += packet.payloadBytes();
            if (packet.timestampTicks() != timestamps[stream]) {
                endFrame(stream);
                timestamps[stream] = packet.timestampTicks();
                frames++;
                frameStartMicros[stream] = nowMicros;
                keyframes += packet.keyframeStart() && !trace.streams().get(stream).audio() ? 1 : 0;
            }
            frameEndMicros[stream] = nowMicros;
            for (int i = 0; i < TOLERANCES_BYTES.length; i++) {
                extendRun(stream, i, packet.payloadBytes());
            }
        }

        private void extendRun(int stream, int index, int size) {
            int tolerance = TOLERANCES_BYTES[index];
            int most = Math.max(largest[stream][index], size);
            int least = Math.min(smallest[stream][index], size);
            boolean level = most - least <= tolerance;
            boolean shorterEnd = size < largest[stream][index];
            if (runLength[stream][index] == 0 || runClosed[stream][index] || (!level && !shorterEnd)) {
                endRun(stream, index);
                runs[index]++;
                runClosed[stream][index] = false;
                largest[stream][index] = size;
                smallest[stream][index] = size;
            } else if (level) {
                largest[stream][index] = most;
                smallest[stream][index] = least;
            } else {
                runClosed[stream][index] = true;
            }
            runLength[stream][index]++;
            if (index == 0) {
                equalRunBytes[stream] += size;
            }
        }

        private void endRun(int stream, int index) {
            if (index == 0) {
                bytesInEqualRuns += runLength[stream][0] > 1 ? equalRunBytes[stream] : 0;
                equalRunBytes[stream] = 0;
            }
            runLength[stream][index] = 0;
        }

        private void endFrame(int stream) {
            if (runLength[stream][0] > 0 && frameEndMicros[stream] > frameStartMicros[stream]) {
                spreads[spreadCount++] = frameEndMicros[stream] - frameStartMicros[stream];
            }
            for (int i = 0; i < TOLERANCES_BYTES.length; i++) {
                endRun(stream, i);
            }
        }
    }
}
