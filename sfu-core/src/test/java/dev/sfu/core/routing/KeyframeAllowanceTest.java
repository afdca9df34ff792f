package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class KeyframeAllowanceTest {
    private static final long START = -Deadlines.SECOND;
    private final KeyframeAllowance allowance = new KeyframeAllowance();

    /** Requests that are granted of one every 100 ms, for a minute. */
    private int grantedInAMinute(int watchers) {
        int granted = 0;
        for (long now = START; now < START + 60 * Deadlines.SECOND; now += 100 * Deadlines.MILLISECOND) {
            granted += allowance.take(watchers, now) ? 1 : 0;
        }
        return granted;
    }

    @Test
    void betweenFewNobodyIsRefused() {
        assertEquals(600, grantedInAMinute(10));
    }

    @Test
    void theMoreWatchTheLessOneOfThemMayAsk() {
        // Three at once, then one in each two seconds.
        assertEquals(3 + 29, grantedInAMinute(200));
    }

    @Test
    void thePauseHasAnEnd() {
        assertEquals(3 + 11, grantedInAMinute(10_000));
    }

    @Test
    void aFewMayFollowEachOtherAgainAfterAWhile() {
        for (int i = 0; i < KeyframeAllowance.BURST; i++) {
            assertTrue(allowance.take(1_000, START));
        }
        assertFalse(allowance.take(1_000, START));
        long later = START + KeyframeAllowance.BURST * KeyframeAllowance.MAX_PAUSE_NANOS;
        for (int i = 0; i < KeyframeAllowance.BURST; i++) {
            assertTrue(allowance.take(1_000, later));
        }
        assertFalse(allowance.take(1_000, later));
    }
}
