package dev.sfu.core.impairment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ImpairedLinkTest {
    private static final long SEED = 11;
    private static final long MILLISECOND = 1_000_000;

    @Test
    void aPerfectLinkChangesNothing() {
        ImpairedLink link = new ImpairedLink(Impairment.NONE, SEED);
        for (long now = 0; now < 1_000; now++) {
            assertEquals(now, link.arrivalNanos(now));
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

    /** One packet a millisecond. */
    private static long[] arrivals(ImpairedLink link, int packets) {
        return LongStream.range(0, packets).map(i -> link.arrivalNanos(i * MILLISECOND)).toArray();
    }
}
