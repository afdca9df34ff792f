package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeControllerTest {
    private static final long S = Deadlines.SECOND;
    private static final BandwidthLimitedCause FREE = BandwidthLimitedCause.DELAY_BASED_LIMITED;

    private final ProbeController controller = new ProbeController(300_000, 10_000_000);

    @Test
    void startsWithThreeAndSixTimesAndGoesOnWithTwice() {
        controller.onNetworkAvailable(0);
        assertEquals(List.of(900_000L, 1_800_000L), rates());
        // 70 % of 1.8 Mbit/s is the condition.
        controller.onEstimate(1_200_000, FREE, S / 10);
        assertEquals(List.of(), rates());
        controller.onEstimate(1_300_000, FREE, S / 10);
        assertEquals(List.of(2_600_000L), rates());
        controller.onEstimate(1_830_000, FREE, S / 5);
        assertEquals(List.of(3_660_000L), rates());
        // No result within a second: done.
        assertEquals(S / 5 + S, controller.nextDeadlineNanos());
        controller.onDeadline(S / 5 + S);
        controller.onEstimate(9_000_000, FREE, 2 * S);
        assertEquals(List.of(), rates());
    }

    @Test
    void startsOnce() {
        controller.onNetworkAvailable(0);
        rates();
        controller.onNetworkAvailable(S);
        assertEquals(List.of(), rates());
        controller.reset(200_000);
        controller.onNetworkAvailable(2 * S);
        assertEquals(List.of(600_000L, 1_200_000L), rates());
    }

    @Test
    void aClusterLastsThirtyMillisecondsAndFivePackets() {
        controller.onNetworkAvailable(7);
        ProbeCluster cluster = controller.poll();
        assertEquals(new ProbeCluster(1, 900_000, 3375, 5, 7), cluster);
    }

    @Test
    void aClusterLastsLongerThanTheJitter() {
        controller.setJitter(14 * Deadlines.MILLISECOND);
        controller.onNetworkAvailable(7);
        assertEquals(new ProbeCluster(1, 900_000, 7875, 5, 7), controller.poll());
        controller.setJitter(S);
        controller.onEstimate(1_830_000, FREE, S / 5);
        rates();
        controller.onEstimate(3_660_000, FREE, S / 4);
        ProbeCluster longest = controller.poll();
        assertEquals(new ProbeCluster(4, 7_320_000, 109_800, 5, S / 4), longest);
    }

    @Test
    void neverAboveTheMaximumNorTwiceTheGoal() {
        controller.setMax(1_000_000);
        controller.onNetworkAvailable(0);
        // Both would be the maximum: one is enough; and beyond that there is nothing to look for.
        assertEquals(List.of(900_000L, 1_000_000L), rates());
        controller.onEstimate(950_000, FREE, S / 10);
        assertEquals(List.of(), rates());

        ProbeController other = new ProbeController(300_000, 10_000_000);
        other.setGoal(500_000, 0);
        other.onNetworkAvailable(0);
        assertEquals(List.of(900_000L, 1_000_000L), rates(other));
    }

    @Test
    void probesEveryFiveSecondsWhileApplicationLimited() {
        completed();
        controller.setAlr(true, 10 * S, false);
        assertEquals(15 * S, controller.nextDeadlineNanos());
        controller.onDeadline(15 * S - 1);
        assertEquals(List.of(), rates());
        controller.onDeadline(15 * S);
        assertEquals(List.of(1_000_000L), rates());
        controller.onDeadline(16 * S);
        assertEquals(20 * S, controller.nextDeadlineNanos());
        controller.setAlr(false, 0, true);
        assertEquals(Deadlines.NEVER, controller.nextDeadlineNanos());
    }

    @Test
    void probesForTheGoalWithGrowingIntervals() {
        completed();
        assertTrue(controller.setGoal(1_600_000, 10 * S));
        assertFalse(controller.setGoal(1_600_000, 10 * S));
        List<Long> seconds = new ArrayList<>();
        for (long now = 10 * S; now < 50 * S; now += S / 10) {
            controller.onDeadline(now);
            for (long rate : rates()) {
                // Twice the estimate, because five quarters of the goal would be more.
                assertEquals(1_000_000, rate);
                seconds.add(now / S);
            }
        }
        assertEquals(List.of(10L, 15L, 25L, 35L, 45L), seconds);
        // Another goal is worth another try.
        controller.setGoal(700_000, 150 * S);
        controller.onDeadline(150 * S);
        assertEquals(List.of(875_000L), rates());
    }

    /** Losses and the estimate bound what is asked for at once: as long as it is there, the next part does not wait. */
    @Test
    void aGoalThatIsFarAwayIsReachedInPartsASecondApart() {
        completed();
        long now = 10 * S;
        controller.setGoal(5_000_000, now);
        BandwidthLimitedCause losses = BandwidthLimitedCause.LOSS_LIMITED_INCREASING;
        controller.onEstimate(500_000, losses, now);
        controller.onDeadline(now);
        for (long bps : new long[] {750_000, 1_125_000, 1_687_500}) {
            assertEquals(List.of(bps), rates());
            controller.onEstimate(bps, losses, now + S / 5);
            assertEquals(List.of(), rates());
            controller.onDeadline(now + S - 1);
            assertEquals(List.of(), rates());
            now += S;
            controller.onDeadline(now);
        }
        // What is not there makes it wait, and what comes by itself later does not change that.
        assertEquals(List.of(2_531_250L), rates());
        controller.onDeadline(now + S);
        controller.onEstimate(2_300_000, losses, now + 2 * S);
        assertEquals(now + ProbeController.FIRST_GOAL_RETRY_NANOS, controller.nextDeadlineNanos());
    }

    @Test
    void aGoalThatIsReachedNeedsNoProbe() {
        completed();
        controller.setGoal(450_000, 10 * S);
        assertEquals(Deadlines.NEVER, controller.nextDeadlineNanos());
        controller.onDeadline(10 * S);
        assertEquals(List.of(), rates());
    }

    @Test
    void goalsThatComeAndGoCostAProbeASecond() {
        completed();
        int probes = 0;
        for (int i = 0; i < 1000; i++) {
            long now = 10 * S + i * S / 100;
            controller.setGoal(i % 2 == 0 ? 1_600_000 : 2_000_000, now);
            controller.onDeadline(now);
            probes += rates().size();
        }
        assertTrue(probes >= 4 && probes <= 11, "probes: " + probes);
    }

    @Test
    void aGoalThatVariesALittleIsTheSame() {
        completed();
        List<Long> seconds = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            long now = 10 * S + i * S / 10;
            // Up and down by a fifteenth, as prices do.
            controller.setGoal(1_600_000 + (i % 7 - 3) * 35_000L, now);
            controller.onDeadline(now);
            if (!rates().isEmpty()) {
                seconds.add(now / S);
            }
        }
        assertEquals(List.of(10L, 15L, 25L, 35L, 45L), seconds);
    }

    @Test
    void aGoalThatCreepsAwayIsAnotherInTheEnd() {
        completed();
        controller.setGoal(1_600_000, 10 * S);
        controller.onDeadline(10 * S);
        rates();
        controller.onDeadline(15 * S);
        assertEquals(1, rates().size());
        long goal = 1_600_000;
        long now = 16 * S;
        // Compared with what was probed for, not with the goal before.
        while (goal <= 1_600_000 * (1 + ProbeController.SAME_GOAL)) {
            controller.onDeadline(now);
            assertEquals(List.of(), rates());
            goal += 31_000;
            now += S / 10;
            controller.setGoal(goal, now);
        }
        controller.onDeadline(now);
        assertEquals(1, rates().size());
    }

    @Test
    void noProbesIntoAFullPath() {
        completed();
        controller.setGoal(2_000_000, 10 * S);
        for (BandwidthLimitedCause cause : List.of(
                BandwidthLimitedCause.DELAY_INCREASED,
                BandwidthLimitedCause.LOSS_LIMITED,
                BandwidthLimitedCause.HIGH_ROUND_TRIP_TIME)) {
            controller.onEstimate(500_000, cause, 11 * S);
            assertEquals(Deadlines.NEVER, controller.nextDeadlineNanos());
            controller.onDeadline(60 * S);
            assertEquals(List.of(), rates());
        }
        controller.onEstimate(500_000, BandwidthLimitedCause.LOSS_LIMITED_INCREASING, 61 * S);
        controller.onDeadline(61 * S);
        assertEquals(List.of(750_000L), rates());
    }

    @Test
    void frozenItProbesForTheGoalOnly() {
        completed();
        controller.setAlr(true, 10 * S, false);
        controller.setFrozen(true);
        controller.onDeadline(60 * S);
        assertEquals(List.of(), rates());
        assertEquals(Deadlines.NEVER, controller.nextDeadlineNanos());
        // Paused video has to find out somehow that it may go on.
        controller.setGoal(600_000, 60 * S);
        assertEquals(60 * S, controller.nextDeadlineNanos());
        controller.onDeadline(60 * S);
        assertEquals(List.of(750_000L), rates());
    }

    /** What spoke against probing is of another time. */
    @Test
    void frozenItProbesWhateverWasTheCauseBefore() {
        for (BandwidthLimitedCause cause : BandwidthLimitedCause.values()) {
            ProbeController other = new ProbeController(300_000, 10_000_000);
            other.onNetworkAvailable(0);
            rates(other);
            other.onDeadline(2 * S);
            other.onEstimate(500_000, cause, 10 * S);
            other.setFrozen(true);
            other.setGoal(600_000, 60 * S);
            assertEquals(60 * S, other.nextDeadlineNanos(), cause::toString);
            other.onDeadline(60 * S);
            assertEquals(List.of(750_000L), rates(other), cause::toString);
        }
    }

    @Test
    void probesOnceAfterALargeDropThatWasRecoveredFrom() {
        completed();
        controller.onEstimate(5_000_000, FREE, 20 * S);
        controller.onEstimate(1_000_000, BandwidthLimitedCause.DELAY_INCREASED, 21 * S);
        controller.setAlr(true, 10 * S, false);
        controller.onEstimate(1_000_000, FREE, 22 * S);
        controller.onRecovered(22 * S);
        assertEquals(List.of(4_250_000L), rates());
        controller.onRecovered(23 * S);
        assertEquals(List.of(), rates());
    }

    @Test
    void aSmallOrOldDropIsNotProbed() {
        completed();
        controller.setAlr(true, 10 * S, false);
        controller.onEstimate(5_000_000, FREE, 20 * S);
        controller.onEstimate(4_000_000, FREE, 21 * S);
        controller.onRecovered(22 * S);
        assertEquals(List.of(), rates());
        controller.onEstimate(1_000_000, FREE, 23 * S);
        controller.onRecovered(29 * S);
        assertEquals(List.of(), rates());
    }

    @Test
    void clustersThatNobodyFetchesAreBounded() {
        completed();
        for (int i = 0; i < 100; i++) {
            long now = (10 + 2L * i) * S;
            controller.setGoal(1_000_000 + i, now);
            controller.onDeadline(now);
            controller.onDeadline(now + S);
        }
        assertTrue(rates().size() <= ProbeController.MAX_PENDING);
    }

    private void completed() {
        controller.onNetworkAvailable(0);
        rates();
        controller.onEstimate(500_000, FREE, S / 10);
        controller.onDeadline(2 * S);
    }

    private List<Long> rates() {
        return rates(controller);
    }

    private static List<Long> rates(ProbeController from) {
        List<Long> rates = new ArrayList<>();
        for (ProbeCluster cluster = from.poll(); cluster != null; cluster = from.poll()) {
            rates.add(cluster.targetBps());
        }
        return rates;
    }
}
