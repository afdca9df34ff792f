package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class SentPacketHistoryTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final SentPacketHistory history = new SentPacketHistory();

    @Test
    void inFlightIsWhatWasSentAfterTheNewestReported() {
        for (int i = 0; i < 10; i++) {
            assertTrue(history.add(100 + i, 1000 + i, false, 0, i * MS));
        }
        assertEquals(10_045, history.inFlightBytes());
        history.onReported(104);
        assertEquals(5_035, history.inFlightBytes());
        history.onReported(102);
        assertEquals(5_035, history.inFlightBytes());
        history.onReported(109);
        assertEquals(0, history.inFlightBytes());
        int slot = history.find(103);
        assertEquals(1003, history.bytes(slot));
        assertEquals(3 * MS, history.sentNanos(slot));
    }

    @Test
    void unwrapsReportsToTheHighestSent() {
        history.add(65_530, 100, false, 0, 0);
        for (int i = 1; i < 10; i++) {
            history.add(65_530 + i, 100, false, 0, 0);
        }
        assertEquals(65_539, history.unwrap(3));
        assertEquals(65_535, history.unwrap(65_535));
        // Never sent: comes out as one of the past.
        assertEquals(SentPacketHistory.NOT_FOUND, history.find(history.unwrap(4)));
        assertEquals(SentPacketHistory.NOT_FOUND, history.find(history.unwrap(40_000)));
        history.onReported(70_000);
        assertEquals(1000, history.inFlightBytes());
    }

    @Test
    void growsWhileInFlightAndForgetsTheSilentReceiversPackets() {
        for (int i = 0; i < 1000; i++) {
            history.add(i, 100, false, 0, i * MS);
        }
        assertEquals(1024, history.capacity());
        assertEquals(100_000, history.inFlightBytes());
        assertNotEquals(SentPacketHistory.NOT_FOUND, history.find(0));
        for (int i = 1000; i < 30_000; i++) {
            history.add(i, 100, false, 0, i * MS);
        }
        // Three seconds of 1000 packets.
        assertEquals(4096, history.capacity());
        assertEquals(409_600, history.inFlightBytes());
        assertTrue(history.expired() > 20_000);
    }

    @Test
    void staysSmallWhenReportsCome() {
        for (int i = 0; i < 10_000; i++) {
            history.add(i, 100, false, 0, i * MS);
            if (i % 50 == 49) {
                history.onReported(i - 20);
            }
        }
        assertEquals(128, history.capacity());
        assertEquals(0, history.expired());
        assertEquals(2000, history.inFlightBytes());
    }

    @Test
    void skippedAndRepeatedSequences() {
        history.add(10, 100, false, 0, 0);
        assertFalse(history.add(10, 100, false, 0, 0));
        assertFalse(history.add(9, 100, false, 0, 0));
        history.add(1_000_000_000_000L, 100, true, 7, 0);
        assertEquals(SentPacketHistory.NOT_FOUND, history.find(10));
        assertEquals(SentPacketHistory.NOT_FOUND, history.find(999_999_999_999L));
        int slot = history.find(1_000_000_000_000L);
        assertTrue(history.audio(slot));
        assertEquals(7, history.probeCluster(slot));
        assertEquals(100, history.inFlightBytes());
        assertEquals(1, history.expired());
    }

    @Test
    void marksOnce() {
        history.add(1, 100, false, 0, 0);
        int slot = history.find(1);
        assertTrue(history.markLost(slot));
        assertFalse(history.markLost(slot));
        assertTrue(history.lost(slot));
        assertTrue(history.markReceived(slot));
        assertFalse(history.markReceived(slot));
        assertFalse(history.markLost(slot));
    }

    @Test
    void resetLeavesNothingInFlight() {
        for (int i = 0; i < 10; i++) {
            history.add(i, 100, false, 0, 0);
        }
        history.reset();
        assertEquals(0, history.inFlightBytes());
        assertEquals(SentPacketHistory.NOT_FOUND, history.find(5));
        history.add(10, 70, false, 0, 0);
        assertEquals(70, history.inFlightBytes());
        history.onReported(10);
        assertEquals(0, history.inFlightBytes());
    }
}
