package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class HeldRateTest {
    private static final long S = Deadlines.SECOND;
    /** Of sound, and of what was repaired. */
    private static final long[] FALL_NANOS = {8 * S, 2 * S};

    @Test
    void risesAtOnce() {
        for (long fall : FALL_NANOS) {
            HeldRate rate = new HeldRate(fall);
            assertEquals(0, rate.update(0, 5 * S));
            assertEquals(40_000, rate.update(40_000, 5 * S + 1));
            assertEquals(90_000, rate.update(90_000, 5 * S + 1));
            assertEquals(90_000, rate.bps());
        }
    }

    @Test
    void fallsWithTime() {
        for (long fall : FALL_NANOS) {
            HeldRate rate = new HeldRate(fall);
            rate.update(100_000, S);
            assertEquals(75_000, rate.update(0, S + fall / 4));
            assertEquals(75_000, rate.bps());
            rate.update(100_000, 50 * S);
            assertEquals(70_000, rate.update(40_000, 50 * S + fall / 2));
            assertEquals(40_000, rate.update(40_000, 50 * S + 3 * fall));
        }
    }

    @Test
    void lookedAtOftenItFallsABitMoreSlowly() {
        for (long fall : FALL_NANOS) {
            HeldRate rate = new HeldRate(fall);
            rate.update(100_000, 0);
            long before = 100_000;
            for (long now = S / 10; now <= fall; now += S / 10) {
                long bps = rate.update(0, now);
                assertTrue(bps <= before, "never up");
                before = bps;
            }
            // One e-th instead of nothing.
            assertEquals(100_000 / Math.E, (double) before, 3_000);
        }
    }

    @Test
    void atTheSameTimeNothingFalls() {
        HeldRate rate = new HeldRate(2 * S);
        rate.update(100_000, S);
        assertEquals(100_000, rate.update(0, S));
    }

    @Test
    void aClockThatBeganBelowZeroDoesNotMatter() {
        HeldRate rate = new HeldRate(2 * S);
        assertEquals(100_000, rate.update(100_000, -90 * S));
        assertEquals(50_000, rate.update(0, -89 * S));
    }
}
