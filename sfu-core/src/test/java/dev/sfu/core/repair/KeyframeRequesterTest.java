package dev.sfu.core.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyframeRequesterTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final KeyframeRequester requester = new KeyframeRequester();

    @Test
    void manyRequestsAreOne() {
        assertFalse(requester.onDeadline(0));
        for (int i = 0; i < 50; i++) {
            requester.request(0);
        }
        assertTrue(requester.onDeadline(0));
        requester.request(MS);
        assertFalse(requester.onDeadline(2 * MS));
        assertEquals(51, requester.requestsReceived());
        assertEquals(1, requester.requestsSent());
        assertTrue(requester.waiting());
        assertEquals(30 * MS, requester.waitedNanos(30 * MS));
    }

    @Test
    void aKeyframeSatisfiesWhoeverWaits() {
        requester.request(0);
        requester.onDeadline(0);
        requester.onKeyframe(80 * MS);
        assertFalse(requester.waiting());
        assertEquals(0, requester.waitedNanos(90 * MS));
        assertEquals(Deadlines.NEVER, requester.nextDeadlineNanos());
    }

    @Test
    void aRequestSoonAfterTheLastIsPutOffNotForgotten() {
        requester.request(0);
        assertTrue(requester.onDeadline(0));
        requester.onKeyframe(80 * MS);
        requester.request(100 * MS);
        assertEquals(300 * MS, requester.nextDeadlineNanos());
        assertFalse(requester.onDeadline(299 * MS));
        assertTrue(requester.onDeadline(300 * MS));
    }

    @Test
    void aKeyframeThatComesBeforeThePutOffRequestMakesItNeedless() {
        requester.request(0);
        requester.onDeadline(0);
        requester.onKeyframe(80 * MS);
        requester.request(100 * MS);
        requester.onKeyframe(200 * MS);
        assertEquals(Deadlines.NEVER, requester.nextDeadlineNanos());
        assertEquals(1, requester.requestsSent());
    }

    @Test
    void unansweredRequestsAreRepeatedABoundedNumberOfTimes() {
        requester.setRttNanos(100 * MS);
        requester.request(0);
        long last = 0;
        while (requester.nextDeadlineNanos() != Deadlines.NEVER) {
            long now = requester.nextDeadlineNanos();
            if (requester.onDeadline(now) && requester.requestsSent() > 1) {
                assertTrue(now - last >= 1000 * MS);
                assertTrue(now - last <= 1200 * MS);
            }
            last = now;
        }
        assertEquals(KeyframeRequester.MAX_TRIES, requester.requestsSent());
        assertTrue(requester.waiting());
        requester.request(60 * Deadlines.SECOND);
        assertTrue(requester.onDeadline(60 * Deadlines.SECOND), "a new request starts over");
    }

    @Test
    void requestsCloseTogetherAreSpreadFurtherAndCalmBringsThemBack() {
        long now = 0;
        long[] expected = {0, 300, 900, 2100, 3300, 4500};
        for (long at : expected) {
            requester.request(now);
            now = requester.nextDeadlineNanos();
            assertEquals(at * MS, now);
            assertTrue(requester.onDeadline(now));
            now += 50 * MS;
            requester.onKeyframe(now);
        }
        now += 4 * Deadlines.SECOND;
        requester.request(now);
        assertTrue(requester.onDeadline(now));
        requester.onKeyframe(now + 50 * MS);
        requester.request(now + 60 * MS);
        assertEquals(now + 300 * MS, requester.nextDeadlineNanos());
    }

    @Test
    void feedbackThatCrossedTheKeyframeIsIgnoredButANewViewerIsNot() {
        requester.onKeyframe(1000 * MS);
        requester.requestByFeedback(80 * MS, 1100 * MS);
        assertFalse(requester.waiting());
        requester.requestByFeedback(80 * MS, 1130 * MS);
        assertTrue(requester.waiting(), "after the round trip it has seen the keyframe and still asks");
        requester.onKeyframe(1200 * MS);
        requester.request(1201 * MS);
        assertTrue(requester.waiting());
        assertEquals(3, requester.requestsReceived());
    }

    @Test
    void anAbsurdRoundTripDoesNotMakeDeaf() {
        requester.onKeyframe(0);
        requester.requestByFeedback(3600 * Deadlines.SECOND, 500 * MS);
        assertTrue(requester.waiting());
    }

    @Test
    void withoutKeyframesFeedbackIsHeard() {
        requester.requestByFeedback(100 * MS, 0);
        assertTrue(requester.onDeadline(0));
    }

    @Test
    void commandsAreNumberedAnewEachTime() {
        requester.request(0);
        requester.onDeadline(0);
        int first = requester.commandSequence();
        requester.onDeadline(requester.nextDeadlineNanos());
        assertEquals((first + 1) & 0xFF, requester.commandSequence());
    }

    @Test
    void neverMoreOftenThanTheIntervalAndNobodyStarves() {
        for (long seed = 1; seed <= 10; seed++) {
            Random random = new Random(seed);
            KeyframeRequester sut = new KeyframeRequester();
            long lastSent = Long.MIN_VALUE / 2;
            long answerAt = Long.MAX_VALUE;
            for (long now = 0; now < 60 * Deadlines.SECOND; now += 5 * MS) {
                if (random.nextInt(40) == 0) {
                    sut.request(now);
                }
                if (answerAt <= now) {
                    sut.onKeyframe(now);
                    answerAt = Long.MAX_VALUE;
                }
                if (sut.onDeadline(now)) {
                    assertTrue(now - lastSent >= KeyframeRequester.MIN_INTERVAL_NANOS, "seed " + seed);
                    lastSent = now;
                    if (random.nextInt(4) > 0) {
                        answerAt = now + 100 * MS;
                    }
                }
                assertTrue(sut.waitedNanos(now) < 12 * Deadlines.SECOND, "seed " + seed);
            }
            assertTrue(sut.requestsSent() <= 60, "seed " + seed + ": " + sut.requestsSent());
        }
    }
}
