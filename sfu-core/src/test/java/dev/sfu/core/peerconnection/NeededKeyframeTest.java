package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class NeededKeyframeTest {
    private final NeededKeyframe needed = new NeededKeyframe();
    private long now = 100 * Deadlines.SECOND;

    private void assertAskedAfter(long nanos) {
        now += nanos - 1;
        assertFalse(needed.ask(now));
        now++;
        assertTrue(needed.ask(now));
    }

    @Test
    void isAskedForLessAndLessOften() {
        assertFalse(needed.ask(now));
        needed.onFramesDropped(now);
        assertTrue(needed.ask(now));
        for (int seconds : new int[] {2, 4, 8, 8}) {
            needed.onFramesDropped(now);
            assertAskedAfter(seconds * Deadlines.SECOND);
        }
    }

    @Test
    void isNotAskedForWhenItHasCome() {
        needed.onFramesDropped(now);
        needed.onKeyframe();
        assertFalse(needed.ask(now));
    }

    @Test
    void isAskedForSoonAgainAfterALongTimeWithoutTrouble() {
        for (int i = 0; i < 5; i++) {
            needed.onFramesDropped(now);
            assertTrue(needed.ask(now));
            now += 8 * Deadlines.SECOND;
        }
        now += 10 * Deadlines.SECOND;
        needed.onFramesDropped(now);
        assertTrue(needed.ask(now));
        assertAskedAfter(2 * Deadlines.SECOND);
    }
}
