package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class CryptoTrialTest {
    private static final long BUDGET_NANOS = 300_000_000;

    private long nowNanos;
    private boolean stopped;

    /** Takes what {@code nanosPerPacket} says for the packets it has protected before. */
    private final class Costing implements CryptoTrial.Candidate {
        private final LongUnaryOperator nanosPerPacket;
        private long packets;

        Costing(LongUnaryOperator nanosPerPacket) {
            this.nanosPerPacket = nanosPerPacket;
        }

        @Override
        public void protectBatch() {
            nowNanos += CryptoTrial.BATCH_PACKETS * nanosPerPacket.applyAsLong(packets);
            packets += CryptoTrial.BATCH_PACKETS;
        }
    }

    private static long compiledAfter(long threshold, long packets, long before, long after) {
        return packets < threshold ? before : after;
    }

    private List<CryptoTrial.Figure> run(CryptoTrial.Candidate... candidates) {
        return CryptoTrial.run(List.of(candidates), () -> nowNanos, BUDGET_NANOS, () -> stopped);
    }

    @Test
    void theCompiledCostCountsNotTheInterpreted() {
        List<CryptoTrial.Figure> figures = run(
                new Costing(packets -> 900),
                new Costing(packets -> compiledAfter(1_000, packets, 60_000, 400)));
        assertEquals(
                List.of(new CryptoTrial.Figure(900, true), new CryptoTrial.Figure(400, true)), figures);
        assertEquals(1, CryptoTrial.winner(figures));
    }

    @Test
    void whatIsNotCompiledWithinTheBudgetIsNotSteadyAndDoesNotWin() {
        List<CryptoTrial.Figure> figures = run(
                new Costing(packets -> 5_000),
                new Costing(packets -> Math.max(100, 30_000 - packets)));
        assertFalse(figures.getLast().steady());
        assertEquals(0, CryptoTrial.winner(figures));
        assertTrue(nowNanos < BUDGET_NANOS + 1_000_000, "took " + nowNanos);
    }

    @Test
    void aCostThatFallsInSmallStepsIsWaitedFor() {
        List<CryptoTrial.Figure> figures =
                run(new Costing(packets -> 150), new Costing(packets -> Math.max(100, 2_000 - packets / 20)));
        assertEquals(new CryptoTrial.Figure(100, true), figures.getLast());
    }

    @Test
    void interruptionsOfTheThreadDoNotCount() {
        List<CryptoTrial.Figure> figures = run(
                new Costing(packets -> packets % 320 == 0 ? 20_000 : 500), new Costing(packets -> 700));
        assertEquals(500, figures.getFirst().nanosPerPacket());
        assertEquals(0, CryptoTrial.winner(figures));
    }

    @Test
    void aCloseRaceGoesToThePreferred() {
        assertEquals(0, CryptoTrial.winner(
                List.of(new CryptoTrial.Figure(500, true), new CryptoTrial.Figure(460, true))));
        assertEquals(1, CryptoTrial.winner(
                List.of(new CryptoTrial.Figure(500, true), new CryptoTrial.Figure(440, true))));
    }

    @Test
    void figuresThatAreNotSteadyDecideNothing() {
        assertEquals(0, CryptoTrial.winner(
                List.of(new CryptoTrial.Figure(500, true), new CryptoTrial.Figure(100, false))));
        assertEquals(0, CryptoTrial.winner(
                List.of(new CryptoTrial.Figure(500, false), new CryptoTrial.Figure(100, true))));
    }

    @Test
    void itEndsWhenTold() {
        stopped = true;
        List<CryptoTrial.Figure> figures = run(new Costing(packets -> 500));
        assertEquals(CryptoTrial.BATCH_PACKETS * 500, nowNanos);
        assertFalse(figures.getFirst().steady());
    }
}
