package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class GatherWindowTest {
    private final GatherWindow window = new GatherWindow();
    private long now = 5 * Deadlines.SECOND;

    @Test
    void nothingWaitsAtTheStartOrWhenIdle() {
        assertEquals(0, window.nanos());
        work(0.01, 2 * Deadlines.SECOND);
        assertEquals(0, window.nanos());
    }

    @Test
    void theWindowGrowsWithTheLoadUpToItsBound() {
        work(0.05, 2 * Deadlines.SECOND);
        assertEquals(GatherWindow.MIN_WINDOW_NANOS, window.nanos());
        work(0.20, 2 * Deadlines.SECOND);
        assertEquals(800_000.0, (double) window.nanos(), 20_000.0);
        work(0.90, 2 * Deadlines.SECOND);
        assertEquals(GatherWindow.MAX_WINDOW_NANOS, window.nanos());
    }

    @Test
    void theWindowClosesAgainWhenTheLoadIsGone() {
        work(0.90, 2 * Deadlines.SECOND);
        work(0.005, 2 * Deadlines.SECOND);
        assertEquals(0, window.nanos());
    }

    @Test
    void whoIsBusyDoesNotSleep() {
        work(0.10, 2 * Deadlines.SECOND);
        assertTrue(window.sleeps());
        work(0.20, 2 * Deadlines.SECOND);
        assertFalse(window.sleeps());
    }

    @Test
    void otherThreadsSeeTheLoadUntilNothingMoreIsHeard() {
        work(0.50, 2 * Deadlines.SECOND);
        assertEquals(window.load(), window.loadAt(now));
        assertEquals(0.5, window.loadAt(now + Deadlines.SECOND), 0.05);
        assertEquals(0, window.loadAt(now + 6 * Deadlines.SECOND));
    }

    @Test
    void aPauseIsForgottenAtOnce() {
        work(0.90, 2 * Deadlines.SECOND);
        now += 10 * Deadlines.SECOND;
        window.onTurn(now, now + 1000);
        assertTrue(window.load() < 0.01, "load " + window.load());
    }

    @Test
    void nothingWaitsWhereWaitingMakesNoRuns() {
        work(0.20, 2 * Deadlines.SECOND);
        assertTrue(window.nanos() > 0);
        window.onFlush(1010, 1000);
        work(0.20, 100 * Deadlines.MILLISECOND);
        assertEquals(0, window.nanos());
        work(0.20, 1100 * Deadlines.MILLISECOND);
        assertTrue(window.nanos() > 0, "tried again");
    }

    @Test
    void runsThatArriveKeepTheWindowOpen() {
        work(0.20, 2 * Deadlines.SECOND);
        window.onFlush(6000, 1000);
        work(0.20, 100 * Deadlines.MILLISECOND);
        assertTrue(window.nanos() > 0);
    }

    /** Turns of a millisecond's distance, each busy for a share of it. */
    private void work(double share, long nanos) {
        long end = now + nanos;
        while (now < end) {
            window.onTurn(now, now + (long) (share * Deadlines.MILLISECOND));
            now += Deadlines.MILLISECOND;
        }
    }
}
