package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class Vp8DescriptorTest {
    private final Vp8Descriptor descriptor = new Vp8Descriptor();

    private boolean parse(String hex) {
        byte[] bytes = Bytes.hex(hex);
        return descriptor.parse(bytes, 0, bytes.length);
    }

    @Test
    void oneByteDescriptor() {
        assertTrue(parse("33 01"));
        assertEquals(1, descriptor.descriptorBytes());
        assertTrue(descriptor.startOfPartition());
        assertTrue(descriptor.nonReference());
        assertEquals(3, descriptor.partitionIndex());
        assertFalse(descriptor.startsFrame());
        assertEquals(0, descriptor.pictureIdBits());
        assertEquals(-1, descriptor.pictureId());
        assertEquals(-1, descriptor.tl0PicIdx());
        assertEquals(-1, descriptor.temporalLayer());
        assertEquals(-1, descriptor.keyIdx());
        assertFalse(descriptor.layerSync());
    }

    @Test
    void fullDescriptorOfABrowser() {
        // X S; I L T K; 15-bit picture id 0x1234; TL0PICIDX 0x56; TID 2, Y, KEYIDX 9; interframe.
        assertTrue(parse("90 F0 9234 56 A9 01"));
        assertEquals(6, descriptor.descriptorBytes());
        assertTrue(descriptor.startsFrame());
        assertFalse(descriptor.startsKeyframe());
        assertEquals(15, descriptor.pictureIdBits());
        assertEquals(0x1234, descriptor.pictureId());
        assertEquals(0x56, descriptor.tl0PicIdx());
        assertEquals(2, descriptor.temporalLayer());
        assertTrue(descriptor.layerSync());
        assertEquals(9, descriptor.keyIdx());
    }

    @Test
    void shortPictureId() {
        assertTrue(parse("90 80 7F 00"));
        assertEquals(7, descriptor.pictureIdBits());
        assertEquals(127, descriptor.pictureId());
        assertEquals(3, descriptor.descriptorBytes());
        assertTrue(descriptor.startsKeyframe());
    }

    @Test
    void oneByteHoldsLayerAndKeyIndexAndEitherMayBeMeant() {
        assertTrue(parse("90 20 FF 01"));
        assertEquals(3, descriptor.temporalLayer());
        assertEquals(-1, descriptor.keyIdx());
        assertTrue(parse("90 10 FF 01"));
        assertEquals(-1, descriptor.temporalLayer());
        assertFalse(descriptor.layerSync());
        assertEquals(31, descriptor.keyIdx());
        assertEquals(3, descriptor.descriptorBytes());
    }

    @Test
    void keyframeStartsWithTheFirstPartitionOnly() {
        assertTrue(parse("10 00"));
        assertTrue(descriptor.startsKeyframe());
        assertTrue(parse("10 01"));
        assertFalse(descriptor.startsKeyframe());
        assertTrue(parse("00 00"));
        assertFalse(descriptor.startsKeyframe());
        assertTrue(parse("11 00"));
        assertFalse(descriptor.startsKeyframe());
        assertTrue(parse("10"), "a descriptor without a frame");
        assertFalse(descriptor.startsKeyframe());
    }

    @Test
    void refusesADescriptorThatIsCutAndIsEmptyThen() {
        assertTrue(parse("90 F0 9234 56 A9"));
        for (String cut : new String[] {"", "90", "90 F0", "90 F0 92", "90 F0 9234", "90 F0 9234 56", "90 40",
            "90 20"}) {
            assertFalse(parse(cut), cut);
        }
        assertEquals(0, descriptor.descriptorBytes());
        assertEquals(-1, descriptor.pictureId());
        assertEquals(-1, descriptor.tl0PicIdx());
        assertEquals(-1, descriptor.temporalLayer());
        assertFalse(descriptor.startOfPartition());
        assertEquals(-1, descriptor.write(new byte[10], 0, 1, 1, false));
    }

    @Test
    void rewritesInTheSameForm() {
        byte[] target = new byte[8];
        assertTrue(parse("90 F0 9234 56 A9 01"));
        assertEquals(6, descriptor.write(target, 1, 0x7FFF, 0x1FF, false));
        assertArrayEquals(Bytes.hex("00 90 F0 FFFF FF A9 00"), target);
        assertEquals(6, descriptor.write(target, 0, 0x8001, 0, false));
        assertArrayEquals(Bytes.hex("90 F0 8001 00 A9"), Arrays.copyOf(target, 6));
        assertTrue(parse("90 80 7F 00"));
        assertEquals(3, descriptor.write(target, 0, 0x181, 9, false));
        assertArrayEquals(Bytes.hex("90 80 01"), Arrays.copyOf(target, 3));
        assertTrue(parse("10 00"));
        assertEquals(1, descriptor.write(target, 0, 5, 5, false));
        assertEquals(0x10, target[0]);
    }

    @Test
    void rewritesOnlyWhereItFits() {
        assertTrue(parse("90 F0 9234 56 A9 01"));
        assertEquals(-1, descriptor.write(new byte[5], 0, 1, 1, false));
        assertEquals(-1, descriptor.write(new byte[6], 1, 1, 1, false));
        assertEquals(-1, descriptor.write(new byte[6], -1, 1, 1, false));
        assertEquals(6, descriptor.write(new byte[6], 0, 1, 1, false));
    }

    @Test
    void neverThrowsNorLooksOutsideTheRange() {
        byte[][] samples = {Bytes.hex("90 F0 9234 56 A9 00"), Bytes.hex("90 80 12 01"), Bytes.hex("10 00")};
        byte[] rewritten = new byte[6];
        HostileInput.check(0x5EED_0011L, 40_000, samples, (array, offset, length) -> {
            boolean ok = descriptor.parse(array, offset, length);
            if (ok) {
                assertTrue(descriptor.descriptorBytes() <= length);
                int bytes = descriptor.write(rewritten, 0, descriptor.pictureId(), descriptor.tl0PicIdx(), false);
                assertTrue(Arrays.equals(rewritten, 0, bytes, array, offset, offset + bytes));
                assertEquals(descriptor.startsKeyframe(), Keyframes.startsKeyframe(Codec.VP8, array, offset, length));
            }
            return List.of(ok, descriptor.descriptorBytes(), descriptor.startsFrame(), descriptor.startsKeyframe(),
                    descriptor.nonReference(), descriptor.pictureIdBits(), descriptor.pictureId(),
                    descriptor.tl0PicIdx(), descriptor.temporalLayer(), descriptor.layerSync(), descriptor.keyIdx());
        });
    }
}
