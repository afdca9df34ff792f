package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class Vp9DescriptorTest {
    /** I L B V, key picture of three spatial layers with sizes and a picture group of two. */
    private static final String KEY_WITH_STRUCTURE = "AA 9234 00 56"
            + "58 0140 00B4 0280 0168 0500 02D0 02 14 01 48 01 02";
    /** I P L F, flexible mode with two references. */
    private static final String FLEXIBLE = "F8 85A6 33 03 04";

    private final Vp9Descriptor descriptor = new Vp9Descriptor();

    private boolean parse(String hex) {
        byte[] bytes = Bytes.hex(hex);
        return descriptor.parse(bytes, 0, bytes.length);
    }

    @Test
    void minimalDescriptor() {
        assertTrue(parse("0D AA"));
        assertEquals(1, descriptor.descriptorBytes());
        assertTrue(descriptor.startOfFrame());
        assertTrue(descriptor.endOfFrame());
        assertTrue(descriptor.notReferenceForUpperLayers());
        assertFalse(descriptor.interPicturePredicted());
        assertTrue(descriptor.startsKeyframe());
        assertEquals(-1, descriptor.pictureId());
        assertEquals(-1, descriptor.temporalLayer());
        assertEquals(-1, descriptor.spatialLayer());
        assertEquals(-1, descriptor.tl0PicIdx());
        assertEquals(0, descriptor.structureLayers());
    }

    @Test
    void nonFlexibleModeHasABaseLayerIndex() {
        // I P L; 7-bit id; TID 2, U, SID 1, D; TL0PICIDX.
        assertTrue(parse("E0 12 53 AB FF"));
        assertEquals(4, descriptor.descriptorBytes());
        assertEquals(7, descriptor.pictureIdBits());
        assertEquals(0x12, descriptor.pictureId());
        assertEquals(2, descriptor.temporalLayer());
        assertTrue(descriptor.switchingUpPoint());
        assertEquals(1, descriptor.spatialLayer());
        assertTrue(descriptor.interLayerPredicted());
        assertEquals(0xAB, descriptor.tl0PicIdx());
        assertFalse(descriptor.flexibleMode());
        assertEquals(0, descriptor.referenceCount());
        assertFalse(descriptor.startsKeyframe());
    }

    @Test
    void flexibleModeListsReferences() {
        assertTrue(parse(FLEXIBLE));
        assertTrue(descriptor.flexibleMode());
        assertEquals(15, descriptor.pictureIdBits());
        assertEquals(0x05A6, descriptor.pictureId());
        assertEquals(1, descriptor.temporalLayer());
        assertEquals(1, descriptor.spatialLayer());
        assertEquals(-1, descriptor.tl0PicIdx());
        assertEquals(2, descriptor.referenceCount());
        assertEquals(1, descriptor.reference(0));
        assertEquals(2, descriptor.reference(1));
        assertEquals(6, descriptor.descriptorBytes());
    }

    @Test
    void flexibleModeWithoutPredictionHasNoReferences() {
        assertTrue(parse("B8 01 00"));
        assertEquals(0, descriptor.referenceCount());
        assertEquals(3, descriptor.descriptorBytes());
        assertTrue(descriptor.startsKeyframe());
    }

    @Test
    void readsTheScalabilityStructure() {
        assertTrue(parse(KEY_WITH_STRUCTURE));
        assertEquals(3, descriptor.structureLayers());
        assertEquals(320, descriptor.width(0));
        assertEquals(180, descriptor.height(0));
        assertEquals(1280, descriptor.width(2));
        assertEquals(720, descriptor.height(2));
        assertEquals(0, descriptor.width(3));
        assertEquals(2, descriptor.pictureGroupSize());
        assertEquals(Bytes.hex(KEY_WITH_STRUCTURE).length, descriptor.descriptorBytes());
        assertTrue(descriptor.startsKeyframe());
    }

    @Test
    void structureMayLeaveOutSizesAndPictureGroup() {
        assertTrue(parse("02 40 FF"));
        assertEquals(2, descriptor.descriptorBytes());
        assertEquals(3, descriptor.structureLayers());
        assertEquals(0, descriptor.width(0));
        assertEquals(0, descriptor.pictureGroupSize());
        assertTrue(parse("02 08 00 FF"));
        assertEquals(3, descriptor.descriptorBytes(), "a picture group of none");
    }

    @Test
    void sizesOfAnEarlierStructureAreForgotten() {
        assertTrue(parse(KEY_WITH_STRUCTURE));
        assertTrue(parse("02 40 FF"));
        assertEquals(0, descriptor.width(0));
        assertTrue(parse("0D"));
        assertEquals(0, descriptor.structureLayers());
        assertEquals(0, descriptor.height(0));
    }

    @Test
    void keyframeStartsInTheLowestLayerOfAKeyPicture() {
        assertTrue(parse("28 00 00 AA"));
        assertTrue(descriptor.startsKeyframe());
        assertTrue(parse("28 02 00 AA"));
        assertFalse(descriptor.startsKeyframe(), "spatial layer 1");
        assertTrue(parse("20 00 00 AA"));
        assertFalse(descriptor.startsKeyframe(), "not the first packet");
        assertTrue(parse("68 00 00 AA"));
        assertFalse(descriptor.startsKeyframe(), "predicted");
    }

    @Test
    void refusesWhatIsCutOrHasTooManyReferences() {
        for (String whole : new String[] {KEY_WITH_STRUCTURE, FLEXIBLE, "E0 12 53 AB", "E0 9234 53 AB"}) {
            byte[] bytes = Bytes.hex(whole);
            for (int length = 0; length < bytes.length; length++) {
                assertFalse(descriptor.parse(bytes, 0, length), whole + " cut to " + length);
            }
        }
        assertEquals(0, descriptor.descriptorBytes());
        assertEquals(-1, descriptor.write(new byte[10], 0, 1, 1, false));
        assertFalse(descriptor.startOfFrame());
        assertTrue(parse("F0 01 00 03 05 06"));
        assertEquals(3, descriptor.referenceCount());
        assertFalse(parse("F0 01 00 03 05 07 08"));
        assertEquals(0, descriptor.referenceCount());
    }

    @Test
    void rewritesInTheSameForm() {
        byte[] target = new byte[32];
        assertTrue(parse(KEY_WITH_STRUCTURE));
        int bytes = descriptor.write(target, 2, 0x7FFF, 0x101, false);
        assertEquals(descriptor.descriptorBytes(), bytes);
        byte[] expected = Bytes.hex(KEY_WITH_STRUCTURE.replace("9234", "FFFF").replace("00 56", "00 01"));
        assertArrayEquals(expected, Arrays.copyOfRange(target, 2, 2 + bytes));
        assertTrue(parse(FLEXIBLE));
        assertEquals(6, descriptor.write(target, 0, 1, 99, false));
        assertArrayEquals(Bytes.hex("F8 8001 33 03 04"), Arrays.copyOf(target, 6));
        assertTrue(parse("E0 12 53 AB FF"));
        assertEquals(4, descriptor.write(target, 0, 0x80, 0, false));
        assertArrayEquals(Bytes.hex("E0 00 53 00"), Arrays.copyOf(target, 4));
        assertEquals(-1, descriptor.write(new byte[3], 0, 1, 1, false));
        assertEquals(-1, descriptor.write(target, -1, 1, 1, false));
    }

    @Test
    void neverThrowsNorLooksOutsideTheRange() {
        byte[][] samples = {Bytes.hex(KEY_WITH_STRUCTURE), Bytes.hex(FLEXIBLE), Bytes.hex("E0 12 53 AB FF")};
        byte[] rewritten = new byte[2000];
        HostileInput.check(0x5EED_0012L, 40_000, samples, (array, offset, length) -> {
            boolean ok = descriptor.parse(array, offset, length);
            if (ok) {
                assertTrue(descriptor.descriptorBytes() <= length);
                int bytes = descriptor.write(rewritten, 0, descriptor.pictureId(), descriptor.tl0PicIdx(), false);
                assertTrue(Arrays.equals(rewritten, 0, bytes, array, offset, offset + bytes));
                if (bytes < length) {
                    assertEquals(descriptor.startsKeyframe(),
                            Keyframes.startsKeyframe(Codec.VP9, array, offset, length));
                }
            }
            return List.of(ok, descriptor.descriptorBytes(), descriptor.startsKeyframe(), descriptor.pictureId(),
                    descriptor.temporalLayer(), descriptor.spatialLayer(), descriptor.tl0PicIdx(),
                    descriptor.referenceCount(), descriptor.structureLayers(), descriptor.width(7),
                    descriptor.height(0), descriptor.pictureGroupSize());
        });
    }
}
