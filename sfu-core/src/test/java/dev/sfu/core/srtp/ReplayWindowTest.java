package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 3711 sections 3.3.1 and 3.3.2. */
class ReplayWindowTest {
    @ParameterizedTest
    @CsvSource({
        // highest index, sequence number, index meant
        "100, 101, 101",
        "100, 99, 99",
        "100, 32867, 32867",
        "65534, 65535, 65535",
        "65534, 0, 65536",
        "65534, 32765, 98301",
        "65534, 32766, 32766",
        "65534, 40000, 40000",
        "65536, 65535, 65535",
        "65541, 65000, 65000",
        "65541, 32773, 98309",
        "65541, 32774, 32774",
        "131071, 0, 131072",
        "131072, 65535, 131071",
        // Nothing precedes the first cycle, so this is far ahead.
        "3, 65534, 65534",
        "0, 65535, 65535",
    })
    void takesTheNearestIndex(long highest, int sequence, long expected) {
        assertEquals(expected, new ReplayWindow(highest).estimate(sequence));
    }

    @Test
    void aSecondTimeAndTooFarBehindAreNotFresh() {
        ReplayWindow window = new ReplayWindow(5000);
        assertFalse(window.isFresh(5000));
        assertTrue(window.isFresh(5000 - 1023));
        assertFalse(window.isFresh(5000 - 1024));
        window.accept(5000 - 1023);
        assertFalse(window.isFresh(5000 - 1023));
        window.accept(5001);
        assertTrue(window.isFresh(5000 - 1022));
    }

    @Test
    void indicesEndAt48Bits() {
        long last = (1L << 48) - 1;
        ReplayWindow window = new ReplayWindow(last - 1);
        assertTrue(window.isFresh(last));
        assertFalse(window.isFresh(last + 1));
        window.accept(last);
        assertFalse(window.isFresh(window.estimate(0)));
    }

    @Test
    void agreesWithARememberedSetOfAllIndices() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            long highest = random.nextInt(200_000);
            ReplayWindow window = new ReplayWindow(highest);
            Set<Long> accepted = new HashSet<>();
            accepted.add(highest);
            for (int i = 0; i < 20_000; i++) {
                long step = switch (random.nextInt(10)) {
                    case 0 -> random.nextInt(3000);
                    case 1 -> random.nextInt(64, 200);
                    case 2, 3 -> -random.nextInt(1100);
                    default -> random.nextInt(-8, 9);
                };
                long index = Math.max(0, highest + step);
                boolean expected = index > highest || (highest - index < 1024 && !accepted.contains(index));
                assertEquals(expected, window.isFresh(index), "seed " + seed + " index " + index + " of " + highest);
                // Some fresh packets fail authentication and leave no trace.
                if (expected && random.nextInt(4) > 0) {
                    window.accept(index);
                    accepted.add(index);
                    highest = Math.max(highest, index);
                }
            }
        }
    }

    @Test
    void theTableFindsEverySsrcThroughGrowthAndCollisions() {
        ReplayWindows windows = new ReplayWindows(256);
        Random random = new Random(3);
        int[] ssrcs = new int[256];
        ReplayWindow[] added = new ReplayWindow[256];
        for (int i = 0; i < ssrcs.length; i++) {
            // Equal low or high halves collide in weak hashes; zero is an SSRC too.
            ssrcs[i] = i == 0 ? 0 : (i & 1) == 0 ? i << 16 : random.nextInt();
            assertFalse(windows.isFull());
            assertEquals(null, windows.find(ssrcs[i]));
            added[i] = new ReplayWindow(i);
            windows.add(ssrcs[i], added[i]);
        }
        assertTrue(windows.isFull());
        assertEquals(256, windows.size());
        for (int i = 0; i < ssrcs.length; i++) {
            assertEquals(added[i], windows.find(ssrcs[i]));
        }
    }
}
