package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class RampTest {
    private final Ramp.Search search = new Ramp.Search(80);

    @Test
    void growsInProportionButAtMostDoubles() {
        assertEquals(400, search.next(200, 5));
        assertEquals(800, search.next(400, 40));
        assertFalse(search.ended());
    }

    @Test
    void staysWhenItIsCloseEnough() {
        assertEquals(200, search.next(200, 81.5));
        assertTrue(search.ended());
    }

    @Test
    void shrinksByOneAtLeastAndNotToNothing() {
        assertEquals(8, search.next(10, 100));
        assertEquals(1, new Ramp.Search(80).next(1, 100));
        assertEquals(2, new Ramp.Search(80).next(3, 83));
    }

    @Test
    void oneMoreThatWouldBeTooManyIsNotTried() {
        // Two rooms use 70 %: a third one would use 105.
        assertEquals(2, search.next(2, 70));
        assertTrue(search.ended());
    }

    @Test
    void endsBetweenWhatFitsAndWhatDoesNot() {
        assertEquals(160, search.next(100, 50));
        assertEquals(142, search.next(160, 90));
        assertEquals(159, search.next(142, 70));
        assertFalse(search.ended());
        assertEquals(142, search.next(145, 99));
        assertTrue(search.ended());
    }

    @Test
    void findsTheSizeWhateverTheCostOfEach() {
        for (double percentOfEach : new double[] {0.05, 0.13, 0.8}) {
            int size = search(size1 -> size1 * percentOfEach, 10);
            assertTrue(Math.abs(size * percentOfEach - 80) <= 2, size + " of " + percentOfEach);
        }
    }

    @Test
    void endsThoughMeasurementsAreRough() {
        Random random = new Random(7);
        for (int i = 0; i < 100; i++) {
            int size = search(size1 -> size1 * 0.1 + random.nextDouble(-6, 6), 200);
            assertTrue(size > 600 && size < 1_000, () -> size + " (expected: about 800)");
        }
    }

    private static int search(IntToDoubleFunction percent, int from) {
        Ramp.Search search = new Ramp.Search(80);
        int size = from;
        for (int step = 0; step < 12 && !search.ended(); step++) {
            size = search.next(size, percent.applyAsDouble(size));
        }
        assertTrue(search.ended(), "still searching");
        return size;
    }
}
