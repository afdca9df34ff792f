package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RedPayloadTest {
    /** Opus (111), 20 ms older (960 ticks), 3 bytes; then the primary block of 2 bytes. */
    private static final byte[] ONE_EARLIER = bytes("EF 0F0003 6F A1A2A3 B1B2");
    /** Two earlier ones, 1920 and 960 ticks older, of 1 and 2 bytes. */
    private static final byte[] TWO_EARLIER = bytes("EF 1E0001 EF 0F0002 6F A1 B1B2 C1C2C3");
    private static final byte[] NONE_EARLIER = bytes("6F A1A2");
    /** The example of RFC 2198 section 4 in its shape: DVI4 (5) with a redundant LPC (7) block. */
    private static final byte[] DVI = bytes("87 1F400E 05" + " 11".repeat(14) + " 22".repeat(84));

    private final RedPayload red = new RedPayload();

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private boolean parse(byte[] payload) {
        return red.parse(payload, 0, payload.length);
    }

    private byte[] primary(byte[] payload) {
        return Arrays.copyOfRange(payload, red.primaryOffset(), red.primaryOffset() + red.primaryBytes());
    }

    private byte[] earlier(byte[] payload, int index) {
        return Arrays.copyOfRange(
                payload, red.earlierOffset(index), red.earlierOffset(index) + red.earlierBytes(index));
    }

    @Test
    void readsBlocks() {
        assertTrue(parse(ONE_EARLIER));
        assertEquals(1, red.earlier());
        assertEquals(111, red.earlierType(0));
        assertEquals(960, red.earlierTimestampOffset(0));
        assertArrayEquals(bytes("A1A2A3"), earlier(ONE_EARLIER, 0));
        assertEquals(111, red.primaryType());
        assertArrayEquals(bytes("B1B2"), primary(ONE_EARLIER));
        assertTrue(red.all(111));
        assertFalse(red.all(109));

        assertTrue(parse(TWO_EARLIER));
        assertEquals(2, red.earlier());
        assertEquals(1920, red.earlierTimestampOffset(0));
        assertArrayEquals(bytes("A1"), earlier(TWO_EARLIER, 0));
        assertEquals(960, red.earlierTimestampOffset(1));
        assertArrayEquals(bytes("B1B2"), earlier(TWO_EARLIER, 1));
        assertArrayEquals(bytes("C1C2C3"), primary(TWO_EARLIER));

        assertTrue(parse(NONE_EARLIER));
        assertEquals(0, red.earlier());
        assertArrayEquals(bytes("A1A2"), primary(NONE_EARLIER));

        assertTrue(parse(DVI));
        assertEquals(7, red.earlierType(0));
        assertEquals(2000, red.earlierTimestampOffset(0));
        assertEquals(14, red.earlierBytes(0));
        assertEquals(5, red.primaryType());
        assertEquals(84, red.primaryBytes());
        assertFalse(red.all(5));
    }

    @Test
    void refusesWhatDoesNotFit() {
        for (String wrong : List.of("", "EF", "EF0F00", "EF0F0003", "EF0F00036F", "EF0F00036FA1A2", "EF0FFFFF6F")) {
            assertFalse(parse(bytes(wrong)), wrong);
            assertEquals(-1, red.primaryType());
            assertEquals(0, red.primaryBytes());
        }
        byte[] tooMany = bytes("EF0F0000".repeat(RedPayload.MAX_EARLIER + 1) + "6F");
        assertFalse(parse(tooMany));
        assertTrue(parse(Arrays.copyOfRange(tooMany, 4, tooMany.length)));
    }

    @Test
    void writesWhatItReads() {
        SplittableRandom random = new SplittableRandom(7);
        byte[] out = new byte[1600];
        for (int round = 0; round < 10_000; round++) {
            byte[] earlier = new byte[random.nextInt(200)];
            byte[] primary = new byte[random.nextInt(200)];
            random.nextBytes(earlier);
            random.nextBytes(primary);
            int offset = 1 + random.nextInt(RedPayload.MAX_TIMESTAMP_OFFSET);
            int type = random.nextInt(128);
            int at = random.nextInt(20);
            int length = RedPayload.write(
                    out, at, type, offset, earlier, 0, earlier.length, primary, 0, primary.length);
            assertEquals(5 + earlier.length + primary.length, length);
            assertTrue(red.parse(out, at, length));
            assertEquals(1, red.earlier());
            assertEquals(offset, red.earlierTimestampOffset(0));
            assertTrue(red.all(type));
            assertArrayEquals(earlier, earlier(out, 0));
            assertArrayEquals(primary, primary(out));
        }
    }

    @Test
    void writesTheVector() {
        byte[] out = new byte[ONE_EARLIER.length];
        assertEquals(out.length, RedPayload.write(out, 0, 111, 960, bytes("A1A2A3"), 0, 3, bytes("B1B2"), 0, 2));
        assertArrayEquals(ONE_EARLIER, out);
    }

    @Test
    void writesNothingOutOfRange() {
        byte[] block = new byte[1100];
        byte[] out = new byte[3000];
        assertEquals(-1, RedPayload.write(out, 0, 111, 0, block, 0, 10, block, 0, 10));
        assertEquals(-1, RedPayload.write(out, 0, 111, -960, block, 0, 10, block, 0, 10));
        assertEquals(-1, RedPayload.write(out, 0, 111, 1 << 14, block, 0, 10, block, 0, 10));
        assertEquals(-1, RedPayload.write(out, 0, 111, 960, block, 0, 1024, block, 0, 10));
        assertEquals(-1, RedPayload.write(out, 2980, 111, 960, block, 0, 10, block, 0, 10));
        assertEquals(1028, RedPayload.write(out, 0, 111, (1 << 14) - 1, block, 0, 1023, block, 0, 0));
    }

    @Test
    void neitherThrowsNorLooksOutside() {
        byte[][] samples = {ONE_EARLIER, TWO_EARLIER, NONE_EARLIER, DVI};
        HostileInput.check(0x5EED_0042L, 60_000, samples, (array, offset, length) -> {
            boolean ok = red.parse(array, offset, length);
            List<Object> all = new ArrayList<>(List.of(ok, red.earlier(), red.primaryType(), red.primaryBytes()));
            if (ok) {
                int sum = 0;
                for (int i = 0; i < red.earlier(); i++) {
                    assertTrue(red.earlierOffset(i) >= offset);
                    sum += 4 + red.earlierBytes(i);
                    all.add(List.of(red.earlierType(i), red.earlierTimestampOffset(i), red.earlierBytes(i)));
                }
                assertEquals(length, sum + 1 + red.primaryBytes());
                assertEquals(offset + length, red.primaryOffset() + red.primaryBytes());
            }
            return all;
        });
    }
}
