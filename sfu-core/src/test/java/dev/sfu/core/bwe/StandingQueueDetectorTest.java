package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class StandingQueueDetectorTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final StandingQueueDetector detector = new StandingQueueDetector();
    private long nowMs;

    @Test
    void aQueueThatDoesNotMoveStands() {
        feed(1000, 30, 30);
        assertFalse(detector.standing());
        feed(1000, 180, 180);
        assertTrue(detector.standing());
        assertEquals(150 * MS, detector.queueNanos());
    }

    @Test
    void aQueueThatIsEmptyNowAndThenDoesNot() {
        for (int i = 0; i < 20; i++) {
            feed(300, 30, 300);
        }
        assertFalse(detector.standing());
    }

    @Test
    void reactsAgainOnlyWhenTheFirstCanBeSeen() {
        feed(1000, 30, 30);
        feed(1000, 230, 230);
        assertTrue(detector.takeReaction(nowMs * MS));
        feed(1000, 230, 230);
        assertFalse(detector.takeReaction(nowMs * MS));
        feed(500, 100, 100);
        assertFalse(detector.takeReaction(nowMs * MS));
    }

    @Test
    void aPathThatBecameLongerIsAcceptedAfterThreeReactions() {
        feed(1000, 30, 30);
        int reactions = 0;
        for (int i = 0; i < 60; i++) {
            feed(500, 230, 230);
            reactions += detector.takeReaction(nowMs * MS) ? 1 : 0;
        }
        assertEquals(StandingQueueDetector.MAX_REACTIONS, reactions);
        assertFalse(detector.standing());
    }

    @Test
    void aClockThatDriftsIsNoQueue() {
        for (int i = 0; i < 600; i++) {
            feed(1000, 30 + i, 30 + i);
            assertFalse(detector.standing());
        }
    }

    private void feed(int durationMs, int firstMs, int lastMs) {
        long start = nowMs;
        for (long end = nowMs + durationMs; nowMs < end; nowMs += 20) {
            long way = firstMs + (lastMs - firstMs) * (nowMs - start) / durationMs;
            detector.onPacket(nowMs * MS, (nowMs + way - 5000) * MS);
            detector.onFeedback(nowMs * MS);
        }
    }
}
