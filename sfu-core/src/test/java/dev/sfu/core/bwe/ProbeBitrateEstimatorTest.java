package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class ProbeBitrateEstimatorTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final ProbeBitrateEstimator estimator = new ProbeBitrateEstimator();
    private final TransportPacketsFeedback feedback = new TransportPacketsFeedback();

    ProbeBitrateEstimatorTest() {
        estimator.onCluster(new ProbeCluster(1, 900_000, 4000, 5, 0));
    }

    @Test
    void whatGetsThroughAtTheRateItWasSent() {
        // 1000 bytes in 10 ms are 800 kbit/s.
        assertEquals(800_000, probe(1, 5, 10, 10));
        assertFalse(estimator.saturated());
        assertEquals(1, estimator.succeeded());
    }

    @Test
    void aFullLinkGivesALittleLessThanWhatComesOut() {
        assertEquals(506_666, probe(1, 5, 10, 15));
        assertTrue(estimator.saturated());
    }

    @Test
    void aLittleSlowerIsNotAFullLink() {
        assertEquals(727_272, probe(1, 5, 10, 11));
        assertFalse(estimator.saturated());
    }

    @Test
    void tooFastToBeTrue() {
        assertEquals(DataRate.UNKNOWN, probe(1, 5, 10, 4));
        assertEquals(0, estimator.succeeded());
    }

    @Test
    void tooFewPackets() {
        assertEquals(DataRate.UNKNOWN, probe(1, 2, 10, 10));
    }

    @Test
    void twoThirdsAreEnough() {
        assertEquals(800_000, probe(1, 3, 10, 10));
    }

    @Test
    void tooFewBytes() {
        estimator.onCluster(new ProbeCluster(2, 900_000, 40_000, 5, 0));
        assertEquals(DataRate.UNKNOWN, probe(2, 20, 10, 10));
    }

    @Test
    void tooLongOrNoTime() {
        assertEquals(DataRate.UNKNOWN, probe(1, 5, 600, 600));
        estimator.onCluster(new ProbeCluster(3, 900_000, 4000, 5, 0));
        assertEquals(DataRate.UNKNOWN, probe(3, 5, 0, 10));
        estimator.onCluster(new ProbeCluster(4, 900_000, 4000, 5, 0));
        assertEquals(DataRate.UNKNOWN, probe(4, 5, 10, 0));
    }

    @Test
    void whatWasLostOnTheWayHadRoomAsWell() {
        // 1000 bytes in 9 ms, every tenth of which is lost.
        estimator.onCluster(new ProbeCluster(2, 900_000, 20_000, 5, 0));
        assertEquals(888_888.0, (double) lossyProbe(20, 10, 9, 9), 9000);
        assertFalse(estimator.saturated());
    }

    @Test
    void lossesDoNotMakeItMoreThanItWasSentAt() {
        estimator.onCluster(new ProbeCluster(2, 700_000, 20_000, 5, 0));
        assertEquals(700_000, lossyProbe(21, 3, 10, 10));
    }

    @Test
    void whatWasLostBehindAFullLinkDidNot() {
        estimator.onCluster(new ProbeCluster(2, 900_000, 20_000, 5, 0));
        double withoutLosses = 0.95 * 8e6 / 15 * 17 / 19;
        assertEquals(withoutLosses, (double) lossyProbe(20, 10, 10, 15), 2000);
        assertTrue(estimator.saturated());
    }

    /** The losses of a probe may be all that a feedback tells of it, and may be of one that is forgotten. */
    @Test
    void lossesAreRememberedForTheirOwnProbeOnly() {
        estimator.onCluster(new ProbeCluster(18, 900_000, 4000, 5, 0));
        feedback.clear(0);
        for (int i = 0; i < 100; i++) {
            feedback.addLost(i * MS, 1000, i % 2 == 0 ? 1 : 2);
        }
        feedback.sort();
        estimator.onFeedback(feedback);
        assertEquals(DataRate.UNKNOWN, estimator.resultBps());
        assertEquals(800_000, probe(18, 5, 10, 10));
        estimator.onCluster(new ProbeCluster(34, 900_000, 4000, 5, 0));
        assertEquals(800_000, probe(34, 5, 10, 10), "losses of the slot before");
    }

    @Test
    void anEndlessNumberOfLossesIsNoInfiniteRate() {
        for (int round = 0; round < 10_000; round++) {
            feedback.clear(0);
            for (int i = 0; i < 100; i++) {
                feedback.addLost(i * MS, Integer.MAX_VALUE, 1);
            }
            estimator.onFeedback(feedback);
        }
        assertEquals(900_000, probe(1, 5, 10, 10));
    }

    @Test
    void unknownClustersAreLeftOut() {
        assertEquals(DataRate.UNKNOWN, probe(17, 5, 10, 10));
        assertEquals(DataRate.UNKNOWN, probe(ProbeCluster.NONE, 5, 10, 10));
    }

    @Test
    void aClusterMaySpanFeedback() {
        assertEquals(DataRate.UNKNOWN, probe(1, 2, 10, 10));
        feedback.clear(0);
        for (int i = 2; i < 5; i++) {
            feedback.addReceived(i * 10L * MS, 500 * MS + i * 10L * MS, 1000, false, 1, false);
        }
        feedback.sort();
        estimator.onFeedback(feedback);
        assertEquals(800_000, estimator.resultBps());
        feedback.clear(0);
        estimator.onFeedback(feedback);
        assertEquals(DataRate.UNKNOWN, estimator.resultBps());
    }

    /** Probe 2; one of so many packets is lost, not the first or the last. */
    private long lossyProbe(int packets, int oneOf, long sendGapMs, long arrivalGapMs) {
        feedback.clear(0);
        for (int i = 0; i < packets; i++) {
            if (i % oneOf == oneOf / 2) {
                feedback.addLost(i * sendGapMs * MS, 1000, 2);
            } else {
                feedback.addReceived(i * sendGapMs * MS, 500 * MS + i * arrivalGapMs * MS, 1000, false, 2, false);
            }
        }
        feedback.sort();
        estimator.onFeedback(feedback);
        return estimator.resultBps();
    }

    private long probe(int id, int packets, long sendGapMs, long arrivalGapMs) {
        feedback.clear(0);
        for (int i = 0; i < packets; i++) {
            feedback.addReceived(i * sendGapMs * MS, 500 * MS + i * arrivalGapMs * MS, 1000, false, id, false);
        }
        feedback.sort();
        estimator.onFeedback(feedback);
        return estimator.resultBps();
    }
}
