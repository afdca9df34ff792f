package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class AcknowledgedBitrateEstimatorTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final AcknowledgedBitrateEstimator estimator = new AcknowledgedBitrateEstimator();
    private final TransportPacketsFeedback feedback = new TransportPacketsFeedback();
    private long sentMs;
    private long arrivalMs = 5000;

    @Test
    void unknownBeforeTenPackets() {
        packets(9, 10, 10);
        assertEquals(DataRate.UNKNOWN, estimator.bitrateBps());
        packets(1, 10, 10);
        assertEquals(800_000, estimator.bitrateBps());
    }

    @Test
    void theSlowerOfSendingAndReceiving() {
        // Sent at 1.6 Mbit/s, arriving at 0.8.
        packets(300, 5, 10);
        assertEquals(800_000, (double) estimator.bitrateBps(), 1000);
        // Sent at 0.8, arriving at 1.6: a queue that empties.
        packets(300, 10, 5);
        assertEquals(800_000, (double) estimator.bitrateBps(), 1000);
    }

    @Test
    void aPauseOfTheNetworkDoesNotCount() {
        packets(100, 10, 10);
        arrivalMs += 500;
        packets(1, 10, 10);
        for (int i = 0; i < 50; i++) {
            packets(1, 10, 0);
        }
        assertEquals(800_000, (double) estimator.bitrateBps(), 30_000);
    }

    @Test
    void followsTheRateWithinASecondOrTwo() {
        packets(300, 2, 2);
        assertEquals(4_000_000, (double) estimator.bitrateBps(), 10_000);
        packets(150, 10, 10);
        assertEquals(800_000, (double) estimator.bitrateBps(), 10_000);
    }

    @Test
    void sparseTrafficHasALongerWindow() {
        packets(50, 100, 100);
        assertEquals(80_000, (double) estimator.bitrateBps(), 100);
        // One packet a second: the window of five seconds holds too few.
        packets(20, 1000, 1000);
        assertEquals(DataRate.UNKNOWN, estimator.bitrateBps());
    }

    @Test
    void aClockThatJumpsBackStartsOver() {
        packets(100, 10, 10);
        arrivalMs -= 4000;
        packets(9, 10, 10);
        assertEquals(DataRate.UNKNOWN, estimator.bitrateBps());
        packets(20, 10, 10);
        assertEquals(800_000, (double) estimator.bitrateBps(), 1000);
    }

    @Test
    void arrivalsAtOneTimeAreBoundedByTheSendRate() {
        packets(600, 1, 0);
        assertTrue(estimator.bitrateBps() <= 8_020_000, "bitrate: " + estimator.bitrateBps());
    }

    private void packets(int count, int sendGapMs, int arrivalGapMs) {
        for (int i = 0; i < count; i++) {
            feedback.clear(0);
            sentMs += sendGapMs;
            arrivalMs += arrivalGapMs;
            feedback.addReceived(sentMs * MS, arrivalMs * MS, 1000, false, 0, false);
            feedback.sort();
            estimator.onFeedback(feedback);
        }
    }
}
