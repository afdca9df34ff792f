package dev.sfu.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    private final LatencyHistogram histogram = new LatencyHistogram();

    @Test
    void quantilesAreRightToThreePerCent() {
        for (int micros = 1; micros <= 10_000; micros++) {
            histogram.add(micros * 1_000L);
        }
        assertEquals(5_000_000, (double) histogram.quantileNanos(0.5), 5_000_000 * 0.032);
        assertEquals(9_900_000, (double) histogram.quantileNanos(0.99), 9_900_000 * 0.032);
        assertEquals(10_000_000, (double) histogram.quantileNanos(1), 10_000_000 * 0.032);
        assertEquals(10_000, histogram.total());
    }

    @Test
    void oneValueIsEveryQuantile() {
        histogram.add(77);
        assertEquals(77.0, (double) histogram.quantileNanos(0.001), 3.0);
        assertEquals(77.0, (double) histogram.quantileNanos(1), 3.0);
    }

    @Test
    void negativeCountsAsZeroAndNothingIsZero() {
        assertEquals(0, histogram.quantileNanos(0.5));
        histogram.add(-5);
        assertEquals(1, histogram.quantileNanos(1));
        histogram.clear();
        assertEquals(0, histogram.total());
    }
}
