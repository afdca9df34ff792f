package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class AimdRateControlTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final AimdRateControl control = new AimdRateControl(1_000_000, 30_000, 10_000_000);

    @Test
    void eightPercentASecondWhileTheCapacityIsUnknown() {
        for (int i = 0; i <= 100; i++) {
            control.update(BandwidthUsage.NORMAL, 2_000_000, i * 100L * MS);
        }
        assertEquals(1_000_000 * Math.pow(1.08, 10), (double) control.rateBps(), 20_000);
    }

    @Test
    void notBeyondOneAndAHalfTimesTheThroughput() {
        for (int i = 0; i <= 600; i++) {
            control.update(BandwidthUsage.NORMAL, 800_000, i * 100L * MS);
        }
        assertEquals(1_210_000, control.rateBps());
    }

    @Test
    void notAtAllWhenApplicationLimited() {
        control.setInAlr(true);
        for (int i = 0; i <= 600; i++) {
            control.update(BandwidthUsage.NORMAL, 900_000, i * 100L * MS);
        }
        assertEquals(1_000_000, control.rateBps());
    }

    @Test
    void overuseDropsTo85PercentOfTheThroughputAndHoldsUntilNormal() {
        control.update(BandwidthUsage.OVERUSING, 900_000, 100 * MS);
        assertEquals(760_000, control.rateBps());
        control.update(BandwidthUsage.UNDERUSING, 900_000, 200 * MS);
        control.update(BandwidthUsage.UNDERUSING, 900_000, 900 * MS);
        assertEquals(760_000, control.rateBps());
        control.update(BandwidthUsage.NORMAL, 900_000, 1000 * MS);
        control.update(BandwidthUsage.NORMAL, 900_000, 2000 * MS);
        assertTrue(control.rateBps() > 760_000);
    }

    @Test
    void additiveOnceTheCapacityIsKnown() {
        control.setRttNanos(100 * MS);
        control.update(BandwidthUsage.OVERUSING, 900_000, 0);
        control.update(BandwidthUsage.NORMAL, 900_000, 100 * MS);
        long before = control.rateBps();
        for (int i = 2; i <= 11; i++) {
            control.update(BandwidthUsage.NORMAL, 900_000, i * 100L * MS);
        }
        // 25.3 kbit a frame are three packets of 8.4 kbit, one per 400 ms.
        assertEquals(21_000, (double) control.rateBps() - before, 1500);
    }

    @Test
    void throughputFarAboveTheFormerCapacityIsAnotherLink() {
        control.setRttNanos(100 * MS);
        control.update(BandwidthUsage.OVERUSING, 900_000, 0);
        control.update(BandwidthUsage.NORMAL, 2_000_000, 100 * MS);
        long before = control.rateBps();
        control.update(BandwidthUsage.NORMAL, 2_000_000, 1100 * MS);
        assertEquals(1.08, control.rateBps() / (double) before, 0.001);
    }

    @Test
    void overuseNeverRaisesTheRate() {
        control.update(BandwidthUsage.OVERUSING, 5_000_000, 0);
        assertEquals(1_000_000, control.rateBps());
    }

    @Test
    void neverBelowTheMinimum() {
        control.update(BandwidthUsage.OVERUSING, 1_000, 0);
        assertEquals(30_000, control.rateBps());
        control.setRate(1, 0);
        assertEquals(30_000, control.rateBps());
        control.setRate(Long.MAX_VALUE, 0);
        assertEquals(10_000_000, control.rateBps());
    }

    @Test
    void reducesAgainAfterARoundTripOrWhenMuchLessGetsThrough() {
        control.setRttNanos(150 * MS);
        assertTrue(control.timeToReduceFurther(0, 900_000));
        control.update(BandwidthUsage.OVERUSING, 900_000, 0);
        assertFalse(control.timeToReduceFurther(149 * MS, 900_000));
        assertTrue(control.timeToReduceFurther(150 * MS, 900_000));
        assertTrue(control.timeToReduceFurther(1 * MS, 300_000));
        assertFalse(control.initialTimeToReduceFurther(149 * MS));
    }
}
