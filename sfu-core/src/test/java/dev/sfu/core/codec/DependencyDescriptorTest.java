package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.ScalabilityMode.Template;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DependencyDescriptorTest {
    private static final ScalabilityMode L3T3 = ScalabilityMode.L3T3;
    private static final ScalabilityMode L1T3 = ScalabilityMode.L1T3;

    private final DependencyReader reader = new DependencyReader();
    private final DependencyDescriptor descriptor = new DependencyDescriptor();
    private final DependencyDescriptorWriter writer = new DependencyDescriptorWriter();

    private boolean parse(byte[] bytes) {
        return reader.read(descriptor, bytes, 0, bytes.length);
    }

    private static byte[] key(ScalabilityMode mode, int offset, int frame) {
        return mode.withStructure(false, offset, mode.key().getFirst(), frame);
    }

    @Test
    void mandatoryFieldsAreKnownWithoutStructure() {
        assertFalse(parse(ScalabilityMode.plain(true, false, 12, 0xABCD)));
        assertTrue(descriptor.startOfFrame());
        assertFalse(descriptor.endOfFrame());
        assertEquals(0xABCD, descriptor.frame());
        assertFalse(parse(new byte[2]));
    }

    @Test
    void readsTheStructure() {
        assertTrue(parse(key(L3T3, 60, 7)));
        assertTrue(descriptor.hasStructure());
        DependencyStructure structure = descriptor.structure();
        assertEquals(9, structure.targetCount());
        assertEquals(3, structure.chainCount());
        for (int target = 0; target < 9; target++) {
            assertEquals(target / 3, structure.targetSpatial(target));
            assertEquals(target % 3, structure.targetTemporal(target));
            assertEquals(target / 3, structure.targetChain(target));
        }
        assertEquals(2, structure.maxSpatial());
        assertEquals(2, structure.maxTemporal());
        assertEquals(240, structure.width(0));
        assertEquals(540, structure.height(2));
        assertEquals(0, structure.width(3));
        assertEquals(0x1FF, descriptor.activeTargets());
    }

    @Test
    void everyTemplateGivesItsLayersIndicationsReferencesAndChains() {
        assertTrue(parse(key(L3T3, 60, 7)));
        int frame = 7;
        for (Template template : L3T3.cycle()) {
            assertTrue(parse(ScalabilityMode.plain(true, true, (60 + template.id()) % 64, ++frame)));
            check(template);
            assertFalse(descriptor.hasStructure());
        }
    }

    @Test
    void customFieldsReplaceTheTemplates() {
        assertTrue(parse(key(L3T3, 0, 0)));
        Template other = new Template(
                0, 0, 0, "SRDS-RDRS", new int[] {255, 0, 17}, 1, 16, 17, 256, 257, 4096);
        assertTrue(parse(L3T3.custom(true, true, 0, 1, 0b000111, other)));
        check(other);
        assertEquals(0b000111, descriptor.activeTargets());
        assertTrue(parse(ScalabilityMode.plain(true, true, 0, 2)));
        assertEquals(0b000111, descriptor.activeTargets(), "until somebody says otherwise");
        assertTrue(parse(key(L3T3, 20, 3)));
        assertEquals(0x1FF, descriptor.activeTargets());
    }

    private void check(Template template) {
        assertEquals(template.spatial(), descriptor.spatialLayer());
        assertEquals(template.temporal(), descriptor.temporalLayer());
        for (int target = 0; target < template.indications().length(); target++) {
            assertEquals("-DSR".indexOf(template.indications().charAt(target)), descriptor.indication(target));
        }
        assertEquals(template.references().length, descriptor.referenceCount());
        for (int i = 0; i < template.references().length; i++) {
            assertEquals(template.references()[i], descriptor.reference(i));
        }
        for (int chain = 0; chain < template.chains().length; chain++) {
            assertEquals(template.chains()[chain], descriptor.chain(chain));
        }
    }

    @Test
    void frameNumbersGoOnOverTheirWrap() {
        assertTrue(parse(key(L1T3, 0, 65_535)));
        assertTrue(parse(ScalabilityMode.plain(true, true, 1, 0)));
        assertEquals(65_536, descriptor.frame());
        assertTrue(parse(ScalabilityMode.plain(true, true, 1, 65_535)));
        assertEquals(65_535, descriptor.frame());
        assertTrue(parse(ScalabilityMode.plain(true, true, 1, 32_000)));
        assertEquals(65_536 + 32_000, descriptor.frame());
    }

    @Test
    void anEncoderMayCountAnew() {
        assertTrue(parse(key(L1T3, 0, 5000)));
        assertTrue(parse(key(L1T3, 10, 3)));
        assertEquals(65_536 + 3, descriptor.frame());
        assertTrue(parse(ScalabilityMode.plain(true, true, 11, 4)));
        assertEquals(65_536 + 4, descriptor.frame());
        assertEquals(0, descriptor.temporalLayer());
    }

    @Test
    void lateFramesAreReadWithTheirOwnStructure() {
        assertTrue(parse(key(L3T3, 0, 100)));
        assertTrue(parse(key(L1T3, 0, 112)));
        assertTrue(parse(ScalabilityMode.plain(true, true, 10, 111)));
        assertEquals(2, descriptor.spatialLayer());
        assertEquals(9, descriptor.structure().targetCount());
        assertTrue(parse(ScalabilityMode.plain(true, true, 3, 113)));
        assertEquals(2, descriptor.temporalLayer());
        assertFalse(parse(ScalabilityMode.plain(true, true, 10, 114)), "no such template");
        assertFalse(parse(ScalabilityMode.plain(true, true, 3, 99)), "from before what is known");
    }

    @Test
    void aLateKeyframeDoesNotReplaceALaterStructure() {
        assertTrue(parse(key(L1T3, 0, 112)));
        assertTrue(parse(key(L3T3, 20, 100)));
        assertTrue(parse(ScalabilityMode.plain(true, true, 3, 113)));
        assertEquals(3, descriptor.structure().targetCount());
        assertTrue(parse(ScalabilityMode.plain(true, true, 30, 101)));
        assertEquals(9, descriptor.structure().targetCount());
    }

    @Test
    void aBrokenStructureLeavesTheOldOneInPlace() {
        assertTrue(parse(key(L1T3, 0, 1)));
        byte[] other = key(L3T3, 20, 2);
        for (int length = 3; length < other.length; length++) {
            assertFalse(reader.read(descriptor, other, 0, length), "cut to " + length);
        }
        assertTrue(parse(ScalabilityMode.plain(true, true, 2, 3)));
        assertEquals(1, descriptor.temporalLayer());
    }

    @Test
    void writesFrameNumberAndDecodeTargets() {
        List<byte[]> originals = new ArrayList<>();
        originals.add(key(L3T3, 60, 7));
        for (Template template : L3T3.cycle()) {
            originals.add(ScalabilityMode.plain(false, true, (60 + template.id()) % 64, 8 + originals.size()));
        }
        originals.add(L3T3.custom(true, false, 60, 500, 0b111, L3T3.cycle().getFirst()));
        byte[] target = new byte[300];
        for (byte[] original : originals) {
            assertEquals(original.length, rewrite(original, target, 0x1234, 0));
            byte[] expected = original.clone();
            expected[1] = 0x12;
            expected[2] = 0x34;
            assertArrayEquals(expected, Arrays.copyOfRange(target, 5, 5 + original.length));
        }
        for (byte[] original : originals) {
            assertTrue(parse(original));
            String before = fields();
            int bytes = rewrite(original, target, 600, DependencyDescriptorWriter.targets(0b10101, 9));
            assertTrue(bytes >= original.length && bytes <= original.length + 3, bytes + " from " + original.length);
            DependencyReader another = new DependencyReader();
            DependencyDescriptor receiver = new DependencyDescriptor();
            byte[] structure = key(L3T3, 60, 7);
            assertTrue(another.read(receiver, structure, 0, structure.length));
            assertTrue(another.read(receiver, target, 5, bytes));
            assertEquals(600, receiver.frame());
            assertEquals(0b10101, receiver.activeTargets());
            assertEquals(before, fields(receiver));
        }
    }

    private int rewrite(byte[] original, byte[] target, int frame, int targets) {
        return writer.write(original, 0, original.length, target, 5, frame, targets);
    }

    private String fields() {
        return fields(descriptor);
    }

    private static String fields(DependencyDescriptor of) {
        StringBuilder all = new StringBuilder()
                .append(of.startOfFrame()).append(of.endOfFrame()).append(of.hasStructure())
                .append(of.spatialLayer()).append(of.temporalLayer());
        for (int target = 0; target < of.structure().targetCount(); target++) {
            all.append(of.indication(target));
        }
        for (int i = 0; i < of.referenceCount(); i++) {
            all.append(',').append(of.reference(i));
        }
        for (int chain = 0; chain < of.structure().chainCount(); chain++) {
            all.append(';').append(of.chain(chain));
        }
        return all.toString();
    }

    @Test
    void refusesToWriteWhatDoesNotFit() {
        byte[] original = key(L3T3, 60, 7);
        int targets = DependencyDescriptorWriter.targets(1, 9);
        assertEquals(-1, writer.write(original, 0, original.length, new byte[original.length], 0, 1, targets));
        assertEquals(-1, writer.write(original, 0, 2, new byte[100], 0, 1, 0));
        assertEquals(-1, writer.write(original, 0, 3, new byte[3], 0, 1, targets));
        assertEquals(-1, rewrite(original, new byte[300], 1, DependencyDescriptorWriter.targets(1, 8)));
        assertEquals(0, DependencyDescriptorWriter.targets(1, 17));
    }

    @Test
    void rewritesFitIntoOneNumber() {
        assertEquals(Rewrite.NONE, 0);
        long payload = Rewrite.payload(0x7FFF, 0xFF, 0x1F);
        long all = Rewrite.withDependencies(payload, 0xFFFF, DependencyDescriptorWriter.targets(-1, 16));
        assertTrue(all > 0);
        assertTrue(Rewrite.ofPayload(all) && Rewrite.ofDependencies(all));
        assertEquals(0x7FFF, Rewrite.pictureId(all));
        assertEquals(0xFF, Rewrite.tl0PicIdx(all));
        assertEquals(0x1F, Rewrite.keyIdx(all));
        assertEquals(0xFFFF, Rewrite.frameNumber(all));
        assertEquals(0x1_FFFF, Rewrite.targets(all));
        assertFalse(Rewrite.ofDependencies(payload));
        assertFalse(Rewrite.ofPayload(Rewrite.withDependencies(Rewrite.NONE, 0, 0)));
        assertEquals(5, Rewrite.pictureId(Rewrite.withDependencies(Rewrite.payload(5, 0, 0), 0, 0)));
    }

    @Test
    void neverThrowsNorLooksOutsideTheRange() {
        byte[][] samples = {
            key(L3T3, 60, 7), key(L1T3, 3, 9), ScalabilityMode.plain(true, true, 61, 4),
            L3T3.custom(true, false, 60, 500, 0b111, L3T3.cycle().getFirst())
        };
        byte[] structure = key(L3T3, 60, 7);
        byte[] target = new byte[512];
        HostileInput.check(0x5EED_0020L, 20_000, samples, (array, offset, length) -> {
            DependencyReader another = new DependencyReader();
            DependencyDescriptor fresh = new DependencyDescriptor();
            another.read(fresh, structure, 0, structure.length);
            boolean ok = another.read(fresh, array, offset, length);
            int targets = DependencyDescriptorWriter.targets(0b1010, fresh.structure().targetCount());
            int written = writer.write(array, offset, length, target, 0, 77, ok ? targets : 0);
            return List.of(ok, ok ? fields(fresh) : "", written);
        });
    }
}
