package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class AlrDetectorTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final AlrDetector detector = new AlrDetector(1_000_000);
    private long nowMs;

    @Test
    void sendingMostOfTheEstimateIsNotLimited() {
        send(0.9, 5000);
        assertFalse(detector.inAlr());
    }

    @Test
    void sendingLittleIs() {
        send(0.9, 1000);
        send(0.3, 2000);
        assertTrue(detector.inAlr());
        assertTrue(detector.startNanos() > 1000 * MS && detector.startNanos() <= nowMs * MS);
        send(0.9, 3000);
        assertFalse(detector.inAlr());
        assertTrue(detector.endedWithin(3000 * MS, nowMs * MS));
        assertFalse(detector.endedWithin(1000 * MS, (nowMs + 4000) * MS));
    }

    @Test
    void aPauseIsNoticedWithoutSending() {
        send(1.0, 1000);
        detector.elapse((nowMs + 2000) * MS);
        assertTrue(detector.inAlr());
    }

    @Test
    void burstsWithinHalfASecondAreEvenedOut() {
        // A keyframe of 200 ms' worth in every half second, little between.
        for (int i = 0; i < 20; i++) {
            send(2.0, 200);
            send(0.3, 300);
        }
        assertFalse(detector.inAlr());
    }

    @Test
    void aLowerEstimateEndsIt() {
        send(0.4, 3000);
        assertTrue(detector.inAlr());
        detector.setEstimate(400_000);
        send(0.4, 2000);
        assertFalse(detector.inAlr());
    }

    @Test
    void timeThatStandsStillOrGoesBackDoesNoHarm() {
        detector.onSent(1000, 5000 * MS);
        detector.onSent(1000, 4000 * MS);
        detector.onSent(1000, 5000 * MS);
        assertFalse(detector.inAlr());
        assertEquals(Long.MAX_VALUE, detector.startNanos());
    }

    private void send(double share, int durationMs) {
        for (long end = nowMs + durationMs; nowMs < end; nowMs += 10) {
            detector.onSent((int) (1250 * share), nowMs * MS);
        }
    }
}
