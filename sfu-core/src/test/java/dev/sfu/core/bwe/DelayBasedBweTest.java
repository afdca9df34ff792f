package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Little is sent over a path of 2 Mbit/s, until a keyframe comes. */
class DelayBasedBweTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long LINK_BPS = 2_000_000;
    private static final int BYTES = 1000;
    private static final long FEEDBACK_NANOS = 50 * MS;

    private record Packet(long sentNanos, long arrivalNanos) {}

    private final DelayBasedBwe bwe = new DelayBasedBwe(2_600_000, 30_000, 10_000_000);
    private final AcknowledgedBitrateEstimator acknowledged = new AcknowledgedBitrateEstimator();
    private final TransportPacketsFeedback feedback = new TransportPacketsFeedback();
    private final ArrayDeque<Packet> underWay = new ArrayDeque<>();
    private final Random random = new Random(11);
    private long nowNanos = 100 * Deadlines.SECOND;
    private long freeNanos;
    private double creditBytes;
    private long jitterNanos;
    private long probeBps = DataRate.UNKNOWN;

    DelayBasedBweTest() {
        bwe.setRttNanos(50 * MS);
    }

    @Test
    void aBurstLowersToWhatThePathCarriesAndNotToTheMean() {
        send(5000, 200_000);
        long before = bwe.estimateBps();
        send(400, 4_000_000);
        assertTrue(acknowledged.bitrateBps() < 1_200_000, "mean " + acknowledged.bitrateBps());
        assertTrue(bwe.estimateBps() < before, "lowered from " + before);
        assertEquals(AimdRateControl.BETA * LINK_BPS, (double) bwe.estimateBps(), 0.05 * LINK_BPS);
    }

    @Test
    void whatAProbeHasMeasuredIsNotTakenBackForTheQueueItMade() {
        send(5000, 200_000);
        probeBps = 3_000_000;
        send((int) (FEEDBACK_NANOS / MS), 4_000_000);
        assertEquals(3_000_000, bwe.estimateBps());
        send((int) (DelayBasedBwe.PROBE_QUEUE_NANOS / MS) - 50, 4_000_000);
        assertEquals(BandwidthUsage.OVERUSING, bwe.usage());
        assertEquals(AimdRateControl.BETA * 3_000_000, (double) bwe.estimateBps(), 10_000);
        // A queue that stays is not the probe's.
        send(300, 4_000_000);
        assertEquals(AimdRateControl.BETA * LINK_BPS, (double) bwe.estimateBps(), 0.05 * LINK_BPS);
    }

    @Test
    void anotherPathForgetsTheProbe() {
        send(5000, 200_000);
        probeBps = 3_000_000;
        send((int) (FEEDBACK_NANOS / MS), 200_000);
        bwe.reset(2_600_000);
        send(200, 200_000);
        assertEquals(2_600_000, (double) bwe.estimateBps(), 50_000);
        send(250, 4_000_000);
        assertEquals(AimdRateControl.BETA * LINK_BPS, (double) bwe.estimateBps(), 0.05 * LINK_BPS);
    }

    @Test
    void jitterIsNoQueue() {
        send(5000, 200_000);
        long before = bwe.estimateBps();
        for (jitterNanos = 10 * MS; jitterNanos <= 40 * MS; jitterNanos += 10 * MS) {
            for (int i = 0; i < 600; i++) {
                send((int) (FEEDBACK_NANOS / MS), 400_000);
                assertTrue(bwe.estimateBps() >= before, jitterNanos / MS + " ms: " + bwe.estimateBps());
            }
        }
    }

    private void send(int durationMs, long bps) {
        for (int i = 0; i < durationMs; i++) {
            nowNanos += MS;
            for (creditBytes += bps / 8000.0; creditBytes >= BYTES; creditBytes -= BYTES) {
                freeNanos = Math.max(freeNanos, nowNanos) + BYTES * 8 * Deadlines.SECOND / LINK_BPS;
                long arrival = freeNanos + 20 * MS + (long) (random.nextDouble() * jitterNanos);
                Packet last = underWay.peekLast();
                underWay.add(new Packet(nowNanos, last == null ? arrival : Math.max(arrival, last.arrivalNanos())));
            }
            if (nowNanos % FEEDBACK_NANOS == 0) {
                report();
            }
        }
    }

    private void report() {
        feedback.clear(nowNanos);
        while (!underWay.isEmpty() && underWay.peek().arrivalNanos() <= nowNanos) {
            Packet packet = underWay.remove();
            feedback.addReceived(packet.sentNanos(), packet.arrivalNanos(), BYTES, false, ProbeCluster.NONE, false);
        }
        feedback.sort();
        acknowledged.onFeedback(feedback);
        bwe.onFeedback(feedback, acknowledged.bitrateBps(), probeBps, true);
        probeBps = DataRate.UNKNOWN;
    }
}
