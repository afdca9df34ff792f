package dev.sfu.core.impairment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ImpairedLinkTest {
    private static final long SEED = 11;
    private static final long MILLISECOND = 1_000_000;
    /** With headers 1000 bytes, which are 8 ms at 1 Mbit/s. */
    private static final int BYTES = 1000 - ImpairedLink.HEADER_BYTES;

    @Test
    void aPerfectLinkChangesNothing() {
        ImpairedLink link = new ImpairedLink(Impairment.NONE, SEED);
        for (long now = 0; now < 1_000; now++) {
            assertEquals(now, link.arrivalNanos(now, BYTES));
        }
        assertEquals(0, link.lost());
    }

    @Test
    void losesTheShareAskedForAndTheSamePacketsAgain() {
        Impairment bad = Impairment.NONE.withLoss(0.05);
        ImpairedLink link = new ImpairedLink(bad, SEED);
        long[] first = arrivals(link, 20_000);
        assertEquals(20_000, link.packets());
        assertEquals(0.05, link.lost() / 20_000.0, 0.01);
        assertEquals(LongStream.of(first).filter(t -> t == ImpairedLink.LOST).count(), link.lost());
        assertArrayEquals(first, arrivals(new ImpairedLink(bad, SEED), 20_000));
    }

    @Test
    void jitterKeepsTheOrder() {
        Impairment bad = Impairment.NONE.withDelayNanos(40 * MILLISECOND, 30 * MILLISECOND);
        long[] arrivals = arrivals(new ImpairedLink(bad, SEED), 1_000);
        for (int i = 1; i < arrivals.length; i++) {
            assertTrue(arrivals[i] >= arrivals[i - 1]);
            assertTrue(arrivals[i] >= (i + 40) * MILLISECOND && arrivals[i] <= (i + 70) * MILLISECOND);
        }
    }

    @Test
    void reorderedPacketsArriveAfterLaterOnes() {
        Impairment bad = Impairment.NONE.withReordering(0.1, 5 * MILLISECOND);
        long[] arrivals = arrivals(new ImpairedLink(bad, SEED), 10_000);
        long overtaken = LongStream.range(1, arrivals.length)
                .filter(i -> arrivals[(int) i] < arrivals[(int) i - 1])
                .count();
        assertEquals(0.09, overtaken / 10_000.0, 0.02);
    }

    @Test
    void theBottleneckSendsOneAfterTheOtherAndItsQueueIsBounded() {
        Impairment slow = Impairment.NONE.withRateBps(1_000_000, 50 * MILLISECOND).withDelayNanos(10 * MILLISECOND, 0);
        ImpairedLink link = new ImpairedLink(slow, SEED);
        long[] arrivals = arrivals(link, 1_000);
        assertEquals(18 * MILLISECOND, arrivals[0]);
        assertEquals(26 * MILLISECOND, arrivals[1]);
        long[] passed = LongStream.of(arrivals).filter(t -> t != ImpairedLink.LOST).toArray();
        assertEquals(1_000 - passed.length, link.queueFull());
        assertEquals(0, link.lost());
        for (int i = 1; i < passed.length; i++) {
            assertEquals(8 * MILLISECOND, passed[i] - passed[i - 1]);
        }
        // What came in a second leaves in a second and the longest wait.
        assertEquals(1_050 / 8.0, passed.length, 1.5);
    }

    @Test
    void anotherRateAppliesToWhatComesFromThenOn() {
        ImpairedLink link = new ImpairedLink(Impairment.NONE.withRateBps(1_000_000, 50 * MILLISECOND), SEED);
        assertEquals(8 * MILLISECOND, link.arrivalNanos(0, BYTES));
        link.impair(Impairment.NONE.withRateBps(2_000_000, 50 * MILLISECOND));
        assertEquals(12 * MILLISECOND, link.arrivalNanos(0, BYTES));
        link.impair(Impairment.NONE);
        assertEquals(12 * MILLISECOND, link.arrivalNanos(MILLISECOND, BYTES), "in order");
        assertEquals(20 * MILLISECOND, link.arrivalNanos(20 * MILLISECOND, BYTES));
    }

    /** One packet a millisecond. */
    private static long[] arrivals(ImpairedLink link, int packets) {
        return LongStream.range(0, packets).map(i -> link.arrivalNanos(i * MILLISECOND, BYTES)).toArray();
    }
}
