package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RunLevellerTest {
    private final RunLeveller leveller = new RunLeveller();

    @Test
    void aFrameWhoseLastPacketsAreOneByteLongerBecomesOneRun() {
        assertArrayEquals(new int[] {1101, 1101, 1101, 1101, 1101}, sizes(1100, 1100, 1100, 1101, 1101));
        assertArrayEquals(new int[] {1101, 1101, 1101, 1101, 1101}, sizes(1100, 1100, 1101, 1101, 1101));
    }

    @Test
    void aFrameOfEqualPacketsWithAShorterLastOneIsOneRun() {
        assertArrayEquals(new int[] {1101, 1101, 1101, 640}, sizes(1100, 1100, 1100, 640));
    }

    @Test
    void singlePacketsAndSmallOnesAreLeftAlone() {
        assertArrayEquals(new int[] {900}, sizes(900));
        assertArrayEquals(new int[] {120, 130}, sizes(120, 130));
    }

    @Test
    void neverPadsByMoreThanTheBoundAndNeverShortens() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            int padding = leveller.padding(12 + random.nextInt(1300), random.nextBoolean());
            assertTrue(padding >= 0 && padding <= RunLeveller.MAX_PADDING_BYTES, "padding " + padding);
        }
    }

    @Test
    void laterFramesOfLikeSizeJoinTheRunWithoutGrowingIt() {
        assertArrayEquals(new int[] {1101, 1101}, sizes(1100, 1101));
        assertArrayEquals(new int[] {1101, 1101}, sizes(1099, 1100));
        assertEquals(0, leveller.padding(1101, true));
    }

    private int[] sizes(int... plain) {
        int[] padded = new int[plain.length];
        for (int i = 0; i < plain.length; i++) {
            padded[i] = plain[i] + leveller.padding(plain[i], i < plain.length - 1);
        }
        return padded;
    }
}
