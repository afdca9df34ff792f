package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BottleneckRateTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long S = Deadlines.SECOND;
    private static final int BYTES = 1000;

    private final BottleneckRate rate = new BottleneckRate();
    private final Random random = new Random(17);
    private long linkBps = 1_000_000;
    private long delayNanos = 20 * MS;
    /** The receiver's clock, and it may be negative. */
    private long clockNanos = -5000 * S;
    private long jitterNanos;
    private long nowNanos = S;
    private long freeNanos;
    private long lastArrivalNanos = Long.MIN_VALUE;

    @Test
    void whatComesOutOfAQueueIsTheRateOfTheLink() {
        for (long bps : new long[] {200_000, 1_000_000, 5_000_000}) {
            rate.reset();
            linkBps = bps;
            media(2000, 100_000);
            // A keyframe that takes 400 ms of the link.
            burst((int) (bps * 2 / 5 / 8 / BYTES));
            assertEquals((double) bps, (double) rate.rateBps(), 0.02 * bps);
        }
    }

    @Test
    void unknownBeforeAnythingCame() {
        assertEquals(DataRate.UNKNOWN, rate.rateBps());
    }

    @Test
    void unknownWithoutAQueue() {
        for (int i = 0; i < 100; i++) {
            media(100, 700_000);
            assertEquals(DataRate.UNKNOWN, rate.rateBps());
        }
    }

    @Test
    void aShortQueueSaysNothing() {
        linkBps = 10_000_000;
        media(2000, 500_000);
        // 24 ms, of which the last 16 have waited long enough.
        burst(30);
        assertEquals(DataRate.UNKNOWN, rate.rateBps());
    }

    @Test
    void fewPacketsSayNothing() {
        linkBps = 200_000;
        media(2000, 50_000);
        // 160 ms, but four packets.
        burst(4);
        assertEquals(DataRate.UNKNOWN, rate.rateBps());
    }

    @Test
    void rememberedForAMomentAfterTheQueueEnded() {
        media(2000, 100_000);
        burst(25);
        nowNanos += 200 * MS;
        long ended = nowNanos;
        while (nowNanos - ended < BottleneckRate.REMEMBERED_NANOS - 50 * MS) {
            media(20, 100_000);
            assertEquals(1_000_000, (double) rate.rateBps(), 20_000);
        }
        media(100, 100_000);
        assertEquals(DataRate.UNKNOWN, rate.rateBps());
    }

    @Test
    void anotherQueueCountsInsteadOfTheRemembered() {
        media(2000, 100_000);
        burst(25);
        media(250, 100_000);
        linkBps = 400_000;
        burst(15);
        assertEquals(400_000, (double) rate.rateBps(), 20_000);
    }

    /** On a slow link one packet alone takes longer than is allowed for; the least is that of sound. */
    @Test
    void theTimeBeforeTheQueueDoesNotCount() {
        linkBps = 500_000;
        for (int i = 0; i < 50; i++) {
            packet(100);
            nowNanos += 20 * MS;
        }
        burst(10);
        assertEquals(500_000, (double) rate.rateBps(), 10_000);
    }

    @Test
    void whatWasLongAgoCountsLess() {
        media(2000, 100_000);
        // A queue that does not end while the link becomes slower.
        burst(50);
        nowNanos = freeNanos - 100 * MS;
        assertEquals(1_000_000, (double) rate.rateBps(), 20_000);
        linkBps = 500_000;
        media(1000, 510_000);
        // At least half of it is new.
        assertTrue(rate.rateBps() < 800_000, "rate " + rate.rateBps());
        media(3000, 500_000);
        assertEquals(500_000, (double) rate.rateBps(), 60_000);
    }

    @Test
    void whereTheDelayJittersItIsTheMean() {
        media(2000, 300_000);
        jitterNanos = 60 * MS;
        double sum = 0;
        int known = 0;
        for (int i = 0; i < 500; i++) {
            media(20, 300_000);
            if (DataRate.known(rate.rateBps())) {
                sum += rate.rateBps();
                known++;
            }
        }
        assertTrue(known > 50, "known " + known);
        assertEquals(300_000, sum / known, 60_000);
    }

    @Test
    void aDriftingClockMakesNoQueue() {
        for (int i = 0; i < 3000; i++) {
            // A thousandth, far more than any clock has.
            clockNanos += 20_000;
            media(20, 300_000);
            assertEquals(DataRate.UNKNOWN, rate.rateBps());
        }
    }

    @Test
    void aPathThatBecameLongerIsTakenForAQueueNoLongerThanItsLeastIsRemembered() {
        media(6000, 300_000);
        delayNanos += 100 * MS;
        media((int) (2 * BottleneckRate.LEAST_INTERVAL_NANOS / MS + 100), 300_000);
        media(600, 300_000);
        assertEquals(DataRate.UNKNOWN, rate.rateBps());
        burst(25);
        assertEquals(1_000_000, (double) rate.rateBps(), 20_000);
    }

    @Test
    void aPathThatBecameShorterIsSeenAtOnce() {
        media(6000, 300_000);
        delayNanos -= 15 * MS;
        media(100, 300_000);
        burst(25);
        assertEquals(1_000_000, (double) rate.rateBps(), 20_000);
    }

    @Test
    void aClockThatJumpsStartsOver() {
        for (long jump : new long[] {-3600 * S, -3 * S, 3 * S, 3600 * S, 1L << 60, -(1L << 61)}) {
            media(2000, 300_000);
            burst(25);
            nowNanos += 300 * MS;
            clockNanos += jump;
            media(100, 300_000);
            assertEquals(DataRate.UNKNOWN, rate.rateBps(), "jump " + jump / MS + " ms");
            burst(25);
            assertEquals(1_000_000, (double) rate.rateBps(), 20_000, "jump " + jump / MS + " ms");
            // The least is of the present however far back the clock went.
            delayNanos += 100 * MS;
            media(13_000, 300_000);
            assertEquals(DataRate.UNKNOWN, rate.rateBps(), "jump " + jump / MS + " ms");
            delayNanos = 20 * MS;
        }
    }

    @Test
    void afterAResetNothingIsKnown() {
        media(2000, 100_000);
        burst(25);
        media(250, 100_000);
        assertTrue(DataRate.known(rate.rateBps()));
        rate.reset();
        assertEquals(DataRate.UNKNOWN, rate.rateBps());
        media(100, 100_000);
        assertEquals(DataRate.UNKNOWN, rate.rateBps());
    }

    @Test
    void arrivalsOutOfOrderAreNoQueueOfTheirOwn() {
        for (int i = 0; i < 300; i++) {
            long sent = nowNanos;
            nowNanos += 10 * MS;
            rate.onPacket(sent, sent + delayNanos, BYTES);
            // Of the packet before; it went a longer way.
            rate.onPacket(sent - 5 * MS, sent + delayNanos - MS, BYTES);
            assertEquals(DataRate.UNKNOWN, rate.rateBps());
        }
    }

    @Test
    void neverNegativeWhateverIsReported() {
        for (int i = 0; i < 200_000; i++) {
            rate.onPacket(
                    random.nextLong() >> random.nextInt(64),
                    random.nextLong() >> random.nextInt(64),
                    random.nextInt() >>> random.nextInt(1, 32));
            long bps = rate.rateBps();
            assertTrue(bps == DataRate.UNKNOWN || bps >= 0, "rate " + bps);
        }
        rate.onPacket(nowNanos, nowNanos, 0);
        for (int i = 0; i < 100; i++) {
            // Of the size nothing.
            rate.onPacket(nowNanos, nowNanos + 10 * MS + i * MS, 0);
        }
        assertEquals(0, rate.rateBps());
    }

    private void media(int durationMs, long bps) {
        long gap = BYTES * 8 * S / bps;
        for (long end = nowNanos + durationMs * MS; nowNanos < end; nowNanos += gap) {
            packet(BYTES);
        }
    }

    private void burst(int packets) {
        for (int i = 0; i < packets; i++) {
            packet(BYTES);
        }
    }

    private void packet(int bytes) {
        freeNanos = Math.max(freeNanos, nowNanos) + bytes * 8L * S / linkBps;
        long arrival = clockNanos + freeNanos + delayNanos + (long) (random.nextDouble() * jitterNanos);
        // The path keeps the order, unless the clock jumps.
        lastArrivalNanos = Math.abs(arrival - lastArrivalNanos) > S ? arrival : Math.max(lastArrivalNanos, arrival);
        rate.onPacket(nowNanos, lastArrivalNanos, bytes);
    }
}
