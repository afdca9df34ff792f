package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the controller makes of probes that show less than it thinks there is. */
class ProbeResultTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long WAY_NANOS = 20 * MS;
    private static final int BYTES = 1000;
    private static final long ESTIMATE_BPS = 1_800_000;

    private final GoogCcNetworkController controller = new GoogCcNetworkController(BandwidthConfig.defaults());
    private long nowNanos = 10 * Deadlines.SECOND;
    private long sequence;
    private double lastShownBps;

    @BeforeEach
    void theFirstProbeGetsThrough() {
        controller.onNetworkAvailable(nowNanos);
        media(20);
        ProbeCluster first = Objects.requireNonNull(controller.pollProbeCluster());
        assertEquals(ESTIMATE_BPS, first.targetBps());
        probe(first, first.targetBps(), 0);
        while (controller.pollProbeCluster() != null) {
            // The second of the start is not answered.
            media(1);
        }
        media(3000);
        controller.setNextLayerBps(6_000_000, nowNanos);
        assertEquals((double) ESTIMATE_BPS, (double) controller.targetBps(), 20_000);
    }

    @Test
    void aSingleLowResultIsNotBelievedSeveralAre() {
        long before = controller.targetBps();
        double largest = 0;
        for (int i = 1; i <= GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            // It may rise a little by itself, with the probes as traffic.
            assertEquals((double) before, (double) controller.targetBps(), 0.05 * before, "after " + (i - 1));
            // Each stretched by another time.
            stretched(i == 2 ? 40 : 60);
            largest = Math.max(largest, lastShownBps);
        }
        assertTrue(largest < 0.9 * before, "shown " + largest);
        assertEquals(largest, (double) controller.targetBps(), 0.02 * largest);
    }

    @Test
    void aGoodResultForgetsTheBadOnes() {
        for (int i = 1; i < GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            stretched(50);
        }
        good();
        long better = controller.targetBps();
        assertTrue(better > 1.5 * ESTIMATE_BPS, "target " + better);
        for (int i = 1; i < GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            stretched(60);
            assertEquals(better, controller.targetBps());
        }
    }

    @Test
    void believedOnceTheNextAreDoubtedAgain() {
        for (int i = 0; i < GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            stretched(40);
        }
        long lowered = controller.targetBps();
        for (int i = 0; i < GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            assertEquals(lowered, controller.targetBps());
            stretched(90);
        }
        assertTrue(controller.targetBps() < 0.8 * lowered, "from " + lowered + " to " + controller.targetBps());
    }

    /** Who lacks nothing does not probe: what was disappointing then says nothing of the path now. */
    @Test
    void whatDisappointedLongAgoDoesNotCount() {
        for (int i = 1; i < GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            stretched(60);
        }
        long before = controller.targetBps();
        controller.setNextLayerBps(ESTIMATE_BPS / 3, nowNanos);
        media(40_000);
        controller.setNextLayerBps(6_000_000, nowNanos);
        for (int i = 1; i < GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            stretched(60);
            assertEquals((double) before, (double) controller.targetBps(), 0.05 * before, "after " + i);
        }
        stretched(60);
        assertTrue(controller.targetBps() < 0.9 * before, "target " + controller.targetBps());
    }

    @Test
    void anotherPathHasNotDisappointed() {
        for (int i = 1; i < GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            stretched(50);
        }
        controller.onNetworkRouteChange(nowNanos);
        long before = controller.targetBps();
        ProbeCluster first = Objects.requireNonNull(controller.pollProbeCluster());
        probe(first, first.targetBps(), 200 * MS);
        assertTrue(lastShownBps < before, "shown " + lastShownBps);
        assertEquals((double) before, (double) controller.targetBps(), 0.05 * before);
    }

    @Test
    void whatWasSentTooSlowlySaysNothing() {
        long before = controller.targetBps();
        for (int i = 0; i < 2 * GoogCcNetworkController.MAX_DISAPPOINTMENTS; i++) {
            ProbeCluster cluster = next();
            probe(cluster, ESTIMATE_BPS * 2 / 3, 0);
            assertEquals(before, controller.targetBps());
        }
    }

    private void stretched(long ms) {
        ProbeCluster cluster = next();
        probe(cluster, cluster.targetBps(), ms * MS);
        media(1000);
    }

    private void good() {
        ProbeCluster cluster = next();
        probe(cluster, cluster.targetBps(), 0);
        media(1000);
    }

    private ProbeCluster next() {
        ProbeCluster cluster = controller.pollProbeCluster();
        for (int i = 0; cluster == null && i < 300; i++) {
            media(50);
            cluster = controller.pollProbeCluster();
        }
        return Objects.requireNonNull(cluster, "no probe for the goal");
    }

    /** 100 kbit/s. */
    private void media(int ms) {
        long end = nowNanos + ms * MS;
        while (nowNanos < end) {
            controller.onPacketSent(++sequence, BYTES, false, ProbeCluster.NONE, nowNanos);
            long sent = nowNanos;
            nowNanos = Math.min(end, nowNanos + 80 * MS);
            controller.beginFeedback(nowNanos);
            controller.onPacketReport(sequence, sent + WAY_NANOS);
            controller.endFeedback();
            if (Deadlines.due(controller.nextDeadlineNanos(), nowNanos)) {
                controller.onDeadline(nowNanos);
            }
        }
    }

    /** All but the first packet take longer by so much, as if a radio had been busy. */
    private void probe(ProbeCluster cluster, long bps, long stretchNanos) {
        long gap = BYTES * 8 * Deadlines.SECOND / bps;
        int packets = Math.max(cluster.minPackets(), Math.ceilDiv(cluster.minBytes(), BYTES));
        long start = nowNanos;
        long first = sequence + 1;
        for (int i = 0; i < packets; i++) {
            controller.onPacketSent(++sequence, BYTES, false, cluster.id(), start + i * gap);
        }
        nowNanos = start + packets * gap + stretchNanos + WAY_NANOS;
        controller.beginFeedback(nowNanos);
        for (int i = 0; i < packets; i++) {
            controller.onPacketReport(first + i, start + i * gap + WAY_NANOS + (i == 0 ? 0 : stretchNanos));
        }
        controller.endFeedback();
        lastShownBps = ProbeBitrateEstimator.TARGET_UTILIZATION
                * (packets - 1) * BYTES * 8 * Deadlines.SECOND / ((packets - 1) * gap + stretchNanos);
    }
}
