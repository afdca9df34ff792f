package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static Result result(String server, long nanos, double millis) {
        return new Result().put("server", server).put("ns", nanos).put("ms", millis);
    }

    @Test
    void medianIsTheFigureInTheMiddleOfEachColumn() {
        Result median =
                Result.median(List.of(result("a", 300, 1.5), result("a", 100, 2.5), result("a", 200, 99.9)));
        assertEquals("{\"server\": \"a\", \"ns\": 200, \"ms\": 2.5}", median.json());
    }

    @Test
    void medianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
        Result median = Result.median(List.of(
                result("a", 9_000, 1), result("a", 400, 3), result("a", 200, 2), result("a", 100, 8)));
        assertEquals("{\"server\": \"a\", \"ns\": 300.0, \"ms\": 2.5}", median.json());
    }

    @Test
    void ratioLeavesOutWhatCannotBeDivided() {
        Result first = result("a", 50, 3).put("only here", 7).put("zero there", 1);
        Result other = result("b", 100, 2).put("zero there", 0L);
        assertEquals("{\"server\": \"a\", \"ns\": 0.5, \"ms\": 1.5}", first.over(other).json());
    }

    @Test
    void rowsAreTheTurnsThenMediansThenTheRatio() {
        Comparison comparison = new Comparison(2);
        for (int i = 1; i <= 3; i++) {
            comparison.add(0, result("a", 10L * i, i));
            comparison.add(1, result("b", 40L * i, 2.0 * i).put("own", 5L));
        }
        assertEquals("""
                | server | ns | ms | own |
                |---|---|---|---|
                | a | 10 | 1.0 | – |
                | b | 40 | 2.0 | 5 |
                | a | 20 | 2.0 | – |
                | b | 80 | 4.0 | 5 |
                | a | 30 | 3.0 | – |
                | b | 120 | 6.0 | 5 |
                | a, median of 3 | 20 | 2.0 | – |
                | b, median of 3 | 80 | 4.0 | 5 |
                | a / b | 0.25 | 0.5 | – |""", Result.table(comparison.rows()));
    }

    @Test
    void oneServerOnceIsOneRow() {
        Comparison comparison = new Comparison(1);
        comparison.add(0, result("a", 1, 1));
        assertEquals(1, comparison.rows().size());
    }
}
