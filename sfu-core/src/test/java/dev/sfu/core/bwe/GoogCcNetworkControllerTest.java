package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.time.Deadlines;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The whole of it over a path with one queue; rates in bits per second. */
class GoogCcNetworkControllerTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long S = Deadlines.SECOND;

    @Test
    void findsTheRateOfAPathInASecondAndKeepsTheQueueShort() {
        for (long rate : new long[] {500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000}) {
            BweScene scene = scene(rate, 30_000_000);
            scene.run(1.5);
            assertBetween(0.7 * rate, (double) scene.controller.targetBps(), 1.15 * rate);
            // The first probes of 30 ms are more than the queue of the slowest path takes; nothing later is.
            long dropped = scene.link.dropped;
            scene.run(10);
            double queueNanos = 0;
            double target = 0;
            for (int i = 0; i < 20_000; i++) {
                scene.step();
                queueNanos += (double) scene.link.queueNanos(scene.nowNanos);
                target += (double) scene.controller.targetBps();
            }
            assertBetween(0.75 * rate, target / 20_000, 1.02 * rate);
            assertTrue(queueNanos / 20_000 < 50 * MS, rate + ": mean queue " + queueNanos / 20_000 / MS + " ms");
            assertEquals(dropped, scene.link.dropped);
            assertTrue(rate <= 500_000 || dropped == 0, rate + ": dropped " + dropped);
        }
    }

    @Test
    void startsAtTheConfiguredRateAndSaysSo() {
        BweScene scene = new BweScene();
        assertEquals(600_000, scene.controller.targetBps());
        assertEquals((long) (600_000 * GoogCcNetworkController.PACING_FACTOR), scene.controller.pacingBps());
        assertEquals(LimitedBy.START, scene.controller.estimate().limitedBy());
        assertEquals(Deadlines.NEVER, scene.controller.nextDeadlineNanos());
        assertNull(scene.controller.pollProbeCluster());
        assertFalse(scene.controller.congested());
    }

    @Test
    void aPathThatGetsNarrowIsFollowedWithinTwoSeconds() {
        BweScene scene = scene(3_000_000, 10_000_000);
        scene.run(10);
        scene.link.rateBps = 800_000;
        scene.run(2);
        assertBetween(400_000, (double) scene.controller.targetBps(), 850_000);
        scene.run(3);
        assertBetween(600_000, scene.averageTarget(10), 820_000);
    }

    @Test
    void aPathThatGetsWideAgainIsFollowed() {
        BweScene scene = scene(800_000, 10_000_000);
        scene.run(15);
        scene.link.rateBps = 3_000_000;
        scene.run(25);
        assertBetween(2_000_000, scene.averageTarget(5), 3_100_000);
    }

    @Test
    void withAGoalAWiderPathIsFoundWithoutSendingMore() {
        BweScene scene = scene(800_000, 500_000);
        scene.controller.setNextLayerBps(2_500_000, scene.nowNanos);
        scene.run(30);
        assertBetween(600_000, (double) scene.controller.targetBps(), 1_000_000);
        scene.link.rateBps = 8_000_000;
        // The longest interval between probes for a goal is ten seconds.
        scene.run(12);
        assertTrue(scene.controller.targetBps() >= 2_500_000, "target " + scene.controller.targetBps());
    }

    @Test
    void theNextLayerIsFoundInASecondWhenThereIsRoom() {
        // 540 of 650 kbit/s: too much to be application-limited, too little to rise far by itself.
        BweScene scene = scene(700_000, 500_000);
        scene.run(10);
        scene.link.rateBps = 5_000_000;
        scene.run(10);
        assertTrue(scene.controller.targetBps() < 1_000_000, "target " + scene.controller.targetBps());
        scene.controller.setNextLayerBps(1_700_000, scene.nowNanos);
        scene.run(1);
        assertTrue(scene.controller.targetBps() >= 1_700_000, "target " + scene.controller.targetBps());
    }

    /** The link carries a third of what is sent, until it carries more than ever. */
    @Test
    void nothingIsAddedToAQueueNorForAMomentAfterIt() {
        BweScene scene = scene(3_000_000, 2_000_000);
        scene.adaptive = false;
        scene.run(10);
        assertEquals(paced(scene, GoogCcNetworkController.PACING_FACTOR), scene.controller.pacingBps());
        scene.link.rateBps = 700_000;
        for (int i = 0; i < 2000 && scene.controller.estimate().usage() != BandwidthUsage.OVERUSING; i++) {
            scene.step();
        }
        assertEquals(paced(scene, GoogCcNetworkController.CONGESTED_PACING_FACTOR), scene.controller.pacingBps());
        scene.link.rateBps = 20_000_000;
        long overused = scene.nowNanos;
        int after = 0;
        while (scene.nowNanos - overused < 10 * S) {
            scene.step();
            if (scene.controller.estimate().usage() == BandwidthUsage.OVERUSING) {
                overused = scene.nowNanos;
            }
            long slow = GoogCcNetworkController.CONGESTED_PACING_NANOS;
            // Decided with a feedback, of which there is one at least every quarter of a second.
            if (scene.nowNanos - overused < slow - 250 * MS) {
                assertEquals(
                        paced(scene, GoogCcNetworkController.CONGESTED_PACING_FACTOR), scene.controller.pacingBps());
            } else if (scene.nowNanos - overused > slow + 250 * MS) {
                assertEquals(paced(scene, GoogCcNetworkController.PACING_FACTOR), scene.controller.pacingBps());
                after++;
            }
        }
        assertTrue(after > 5000, "fast for " + after + " ms");
    }

    private static long paced(BweScene scene, double factor) {
        return (long) (scene.controller.targetBps() * factor);
    }

    @Test
    void applicationLimitedNeitherDecaysNorExplodes() {
        BweScene scene = scene(4_000_000, 10_000_000);
        scene.run(10);
        long before = scene.controller.targetBps();
        scene.mediaBps = 300_000;
        scene.controller.setNextLayerBps(300_000, scene.nowNanos);
        scene.run(120);
        assertBetween(0.95 * before, (double) scene.controller.targetBps(), 1.05 * before);
        BandwidthEstimate estimate = scene.controller.estimate();
        assertTrue(estimate.applicationLimited());
        assertEquals(LimitedBy.APPLICATION, estimate.limitedBy());
    }

    @Test
    void audioAloneFreezesTheEstimate() {
        BweScene scene = scene(3_000_000, 2_000_000);
        scene.run(8);
        scene.mediaBps = 0;
        scene.run(2);
        long before = scene.controller.targetBps();
        int probes = scene.controller.estimate().probesSent();
        scene.link.jitterNanos = 60 * MS;
        scene.link.loss = 0.05;
        scene.run(60);
        assertEquals(before, scene.controller.targetBps());
        assertTrue(scene.controller.estimate().frozen());
        assertEquals(probes, scene.controller.estimate().probesSent());
        scene.link.jitterNanos = 0;
        scene.link.loss = 0;
        scene.mediaBps = 2_000_000;
        scene.run(3);
        assertFalse(scene.controller.estimate().frozen());
        assertBetween(1_800_000, (double) scene.controller.targetBps(), 3_300_000);
    }

    @Test
    void theFirstProbesWaitForTheFirstVideo() {
        BweScene scene = scene(3_000_000, 0);
        scene.run(20);
        assertEquals(0, scene.controller.estimate().probesSent());
        assertEquals(600_000, scene.controller.targetBps());
        scene.mediaBps = 2_000_000;
        scene.run(1.5);
        assertBetween(2_000_000, (double) scene.controller.targetBps(), 3_300_000);
    }

    @Test
    void twoPercentLossIsNotCongestion() {
        BweScene scene = scene(20_000_000, 3_000_000);
        scene.link.loss = 0.02;
        scene.run(40);
        assertTrue(scene.averageTarget(5) > 3_000_000, "target " + scene.controller.targetBps());
        assertBetween(0.01, scene.controller.estimate().lossRatio(), 0.035);
    }

    @Test
    void tenPercentLossLowersItToWhatIsSentAndIsRecoveredFrom() {
        BweScene scene = scene(20_000_000, 3_000_000);
        scene.run(5);
        scene.link.loss = 0.10;
        scene.run(40);
        // However much of it is the path's own, it says so much: 4 Mbit/s of the 20.
        double excess = 0.10 - LossBasedBweV2.LOSS_OFFSET;
        assertBetween(1_500_000, scene.averageTarget(10), LossBasedBweV2.UPPER_BOUND_BALANCE_BPS / excess);
        assertEquals(LimitedBy.LOSS, scene.controller.estimate().limitedBy());
        scene.link.loss = 0;
        scene.run(15);
        assertTrue(scene.controller.targetBps() >= 3_000_000, "target " + scene.controller.targetBps());
    }

    @Test
    void aShallowQueueIsFoundByItsLosses() {
        BweScene scene = scene(1_000_000, 10_000_000);
        scene.link.maxQueueNanos = 15 * MS;
        scene.run(20);
        assertBetween(300_000, scene.averageTarget(20), 1_300_000);
    }

    @Test
    void jitterOfThirtyMillisecondsIsNotCongestion() {
        BweScene scene = scene(3_000_000, 10_000_000);
        scene.link.jitterNanos = 30 * MS;
        scene.run(10);
        assertBetween(2_000_000, scene.averageTarget(20), 3_200_000);
    }

    @Test
    void reorderingIsNeitherLossNorCongestion() {
        BweScene scene = scene(3_000_000, 10_000_000);
        scene.link.detour = 0.03;
        scene.link.detourNanos = 80 * MS;
        scene.run(10);
        assertBetween(2_000_000, scene.averageTarget(20), 3_200_000);
        assertEquals(0, scene.controller.estimate().lossRatio(), 0.02);
    }

    @Test
    void aReceiverClockThatDriftsDoesNotMatter() {
        for (double drift : new double[] {-0.001, 0.001}) {
            BweScene scene = scene(2_000_000, 10_000_000);
            scene.link.clockDrift = drift;
            scene.run(10);
            assertBetween(1_500_000, scene.averageTarget(20), 2_100_000);
        }
    }

    @Test
    void whenFeedbackStopsSendingStopsAndComesBack() {
        BweScene scene = scene(3_000_000, 2_000_000);
        scene.run(8);
        long before = scene.controller.targetBps();
        scene.link.feedbackBlocked = true;
        scene.run(1);
        assertTrue(scene.controller.congested());
        long sent = scene.mediaBytes;
        scene.run(5);
        // A packet every half second, until the target is far below.
        assertTrue(scene.mediaBytes - sent < 200_000, "sent " + (scene.mediaBytes - sent));
        assertEquals(LimitedBy.ROUND_TRIP_TIME, scene.controller.estimate().limitedBy());
        assertTrue(scene.controller.targetBps() < before / 2, "target " + scene.controller.targetBps());
        scene.link.feedbackBlocked = false;
        scene.run(3);
        assertBetween(1_500_000, (double) scene.controller.targetBps(), 3_500_000);
    }

    @Test
    void withoutAnyFeedbackTheStartRateStays() {
        BweScene scene = scene(3_000_000, 2_000_000);
        scene.link.feedbackBlocked = true;
        scene.run(60);
        assertEquals(600_000, scene.controller.targetBps());
        assertFalse(scene.controller.congested());
        assertEquals(LimitedBy.START, scene.controller.estimate().limitedBy());
    }

    @Test
    void sequenceNumbersWrapAgainAndAgain() {
        BweScene scene = scene(10_000_000, 8_000_000);
        scene.run(200);
        assertTrue(scene.sequence > 3 * 65_536, "sequence " + scene.sequence);
        assertEquals(0, scene.controller.estimate().unknownReports());
        assertTrue(scene.controller.targetBps() > 7_000_000, "target " + scene.controller.targetBps());
    }

    @Test
    void rembBounds() {
        BweScene scene = scene(5_000_000, 10_000_000);
        scene.run(5);
        scene.controller.onRemb(700_000, scene.nowNanos);
        assertEquals(700_000, scene.controller.targetBps());
        assertEquals(LimitedBy.REMB, scene.controller.estimate().limitedBy());
        scene.run(5);
        assertEquals(700_000, scene.controller.targetBps());
        scene.controller.onRemb(50_000_000, scene.nowNanos);
        scene.run(5);
        assertTrue(scene.controller.targetBps() > 1_000_000);
    }

    @Test
    void rembAloneIsBelievedAtTheStartThenFollowedEightPercentASecond() {
        GoogCcNetworkController controller =
                new GoogCcNetworkController(new BandwidthConfig(600_000, 30_000, 20_000_000, false));
        send(controller, 0);
        controller.onRemb(2_000_000, 0);
        assertEquals(2_000_000, controller.targetBps());
        controller.onRemb(1_000_000, 5 * S);
        assertEquals(1_000_000, controller.targetBps());
        controller.onRemb(4_000_000, 6 * S);
        assertEquals(1_000_000, controller.targetBps());
        controller.setNextLayerBps(1_500_000, 6 * S);
        long highest = 0;
        for (int i = 0; i < 60; i++) {
            send(controller, (7 + i) * S);
            controller.onReceiverReport(report(i * 100L, 0), (7 + i) * S);
            highest = Math.max(highest, controller.targetBps());
        }
        // Five quarters of the goal, no further.
        assertEquals(1_875_000, highest);
        assertNull(controller.pollProbeCluster());
        assertEquals(Deadlines.NEVER, controller.nextDeadlineNanos());
    }

    @Test
    void receiverReportsAloneLowerTheTargetByHalfTheLoss() {
        GoogCcNetworkController controller =
                new GoogCcNetworkController(new BandwidthConfig(1_000_000, 30_000, 20_000_000, false));
        send(controller, 0);
        controller.onReceiverReport(report(0, 0), 0);
        // 5 %: neither.
        controller.onReceiverReport(report(100, 5), S);
        assertEquals(1_000_000, controller.targetBps());
        // 20 %.
        controller.onReceiverReport(report(200, 25), 2 * S);
        assertEquals(900_000, controller.targetBps());
        assertEquals(LimitedBy.LOSS, controller.estimate().limitedBy());
        // Too soon for another.
        controller.onReceiverReport(report(300, 45), 2 * S + 100 * MS);
        assertEquals(900_000, controller.targetBps());
        controller.onReceiverReport(report(400, 65), 3 * S);
        assertEquals(810_000, controller.targetBps());
        for (int i = 0; i < 100; i++) {
            controller.onReceiverReport(report(500 + 100L * i, 165 + 100 * i), (4L + i) * S);
        }
        assertEquals(30_000, controller.targetBps());
    }

    @Test
    void aReceiverThatStartsOverIsNoLoss() {
        GoogCcNetworkController controller =
                new GoogCcNetworkController(new BandwidthConfig(1_000_000, 30_000, 20_000_000, false));
        controller.onReceiverReport(report(100_000, 500), 0);
        controller.onReceiverReport(report(5, -8_000_000), S);
        controller.onReceiverReport(report(0xFFFFFFFFL, 8_000_000), 2 * S);
        assertTrue(controller.targetBps() >= 1_000_000 - 1, "target " + controller.targetBps());
    }

    @Test
    void anotherPathStartsOverAtWhatIsSafe() {
        BweScene scene = scene(5_000_000, 4_000_000);
        scene.run(10);
        scene.link.rateBps = 2_000_000;
        scene.controller.onNetworkRouteChange(scene.nowNanos);
        assertEquals(600_000, scene.controller.targetBps());
        assertEquals(0, scene.controller.inFlightBytes());
        scene.run(3);
        assertBetween(1_400_000, (double) scene.controller.targetBps(), 2_500_000);
    }

    @Test
    void withoutPaddingTheEstimateRisesByItself() {
        BweScene scene = scene(3_000_000, 10_000_000);
        scene.canPad = false;
        scene.run(25);
        assertEquals(0, scene.paddingBytes);
        assertEquals(0, scene.pacer.queuedPackets());
        assertBetween(2_000_000, (double) scene.controller.targetBps(), 3_300_000);
    }

    @Test
    void absurdReportsKeepItInBounds() {
        Random random = new Random(99);
        BweScene scene = scene(3_000_000, 2_000_000);
        for (int i = 0; i < 20_000; i++) {
            scene.step();
            if (i % 5 == 0) {
                scene.controller.beginFeedback(scene.nowNanos);
                for (int k = random.nextInt(30); k > 0; k--) {
                    scene.controller.onPacketReport(
                            scene.sequence - random.nextInt(200) + 20,
                            switch (random.nextInt(4)) {
                                case 0 -> GoogCcNetworkController.NOT_ARRIVED;
                                case 1 -> random.nextLong() >> random.nextInt(60);
                                default -> scene.nowNanos + random.nextInt(1_000_000_000);
                            });
                }
                scene.controller.endFeedback();
            }
            long target = scene.controller.targetBps();
            assertTrue(target >= 30_000 && target <= 20_000_000, "target " + target);
            assertTrue(scene.controller.inFlightBytes() >= 0);
        }
        scene.run(20);
        assertBetween(100_000, scene.averageTarget(10), 4_000_000);
    }

    @Test
    void refusesBoundsThatContradict() {
        assertThrows(IllegalArgumentException.class, () -> new BandwidthConfig(100, 200, 300, true));
        assertThrows(IllegalArgumentException.class, () -> new BandwidthConfig(400, 200, 300, true));
        assertThrows(IllegalArgumentException.class, () -> new BandwidthConfig(0, 0, 300, true));
        assertEquals(new BandwidthConfig(600_000, 30_000, 50_000_000, true), BandwidthConfig.defaults());
    }

    private static BweScene scene(long rateBps, long mediaBps) {
        BweScene scene = new BweScene();
        scene.link.rateBps = rateBps;
        scene.mediaBps = mediaBps;
        scene.start();
        return scene;
    }

    private static void send(GoogCcNetworkController controller, long nowNanos) {
        controller.onPacketSent(nowNanos / MS, 1000, false, ProbeCluster.NONE, nowNanos);
    }

    private static ReportBlock report(long highest, int lost) {
        return new ReportBlock(7, 0, lost, highest, 0, 0, 0);
    }

    private static void assertBetween(double low, double value, double high) {
        assertTrue(value >= low && value <= high, value + " (expected: " + low + " to " + high + ")");
    }
}
