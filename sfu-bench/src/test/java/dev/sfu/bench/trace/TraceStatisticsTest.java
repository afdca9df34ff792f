package dev.sfu.bench.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceStatisticsTest {
    private final List<Trace.Packet> packets = new ArrayList<>();

    @Test
    void aRunMayEndWithOneShorterPacket() {
        frame(0, 0, 1000, 1000, 1000, 400);
        TraceStatistics statistics = statistics();
        assertEquals(4, statistics.runPackets()[0]);
        assertEquals(1, statistics.equalByteShare());
        assertEquals(4, statistics.packetsPerFrame());
    }

    @Test
    void aLongerPacketBeginsARun() {
        frame(0, 0, 999, 999, 1000, 1000);
        TraceStatistics statistics = statistics();
        assertArrayEquals(new double[] {2, 4, 4, 4}, statistics.runPackets());
        assertEquals(1, statistics.equalByteShare());
    }

    @Test
    void nothingFollowsTheShorterPacket() {
        frame(0, 0, 1000, 990, 990);
        TraceStatistics statistics = statistics();
        // 1000 990 | 990, and all in one when 16 bytes are levelled.
        assertArrayEquals(new double[] {1.5, 1.5, 1.5, 3}, statistics.runPackets());
    }

    @Test
    void aToleranceCountsFromTheSmallestToTheLargest() {
        frame(0, 0, 1000, 1003, 1006, 1009);
        assertArrayEquals(new double[] {1, 2, 4.0 / 2, 4}, statistics().runPackets());
    }

    @Test
    void framesEndRunsAndLayersHaveTheirOwn() {
        packets.add(packet(0, 0, 0, 500, true));
        packets.add(packet(1, 10, 0, 800, true));
        packets.add(packet(0, 10, 0, 500, false));
        packets.add(packet(1, 10, 0, 800, false));
        packets.add(packet(0, 33_000, 3000, 500, false));
        TraceStatistics statistics = statistics();
        assertEquals(5.0 / 3, statistics.runPackets()[0]);
        assertEquals(3, statistics.frames());
        assertEquals(2, statistics.keyframes());
        assertEquals(2.5, statistics.packetsPerBurst());
        assertEquals(20, statistics.frameSpreadMicros());
        assertEquals(2600.0 / 3100, statistics.equalByteShare(), 1e-9);
        assertEquals(2, TraceStatistics.of(trace(), 1).packets());
    }

    @Test
    void bestIsTheStreamWithTheMostBytes() {
        frame(0, 0, 100, 100, 100);
        frame(1, 0, 1000, 999, 1000);
        TraceStatistics best = TraceStatistics.ofBest(trace());
        assertEquals(1, best.stream());
        assertEquals(1.5, best.equalRun());
        assertEquals(3, best.levelledRun());
    }

    private void frame(int stream, long ticks, int... sizes) {
        for (int size : sizes) {
            packets.add(packet(stream, 10, ticks, size, false));
        }
    }

    private static Trace.Packet packet(int stream, int deltaMicros, long ticks, int bytes, boolean keyframeStart) {
        return new Trace.Packet(stream, deltaMicros, bytes, false, ticks, keyframeStart, new byte[0]);
    }

    private TraceStatistics statistics() {
        return TraceStatistics.of(trace(), -1);
    }

    private Trace trace() {
        Trace.Stream stream = new Trace.Stream("VP8", 90_000, null);
        return new Trace("test", List.of(stream, stream), packets, 33_000);
    }
}
