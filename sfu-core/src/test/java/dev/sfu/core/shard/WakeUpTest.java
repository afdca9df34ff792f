package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class WakeUpTest {
    private static final long START = 7 * Deadlines.SECOND;

    private final WakeUp wakeUp = new WakeUp();

    @Test
    void withoutDeadlineThereIsNone() {
        assertFalse(wakeUp.moves(Deadlines.NEVER, START));
        assertEquals(Deadlines.NEVER, wakeUp.nanos());
    }

    @Test
    void itComesNearerButDoesNotGoFurther() {
        assertTrue(wakeUp.moves(START + 20 * Deadlines.MILLISECOND, START));
        assertTrue(wakeUp.moves(START + 10 * Deadlines.MILLISECOND, START));
        assertFalse(wakeUp.moves(START + 15 * Deadlines.MILLISECOND, START));
        assertEquals(START + 10 * Deadlines.MILLISECOND, wakeUp.nanos());
    }

    @Test
    void deadlinesCloseTogetherShareOne() {
        assertTrue(wakeUp.moves(START + 1, START));
        assertEquals(START + WakeUp.GRANULARITY_NANOS, wakeUp.nanos());
        assertFalse(wakeUp.moves(START + 2, START));
    }

    /** With a turn each 0.3 ms of a busy shard, each of which found its deadline over, the timer went off when the shard had a pause only. */
    @Test
    void turnsInQuickSuccessionDoNotPutOffWhatIsOverdue() {
        long overdue = START - Deadlines.MILLISECOND;
        long fired = 0;
        for (long now = START; now < START + Deadlines.SECOND; now += 300_000) {
            if (wakeUp.nanos() <= now) {
                wakeUp.onTimer();
                fired++;
            }
            wakeUp.moves(overdue, now);
        }
        assertEquals(833, fired, "wake-ups in a second");
    }
}
