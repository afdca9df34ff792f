package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LossBasedBweV2Test {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long DELAY_BPS = 5_000_000;

    private final LossBasedBweV2 bwe = new LossBasedBweV2(30_000, 10_000_000);
    private final TransportPacketsFeedback feedback = new TransportPacketsFeedback();
    private long sentNanos;
    private long delayBps = DELAY_BPS;

    @Test
    void notReadyBeforeThreeObservations() {
        second(1_000_000, 0, false);
        assertTrue(bwe.ready());
        LossBasedBweV2 fresh = new LossBasedBweV2(30_000, 10_000_000);
        assertFalse(fresh.ready());
    }

    @Test
    void withoutLossTheDelayDecides() {
        for (int i = 0; i < 20; i++) {
            second(2_000_000, 0, false);
        }
        assertEquals(DELAY_BPS, bwe.estimateBps());
        assertEquals(LossBasedBweV2.State.DELAY_BASED, bwe.state());
    }

    @Test
    void twoPercentIsThePathsOwn() {
        for (int i = 0; i < 30; i++) {
            second(2_000_000, 0.02, false);
        }
        assertEquals(0.02, bwe.averageLoss(), 0.005);
        assertEquals(DELAY_BPS, bwe.estimateBps());
    }

    @Test
    void whatExceedsTheBandwidthIsLost() {
        // 3 Mbit/s into 2 Mbit/s: the target follows what gets through, and now and then looks for more.
        long target = 3_000_000;
        double sum = 0;
        for (int i = 0; i < 400; i++) {
            quarter(target, Math.max(0, 1 - 2_000_000.0 / target), false);
            target = Math.min(3_000_000, bwe.estimateBps());
            assertTrue(i == 0 || target >= 1_990_000, "estimate: " + target);
            sum += target;
        }
        assertEquals(2_000_000, sum / 400, 300_000);
    }

    @Test
    void halfLostIsAtMostTheBalanceOverTheExcess() {
        for (int i = 0; i < 20; i++) {
            second(1_000_000, 0.5, true);
        }
        // 200 kbit/s divided by 45 %; but what is acknowledged is not undercut.
        assertTrue(bwe.estimateBps() <= 500_000, "estimate: " + bwe.estimateBps());
        assertEquals(LossBasedBweV2.State.DECREASING, bwe.state());
    }

    @Test
    void recoversWhenTheLossIsOver() {
        for (int i = 0; i < 15; i++) {
            second(Math.min(2_000_000, Math.max(bwe.estimateBps(), 300_000)), 0.3, false);
        }
        long before = bwe.estimateBps();
        assertTrue(before < 1_000_000, "estimate: " + before);
        int seconds = 0;
        while (bwe.estimateBps() < 3_000_000 && seconds < 60) {
            second(Math.min(4_000_000, bwe.estimateBps()), 0, false);
            seconds++;
        }
        assertTrue(seconds < 30, "seconds: " + seconds);
    }

    @Test
    void whereLittleIsSentLossesDoNotLowerItToThat() {
        second(4_500_000, 0, false);
        for (int i = 0; i < 120; i++) {
            quarter(300_000, 0.08, false);
            assertEquals(DELAY_BPS, bwe.estimateBps(), "at " + i);
        }
        for (int i = 0; i < 120; i++) {
            quarter(300_000, 0.15, false);
        }
        // However little that is, so much is lost only where there is no more than that.
        double upperBps = LossBasedBweV2.UPPER_BOUND_BALANCE_BPS / (0.15 - LossBasedBweV2.LOSS_OFFSET);
        assertEquals(upperBps, (double) bwe.estimateBps(), 0.05 * upperBps);
    }

    @Test
    void whereLittleIsSentLossesDoNotHoldARisenDelayBasedOneDown() {
        delayBps = 1_000_000;
        for (int i = 0; i < 40; i++) {
            quarter(500_000, 0.08, false);
        }
        assertEquals(1_000_000, bwe.estimateBps());
        delayBps = 4_000_000;
        second(500_000, 0.08, false);
        assertEquals(4_000_000, bwe.estimateBps());
        assertEquals(LossBasedBweV2.State.DELAY_BASED, bwe.state());
    }

    @Test
    void whereMuchIsSentTheyDo() {
        delayBps = 1_000_000;
        for (int i = 0; i < 40; i++) {
            quarter(950_000, 0.1, false);
        }
        delayBps = 4_000_000;
        second(950_000, 0.1, false);
        assertTrue(bwe.estimateBps() < 1_000_000, "estimate: " + bwe.estimateBps());
    }

    @Test
    void eachHoldIsTwiceAsLongAsTheOneBeforeAndSomeTimeLaterForgotten() {
        long[] held = new long[8];
        for (int i = 0; i < held.length; i++) {
            held[i] = heldNanos();
        }
        // The first ones are over before the losses are forgotten.
        for (int i = 6; i < held.length; i++) {
            assertEquals(2.0, held[i] / (double) held[i - 1], 0.4, "hold " + i + ": " + held[i] / MS + " ms");
        }
        assertEquals((double) (LossBasedBweV2.INITIAL_HOLD_NANOS << (held.length - 1)), (double) held[held.length - 1], 2000 * MS);
        long quiet = sentNanos + 2 * held[held.length - 1] + LossBasedBweV2.FORGOTTEN_NANOS;
        while (sentNanos < quiet) {
            quarter(4_000_000, 0, false);
        }
        assertEquals(DELAY_BPS, bwe.estimateBps());
        long again = heldNanos();
        assertTrue(again <= held[0] + 1000 * MS, "held for " + again / MS + " ms, the first for " + held[0] / MS);
    }

    private void loseMuch() {
        for (int i = 0; i < 20 && bwe.state() != LossBasedBweV2.State.DECREASING; i++) {
            quarter(3_000_000, 0.3, false);
        }
        assertEquals(LossBasedBweV2.State.DECREASING, bwe.state());
    }

    /** Heavy loss, then none: how long the estimate is held down; afterwards it has risen again. */
    private long heldNanos() {
        loseMuch();
        long from = sentNanos;
        while (bwe.state() == LossBasedBweV2.State.DECREASING) {
            quarter(1_500_000, 0, false);
        }
        long heldNanos = sentNanos - from;
        for (int i = 0; i < 400 && bwe.state() != LossBasedBweV2.State.DELAY_BASED; i++) {
            quarter(Math.min(4_500_000, bwe.estimateBps()), 0, false);
        }
        assertEquals(LossBasedBweV2.State.DELAY_BASED, bwe.state());
        return heldNanos;
    }

    @Test
    void afterAPauseLossesOfBeforeDoNotHoldIt() {
        for (int i = 0; i < 5; i++) {
            heldNanos();
        }
        loseMuch();
        long low = bwe.estimateBps();
        bwe.onPause();
        assertEquals(0, bwe.averageLoss());
        assertEquals(LossBasedBweV2.State.INCREASING, bwe.state());
        // It begins where it was: what the delay alone would allow may be many times that.
        assertTrue(bwe.ready());
        assertEquals(low, bwe.estimateBps());
        sentNanos += 3000 * MS;
        quarter(300_000, 0, false);
        assertTrue(bwe.ready());
        assertTrue(bwe.estimateBps() <= LossBasedBweV2.MAX_INCREASE * low, "estimate: " + bwe.estimateBps());
        second(300_000, 0, false);
        assertTrue(bwe.estimateBps() > low, "estimate: " + bwe.estimateBps());
        for (int i = 0; i < 4; i++) {
            second(300_000, 0, false);
        }
        assertEquals(DELAY_BPS, bwe.estimateBps());
    }

    @Test
    void aPauseWhileNothingIsLostChangesNothing() {
        second(2_000_000, 0, false);
        bwe.onPause();
        assertEquals(LossBasedBweV2.State.DELAY_BASED, bwe.state());
        second(2_000_000, 0, false);
        assertEquals(DELAY_BPS, bwe.estimateBps());
    }

    @Test
    void oneSpikeDoesNotCount() {
        for (int i = 0; i < 10; i++) {
            second(2_000_000, 0, false);
        }
        quarter(2_000_000, 0.4, false);
        second(2_000_000, 0, false);
        assertEquals(0, bwe.averageLoss(), 0.01);
        assertEquals(DELAY_BPS, bwe.estimateBps());
    }

    @Test
    void lateIsNotLost() {
        for (int i = 0; i < 40; i++) {
            feedback.clear(0);
            feedback.addLost(sentNanos, 1000, ProbeCluster.NONE);
            for (int k = 0; k < 25; k++) {
                sentNanos += 10 * MS;
                feedback.addReceived(sentNanos, sentNanos, 1000, false, 0, k == 0 && i > 0);
            }
            feedback.sort();
            bwe.onFeedback(feedback, 800_000, DELAY_BPS, false);
        }
        assertEquals(0, bwe.averageLoss(), 0.002);
    }

    @Test
    void aProbeLiftsItWhileApplicationLimited() {
        for (int i = 0; i < 15; i++) {
            second(1_000_000, 0.4, true);
        }
        for (int i = 0; i < 120 && bwe.state() != LossBasedBweV2.State.INCREASING; i++) {
            quarter(300_000, 0, true);
        }
        assertEquals(LossBasedBweV2.State.INCREASING, bwe.state());
        long before = bwe.estimateBps();
        bwe.onProbe(before + 200_000);
        assertEquals(before + 200_000, bwe.estimateBps());
    }

    @Test
    void neverOutOfBoundsWhateverIsReported() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            feedback.clear(0);
            for (int k = random.nextInt(10); k > 0; k--) {
                feedback.addReceived(random.nextLong() >> 20, 0, random.nextInt(2000), false, 0, random.nextBoolean());
            }
            for (int k = random.nextInt(3); k > 0; k--) {
                feedback.addLost(random.nextLong() >> 20, random.nextInt(2000), ProbeCluster.NONE);
            }
            feedback.sort();
            long delayBasedBps = 30_000L + random.nextInt(9_000_000);
            bwe.onFeedback(feedback, random.nextInt(9_000_000), delayBasedBps, random.nextBoolean());
            if (random.nextInt(100) == 0) {
                bwe.onPause();
            }
            if (random.nextInt(20) == 0) {
                bwe.onProbe(random.nextLong() >>> random.nextInt(20, 63));
            }
            if (bwe.ready()) {
                assertTrue(bwe.estimateBps() >= 30_000 && bwe.estimateBps() <= 10_000_000, "at " + i);
                assertTrue(bwe.averageLoss() >= 0 && bwe.averageLoss() <= 1, "loss: " + bwe.averageLoss());
            }
        }
    }

    private void second(long bps, double loss, boolean inAlr) {
        for (int i = 0; i < 4; i++) {
            quarter(bps, loss, inAlr);
        }
    }

    private void quarter(long bps, double loss, boolean inAlr) {
        long bytes = bps / 8 / 4;
        int packets = (int) (bytes / 100);
        int lost = (int) Math.round(packets * loss);
        feedback.clear(0);
        for (int i = 0; i < packets; i++) {
            sentNanos += 250 * MS / packets;
            // Spread, not in a row.
            if ((long) (i + 1) * lost / packets > (long) i * lost / packets) {
                feedback.addLost(sentNanos, 100, ProbeCluster.NONE);
            } else {
                feedback.addReceived(sentNanos, sentNanos, 100, false, 0, false);
            }
        }
        sentNanos = (sentNanos / (250 * MS) + 1) * 250 * MS;
        feedback.sort();
        bwe.onFeedback(feedback, (long) (bps * (1 - loss)), delayBps, inAlr);
    }
}
