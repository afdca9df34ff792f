package dev.sfu.core.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One dependency descriptor (AV1 RTP specification, appendix A.8), read with the structure in force.
 *
 * @param structure of which it is
 * @param brings whether the structure came with it
 * @param activeTargets the mask that came with it, or -1 without
 */
// Nobody changes the arrays.
@SuppressWarnings("ArrayRecordComponent")
record Dependencies(
        Structure structure,
        boolean brings,
        boolean start,
        boolean end,
        int frame,
        int activeTargets,
        int spatial,
        int temporal,
        int[] indications,
        int[] differences,
        int[] chains) {

    private record Template(int spatial, int temporal, int[] indications, int[] differences, int[] chains) {}

    /** What templates mean. */
    record Structure(int offset, int targets, int chains, int[] targetChains, List<Template> templates) {
        int allTargets() {
            return (1 << targets) - 1;
        }
    }

    /** Reads bits, the highest of a byte first. */
    private static final class Bits {
        private final byte[] bytes;
        private int at;

        Bits(byte[] bytes) {
            this.bytes = bytes;
        }

        int take(int count) {
            int value = 0;
            for (int i = 0; i < count; i++, at++) {
                value = (value << 1) | ((bytes[at >> 3] >> (7 - (at & 7))) & 1);
            }
            return value;
        }

        int[] takeEach(int count, int bits) {
            int[] values = new int[count];
            for (int i = 0; i < count; i++) {
                values[i] = take(bits);
            }
            return values;
        }

        /** {@code ns(n)}. */
        int below(int n) {
            int width = 32 - Integer.numberOfLeadingZeros(n);
            int shorter = (1 << width) - n;
            int value = take(width - 1);
            return value < shorter ? value : (value << 1) - shorter + take(1);
        }
    }

    /** Reads a descriptor; null if its structure is missing. */
    static @Nullable Dependencies read(byte[] bytes, @Nullable Structure known) {
        Bits in = new Bits(bytes);
        boolean start = in.take(1) == 1;
        boolean end = in.take(1) == 1;
        int templateId = in.take(6);
        int frame = in.take(16);
        int flags = bytes.length > 3 ? in.take(5) : 0;
        boolean brings = (flags & 16) != 0;
        Structure structure = brings ? structure(in) : known;
        if (structure == null) {
            return null;
        }
        int active = brings ? structure.allTargets() : -1;
        if ((flags & 8) != 0) {
            active = in.take(structure.targets());
        }
        int index = (templateId - structure.offset()) & 63;
        if (index >= structure.templates().size()) {
            return null;
        }
        Template template = structure.templates().get(index);
        int[] indications = (flags & 4) != 0 ? in.takeEach(structure.targets(), 2) : template.indications();
        int[] differences = template.differences();
        if ((flags & 2) != 0) {
            List<Integer> read = new ArrayList<>();
            for (int size = in.take(2); size > 0; size = in.take(2)) {
                read.add(in.take(4 * size) + 1);
            }
            differences = read.stream().mapToInt(Integer::intValue).toArray();
        }
        int[] chains = (flags & 1) != 0 ? in.takeEach(structure.chains(), 8) : template.chains();
        return new Dependencies(structure, brings, start, end, frame, active, template.spatial(), template.temporal(),
                indications, differences, chains);
    }

    private static Structure structure(Bits in) {
        int offset = in.take(6);
        int targets = in.take(5) + 1;
        List<int[]> layers = new ArrayList<>();
        int spatial = 0;
        int temporal = 0;
        int next;
        do {
            layers.add(new int[] {spatial, temporal});
            next = in.take(2);
            temporal = next == 1 ? temporal + 1 : next == 2 ? 0 : temporal;
            spatial += next == 2 ? 1 : 0;
        } while (next != 3);
        List<int[]> indications = new ArrayList<>();
        layers.forEach(layer -> indications.add(in.takeEach(targets, 2)));
        List<int[]> differences = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            int[] read = new int[16];
            int count = 0;
            while (in.take(1) == 1) {
                read[count++] = in.take(4) + 1;
            }
            differences.add(Arrays.copyOf(read, count));
        }
        int chains = in.below(targets + 1);
        int[] targetChains = new int[targets];
        for (int i = 0; i < targets && chains > 0; i++) {
            targetChains[i] = in.below(chains);
        }
        List<Template> templates = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            templates.add(new Template(
                    layers.get(i)[0], layers.get(i)[1], indications.get(i), differences.get(i),
                    chains == 0 ? new int[0] : in.takeEach(chains, 4)));
        }
        return new Structure(offset, targets, chains, targetChains, templates);
    }

    /** Which decode targets have the frame. */
    int presentIn() {
        int mask = 0;
        for (int i = 0; i < indications.length; i++) {
            mask |= indications[i] == 0 ? 0 : 1 << i;
        }
        return mask;
    }
}
