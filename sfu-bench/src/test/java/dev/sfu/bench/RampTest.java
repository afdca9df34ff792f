package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RampTest {
    @Test
    void growsInProportionButAtMostDoubles() {
        assertEquals(400, Ramp.next(200, 5, 80));
        assertEquals(300, Ramp.next(200, 40, 60));
    }

    @Test
    void staysWhenItIsCloseEnough() {
        assertEquals(200, Ramp.next(200, 79, 80));
        assertEquals(200, Ramp.next(200, 81.5, 80));
    }

    @Test
    void shrinksByOneAtLeastAndNotToNothing() {
        assertEquals(8, Ramp.next(10, 100, 80));
        assertEquals(2, Ramp.next(3, 85, 80));
        assertEquals(1, Ramp.next(1, 100, 80));
    }

    @Test
    void oneMoreThatWouldBeTooManyIsNotTried() {
        // Two rooms use 70 %: a third one would use 105.
        assertEquals(2, Ramp.next(2, 70, 80));
    }

    @Test
    void findsTheSizeWhateverTheCostOfEach() {
        for (double percentOfEach : new double[] {0.05, 0.13, 0.8}) {
            int size = 10;
            for (int step = 0; step < 12; step++) {
                size = Ramp.next(size, size * percentOfEach, 80);
            }
            assertTrue(Math.abs(size * percentOfEach - 80) <= 2, size + " of " + percentOfEach);
        }
    }
}
