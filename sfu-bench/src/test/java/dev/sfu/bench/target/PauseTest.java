package dev.sfu.bench.target;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PauseTest {
    @Test
    void readsWhatTheJvmLogs() {
        List<Pause> pauses = Pause.read(List.of(
                "[11161200911038ns] Safepoint \"G1CollectForAllocation\", Time since last: 283889318 ns, Reaching safepoint:"
                        + " 2193 ns, At safepoint: 6056298 ns, Leaving safepoint: 16044 ns, Total: 6074535 ns,"
                        + " Threads: 0 runnable, 10 total",
                "[1ns] something else",
                "",
                "[11161299526296ns] Safepoint \"ICBufferFull\", Time since last: 1 ns, Reaching safepoint:        7 ns, Cleanup: 5 ns,"
                        + " At safepoint: 2 ns, Leaving safepoint: 90 ns, Total: 104 ns, Threads: 1"));
        assertEquals(
                List.of(
                        new Pause("G1CollectForAllocation", 11_161_200_911_038L, 6_058_491),
                        new Pause("ICBufferFull", 11_161_299_526_296L, 9)),
                pauses);
        assertTrue(pauses.getFirst().collects());
        assertFalse(pauses.getLast().collects());
    }

    @Test
    void knowsTheCollectorsOperations() {
        for (String operation : List.of("ZMarkStartYoung", "SerialGCCollect", "ParallelCollectForAllocation",
                "G1PauseRemark", "ShenandoahInitMark")) {
            assertTrue(new Pause(operation, 0, 0).collects(), operation);
        }
        for (String operation : List.of("Cleanup", "CleanClassLoaderDataMetaspaces", "ThreadDump", "HandshakeOneThread")) {
            assertFalse(new Pause(operation, 0, 0).collects(), operation);
        }
    }
}
