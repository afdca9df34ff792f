package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Checks that a parser neither throws nor looks at bytes outside the range that it is given. */
final class HostileInput {
    private static final int MARGIN_BYTES = 32;

    /** A parser whose whole result is put into a value that can be compared. */
    interface Parser {
        Object parse(byte[] array, int offset, int length);
    }

    private HostileInput() {}

    /** Parses mutations and truncations of the samples, and noise. */
    static void check(long seed, int rounds, byte[][] samples, Parser parser) {
        SplittableRandom random = new SplittableRandom(seed);
        for (byte[] sample : samples) {
            for (int length = 0; length <= sample.length; length++) {
                checkOne(Arrays.copyOf(sample, length), parser);
            }
        }
        for (int round = 0; round < rounds; round++) {
            checkOne(input(random, samples), parser);
        }
    }

    private static byte[] input(SplittableRandom random, byte[][] samples) {
        if (random.nextInt(3) == 0) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] sample = samples[random.nextInt(samples.length)];
        byte[] bytes = Arrays.copyOf(sample, random.nextInt(sample.length + 4));
        for (int flips = random.nextInt(6); flips > 0 && bytes.length > 0; flips--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static void checkOne(byte[] bytes, Parser parser) {
        // In an array of exactly its size, reading before or after it throws.
        Object expected = parser.parse(bytes.clone(), 0, bytes.length);
        // At the end of an array, and with margins of both extremes, reading outside it changes the result.
        byte[] atEnd = new byte[MARGIN_BYTES + bytes.length];
        Arrays.fill(atEnd, (byte) 0xFF);
        System.arraycopy(bytes, 0, atEnd, MARGIN_BYTES, bytes.length);
        assertEquals(expected, parser.parse(atEnd, MARGIN_BYTES, bytes.length));
        for (byte margin : new byte[] {0, (byte) 0xFF}) {
            byte[] surrounded = new byte[bytes.length + 2 * MARGIN_BYTES];
            Arrays.fill(surrounded, margin);
            System.arraycopy(bytes, 0, surrounded, MARGIN_BYTES, bytes.length);
            byte[] before = surrounded.clone();
            assertEquals(expected, parser.parse(surrounded, MARGIN_BYTES, bytes.length));
            assertEquals(Arrays.hashCode(before), Arrays.hashCode(surrounded), "input was changed");
        }
    }
}
