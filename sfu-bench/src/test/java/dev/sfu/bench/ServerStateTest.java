package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerStateTest {
    private static final long MIB = 1 << 20;

    private static ServerState state(long heapMib, long nativeMib, Map<String, Double> gauges) {
        return new ServerState(heapMib * MIB, (heapMib + nativeMib) * MIB, nativeMib * MIB, gauges);
    }

    @Test
    void gaugesAreWhatGoesUpAndDownWithPeers() {
        assertEquals(
                Map.of("sfu_rooms", 2.0, "sfu_paths", 3.0),
                ServerState.gauges(Map.of(
                        "sfu_rooms", 2.0, "sfu_paths", 3.0, "sfu_writes_total", 9.0, "sfu_ready", 1.0, "jvm_threads", 7.0)));
    }

    @Test
    void settledIsNoGaugeAboveWhatItWas() {
        ServerState before = state(10, 10, Map.of("sfu_rooms", 0.0, "sfu_buffers_outstanding", 5.0));
        assertTrue(state(99, 99, Map.of("sfu_rooms", 0.0, "sfu_buffers_outstanding", 4.0)).settled(before));
        ServerState after = state(10, 10, Map.of("sfu_rooms", 1.0, "sfu_buffers_outstanding", 5.0, "sfu_new", 2.0));
        assertFalse(after.settled(before));
        assertEquals(List.of("new: 2 (expected: 0)", "rooms: 1 (expected: 0)"), after.above(before));
    }

    @Test
    void growthIsWhatExceedsTheTolerance() {
        ServerState before = state(100, 200, Map.of());
        assertEquals(List.of(), state(114, 236, Map.of()).grown(before, "at the end"));
        assertEquals(
                List.of("heap at the end: 115.0 MiB (before: 100.0)", "native at the end: 237.0 MiB (before: 200.0)"),
                state(115, 237, Map.of()).grown(before, "at the end"));
        assertEquals(List.of(), state(5, 5, Map.of()).grown(before, "at the end"));
    }
}
