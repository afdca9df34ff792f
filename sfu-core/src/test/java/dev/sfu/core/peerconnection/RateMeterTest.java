package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class RateMeterTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long SECOND = Deadlines.SECOND;

    private final RateMeter meter = new RateMeter();

    @Test
    void nothingIsNoRate() {
        assertEquals(0, meter.bitrateBps(5));
    }

    @Test
    void aSteadyStreamIsReadAsItIsWhenever() {
        // Clocks start anywhere.
        long start = -3 * SECOND - 7;
        for (int i = 0; i < 1000; i++) {
            meter.add(125, start + 10L * i * MS);
            if (i > 100) {
                assertEquals(100_000, (double) meter.bitrateBps(start + (10L * i + 9) * MS), 1_500);
            }
        }
        assertEquals(0, meter.bitrateBps(start + 20 * SECOND));
    }

    @Test
    void theFirstBurstIsReadLikeAnyOther() {
        for (long began : new long[] {60 * MS, 100 * SECOND + 60 * MS}) {
            for (int i = 0; i < 20; i++) {
                meter.add(1000, began + i * MS);
                long bits = 8000L * (i + 1);
                long read = meter.bitrateBps(began + i * MS);
                assertTrue(read >= bits && read <= bits * 8 / 7, read + " after " + bits + " bits");
            }
            assertEquals(0, meter.bitrateBps(began + 2 * SECOND));
        }
    }

    @Test
    void whatStartsIsReadInFullAfterASecond() {
        for (int i = 0; i < 110; i++) {
            meter.add(125, i * 10L * MS);
            assertTrue(meter.bitrateBps(i * 10L * MS) <= 115_000, i + ": " + meter.bitrateBps(i * 10L * MS));
        }
        assertEquals(100_000, (double) meter.bitrateBps(1_100 * MS), 1_500);
    }

    @Test
    void aClockThatGoesBackIsSurvived() {
        meter.add(1000, 10 * SECOND);
        meter.add(1000, 9 * SECOND);
        assertTrue(meter.bitrateBps(9 * SECOND) >= 16_000);
        assertTrue(meter.bitrateBps(10 * SECOND) >= 16_000);
    }
}
