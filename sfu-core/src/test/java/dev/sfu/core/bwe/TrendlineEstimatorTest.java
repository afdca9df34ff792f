package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TrendlineEstimatorTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final double SEND_DELTA_MS = 6;

    private final TrendlineEstimator trendline = new TrendlineEstimator();
    private final Random random = new Random(7);
    private double arrivalMs;

    @Test
    void constantDelayIsNormal() {
        assertEquals(200, feed(200, 1.0, 0));
        assertEquals(BandwidthUsage.NORMAL, trendline.state());
    }

    @Test
    void aGrowingQueueIsOveruseWithinTheWindow() {
        // 10 % more is sent than gets through.
        int deltas = feed(60, 1.1, 0);
        assertTrue(deltas >= TrendlineEstimator.WINDOW - 1 && deltas < 30, "deltas: " + deltas);
        assertEquals(BandwidthUsage.OVERUSING, trendline.state());
    }

    @Test
    void aShrinkingQueueIsUnderuse() {
        feed(60, 0.85, 0);
        assertEquals(BandwidthUsage.UNDERUSING, trendline.state());
    }

    @Test
    void aReceiverClockThatDriftsByAThousandthIsNormal() {
        // Ten times what crystals do; the trend is a thousandth, times 60 and 4: 0.24 ms.
        assertEquals(2000, feed(2000, 1.001, 0));
        assertEquals(2000, feed(2000, 0.999, 0));
    }

    @Test
    void jitterRaisesTheThresholdAndQuietLowersIt() {
        double before = trendline.thresholdMs();
        feed(500, 1.0, 25);
        assertTrue(trendline.thresholdMs() > before, "threshold: " + trendline.thresholdMs());
        for (int i = 0; i < 2000; i++) {
            feed(1, 1.0, 0);
        }
        assertEquals(TrendlineEstimator.MIN_THRESHOLD_MS, trendline.thresholdMs(), 0.5);
        assertEquals(BandwidthUsage.NORMAL, trendline.state());
    }

    @Test
    void oneSpikeIsNotOveruse() {
        feed(100, 1.0, 0);
        trendline.onDelta((long) ((SEND_DELTA_MS + 5) * MS), (long) (SEND_DELTA_MS * MS), (long) (arrivalMs * MS));
        assertNotEquals(BandwidthUsage.OVERUSING, trendline.state());
    }

    @Test
    void arrivalsAtOneTimeLeaveTheTrend() {
        for (int i = 0; i < 100; i++) {
            trendline.onDelta(0, 0, 5 * MS);
        }
        assertEquals(BandwidthUsage.NORMAL, trendline.state());
        assertEquals(0, trendline.modifiedTrend());
    }

    @Test
    void absurdDeltasKeepTheThresholdInBounds() {
        for (int i = 0; i < 5000; i++) {
            trendline.onDelta(random.nextLong() >>> 10, random.nextLong() >>> 20, random.nextLong() >> 8);
            double threshold = trendline.thresholdMs();
            assertTrue(threshold >= 6 && threshold <= 600, "threshold: " + threshold);
        }
        trendline.reset();
        assertEquals(200, feed(200, 1.0, 0));
    }

    /** Feeds groups until overuse; returns after how many that was, {@code count} if there was none. */
    private int feed(int count, double stretch, double jitterMs) {
        double previousJitter = 0;
        for (int i = 0; i < count; i++) {
            double jitter = jitterMs * random.nextDouble();
            double arrivalDelta = Math.max(0, SEND_DELTA_MS * stretch + jitter - previousJitter);
            previousJitter = jitter;
            arrivalMs += arrivalDelta;
            trendline.onDelta((long) (arrivalDelta * MS), (long) (SEND_DELTA_MS * MS), (long) (arrivalMs * MS));
            if (jitterMs == 0 && trendline.state() == BandwidthUsage.OVERUSING) {
                return i;
            }
        }
        return count;
    }
}
