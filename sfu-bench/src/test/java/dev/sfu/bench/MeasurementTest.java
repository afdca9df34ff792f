package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MeasurementTest {
    @Test
    void aQuantileIsTheSmallestThatTheShareDoesNotExceed() {
        List<Long> thousand = LongStream.rangeClosed(1, 1_000).boxed().toList();
        assertEquals(500, Measurement.quantile(thousand, 0.5));
        assertEquals(999, Measurement.quantile(thousand, 0.999));
        assertEquals(1_000, Measurement.quantile(thousand, 1));
        assertEquals(1, Measurement.quantile(thousand, 0));
    }

    @Test
    void ofFewTheRareOneIsTheLongest() {
        assertEquals(7, Measurement.quantile(List.of(1L, 7L), 0.999));
        assertEquals(0, Measurement.quantile(List.of(), 0.999));
    }
}
