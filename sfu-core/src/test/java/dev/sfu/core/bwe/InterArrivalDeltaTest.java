package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class InterArrivalDeltaTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final InterArrivalDelta delta = new InterArrivalDelta();

    @Test
    void measuresBetweenTheLastPacketsOfGroups() {
        assertFalse(packet(0, 100));
        assertFalse(packet(4, 110));
        assertFalse(packet(20, 121));
        assertFalse(packet(25, 131));
        assertTrue(packet(40, 150));
        assertEquals(21 * MS, delta.sendDeltaNanos());
        assertEquals(21 * MS, delta.arrivalDeltaNanos());
        assertTrue(packet(60, 175));
        assertEquals(15 * MS, delta.sendDeltaNanos());
        assertEquals(19 * MS, delta.arrivalDeltaNanos());
    }

    @Test
    void packetsThatCameOutOfAQueueTogetherAreOneGroup() {
        packet(0, 100);
        packet(20, 120);
        // Sent 20 ms apart, arrived 1 ms apart.
        assertTrue(packet(40, 180));
        assertFalse(packet(60, 181));
        assertFalse(packet(80, 182));
        assertTrue(packet(100, 202));
        assertEquals(60 * MS, delta.sendDeltaNanos());
        assertEquals(62 * MS, delta.arrivalDeltaNanos());
    }

    @Test
    void aBurstEndsAfter100Ms() {
        packet(0, 0);
        packet(20, 20);
        assertTrue(packet(40, 100));
        int measured = 0;
        for (int i = 1; i <= 40; i++) {
            measured += packet(40 + 20L * i, 100 + 4L * i) ? 1 : 0;
        }
        assertEquals(1, measured);
    }

    @Test
    void packetsOvertakenByTheirGroupAreLeftOut() {
        packet(0, 100);
        packet(20, 120);
        assertFalse(packet(10, 125));
        assertTrue(packet(40, 140));
        assertEquals(20 * MS, delta.arrivalDeltaNanos());
    }

    @Test
    void aReceiverClockThatJumpsStartsOver() {
        packet(0, 100);
        packet(20, 120);
        assertTrue(packet(40, 10_000));
        // The measured group is the one before the jump.
        assertEquals(20 * MS, delta.arrivalDeltaNanos());
        assertFalse(packet(60, 10_020));
        assertFalse(packet(80, 10_040));
        assertFalse(packet(100, 10_060));
        assertTrue(packet(120, 10_080));
        assertEquals(20 * MS, delta.arrivalDeltaNanos());
    }

    @Test
    void aReceiverClockThatJumpsBackStartsOverAfterThreeGroups() {
        packet(0, 100_000);
        packet(20, 100_020);
        packet(40, 100_040);
        int measured = 0;
        for (int i = 3; i < 20; i++) {
            measured += packet(20L * i, 20L * i) ? 1 : 0;
        }
        assertTrue(measured >= 10, "measured: " + measured);
        assertEquals(20 * MS, delta.arrivalDeltaNanos());
    }

    private boolean packet(long sentMs, long arrivalMs) {
        return delta.onPacket(sentMs * MS, arrivalMs * MS, (sentMs + 50) * MS);
    }
}
