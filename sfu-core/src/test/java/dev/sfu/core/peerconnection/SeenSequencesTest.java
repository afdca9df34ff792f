package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SeenSequencesTest {
    private final SeenSequences seen = new SeenSequences();

    @Test
    void aNumberIsNewOnce() {
        assertTrue(seen.add(65_535));
        assertFalse(seen.add(65_535));
        assertTrue(seen.add(65_537));
        assertTrue(seen.add(65_536));
        assertFalse(seen.add(65_537));
        assertTrue(seen.add(-5 + 65_535));
    }

    @Test
    void numbersBeforeTheFirstMayBeNegative() {
        assertTrue(seen.add(1));
        assertTrue(seen.add(-2));
        assertFalse(seen.add(-2));
        assertTrue(seen.add(0));
    }

    @Test
    void whatIsFarBehindIsRefused() {
        assertTrue(seen.add(10));
        assertTrue(seen.add(10 + SeenSequences.PACKETS - 1));
        assertFalse(seen.add(10));
        assertFalse(seen.tooOld(10));
        assertTrue(seen.add(10 + SeenSequences.PACKETS));
        assertTrue(seen.tooOld(10));
        assertFalse(seen.add(10));
    }

    @Test
    void aJumpForgetsWhatTheWindowHeld() {
        for (int i = 0; i < SeenSequences.PACKETS; i++) {
            seen.add(i);
        }
        assertTrue(seen.add(50_000));
        assertTrue(seen.add(50_000 - 1));
        assertTrue(seen.add(50_000 - SeenSequences.PACKETS + 1));
    }

    @Test
    void agreesWithASetThatForgetsNothing() {
        SplittableRandom random = new SplittableRandom(3);
        Set<Long> all = new HashSet<>();
        long highest = 0;
        for (int i = 0; i < 200_000; i++) {
            long ahead = random.nextInt(100) == 0 ? random.nextInt(3 * SeenSequences.PACKETS) : random.nextInt(4);
            long sequence = highest + ahead - random.nextInt(random.nextInt(20) == 0 ? 3 * SeenSequences.PACKETS : 8);
            highest = i == 0 ? sequence : Math.max(highest, sequence);
            boolean expected = highest - sequence < SeenSequences.PACKETS && all.add(sequence);
            assertEquals(expected, seen.add(sequence), "packet " + i);
        }
    }
}
