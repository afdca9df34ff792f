package dev.sfu.core.codec;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes dependency descriptors as an encoder of a scalability mode does; what real encoders write is in the recorded traces.
 *
 * <p>A mode is a list of templates in the order in which frames take them, the first picture's first.
 */
public final class ScalabilityMode {
    /**
     * One template.
     *
     * @param id index in the structure, where templates are sorted by layer
     * @param indications one of {@code -DSR} for each decode target
     * @param chains distance to the previous frame of each chain
     * @param references distances to the frames referred to
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Template(int id, int spatial, int temporal, String indications, int[] chains, int... references) {}

    /** Three temporal layers. */
    public static final ScalabilityMode L1T3 = new ScalabilityMode(
            new int[] {0, 0, 0},
            List.of(template(0, 0, 0, "SSS", chains(0))),
            List.of(
                    template(3, 0, 2, "--D", chains(1), 1),
                    template(2, 0, 1, "-DS", chains(2), 2),
                    template(4, 0, 2, "--D", chains(3), 1),
                    template(1, 0, 0, "SSS", chains(4), 4)));

    /** Three spatial and three temporal layers, each frame referring to the one below it. */
    public static final ScalabilityMode L3T3 = new ScalabilityMode(
            new int[] {0, 0, 0, 1, 1, 1, 2, 2, 2},
            List.of(
                    template(1, 0, 0, "SSSSSSSSS", chains(0, 0, 0)),
                    template(6, 1, 0, "---SSSSSS", chains(1, 0, 0), 1),
                    template(11, 2, 0, "------SSS", chains(2, 1, 0), 1)),
            List.of(
                    template(3, 0, 2, "--D--R--R", chains(3, 2, 1), 3),
                    template(8, 1, 2, "-----D--R", chains(4, 3, 2), 3, 1),
                    template(13, 2, 2, "--------D", chains(5, 4, 3), 3, 1),
                    template(2, 0, 1, "-DS-RR-RR", chains(6, 5, 4), 6),
                    template(7, 1, 1, "----DS-RR", chains(7, 6, 5), 6, 1),
                    template(12, 2, 1, "-------DS", chains(8, 7, 6), 6, 1),
                    template(4, 0, 2, "--D--R--R", chains(9, 8, 7), 3),
                    template(9, 1, 2, "-----D--R", chains(10, 9, 8), 3, 1),
                    template(14, 2, 2, "--------D", chains(11, 10, 9), 3, 1),
                    template(0, 0, 0, "SSSRRRRRR", chains(12, 11, 10), 12),
                    template(5, 1, 0, "---SSSRRR", chains(1, 1, 1), 12, 1),
                    template(10, 2, 0, "------SSS", chains(2, 1, 1), 12, 1)));

    /** The same, but only keyframes refer to the spatial layer below. */
    public static final ScalabilityMode L3T3_KEY = new ScalabilityMode(
            new int[] {0, 0, 0, 1, 1, 1, 2, 2, 2},
            List.of(
                    template(1, 0, 0, "SSSSSSSSS", chains(0, 0, 0)),
                    template(6, 1, 0, "---SSSSSS", chains(1, 0, 0), 1),
                    template(11, 2, 0, "------SSS", chains(2, 1, 0), 1)),
            List.of(
                    template(3, 0, 2, "--D------", chains(3, 2, 1), 3),
                    template(8, 1, 2, "-----D---", chains(4, 3, 2), 3),
                    template(13, 2, 2, "--------D", chains(5, 4, 3), 3),
                    template(2, 0, 1, "-DS------", chains(6, 5, 4), 6),
                    template(7, 1, 1, "----DS---", chains(7, 6, 5), 6),
                    template(12, 2, 1, "-------DS", chains(8, 7, 6), 6),
                    template(4, 0, 2, "--D------", chains(9, 8, 7), 3),
                    template(9, 1, 2, "-----D---", chains(10, 9, 8), 3),
                    template(14, 2, 2, "--------D", chains(11, 10, 9), 3),
                    template(0, 0, 0, "SSS------", chains(12, 11, 10), 12),
                    template(5, 1, 0, "---SSS---", chains(13, 12, 11), 12),
                    template(10, 2, 0, "------SSS", chains(14, 13, 12), 12)));

    /** Two encodings in one stream: spatial layers that do without each other. */
    public static final ScalabilityMode S2T1 = new ScalabilityMode(
            new int[] {0, 1},
            List.of(
                    template(1, 0, 0, "S-", chains(0, 0)),
                    template(3, 1, 0, "-S", chains(1, 0))),
            List.of(
                    template(0, 0, 0, "S-", chains(2, 1), 2),
                    template(2, 1, 0, "-S", chains(1, 2), 2)));

    private final int[] chainOfTarget;
    private final List<Template> key;
    private final List<Template> cycle;

    private ScalabilityMode(int[] chainOfTarget, List<Template> key, List<Template> cycle) {
        this.chainOfTarget = chainOfTarget;
        this.key = key;
        this.cycle = cycle;
    }

    private static Template template(int id, int spatial, int temporal, String indications, int[] chains, int... references) {
        return new Template(id, spatial, temporal, indications, chains, references);
    }

    private static int[] chains(int... distances) {
        return distances;
    }

    /** The templates of the first picture's frames. */
    public List<Template> key() {
        return key;
    }

    /** The templates of all later frames, over and over. */
    public List<Template> cycle() {
        return cycle;
    }

    /** Decode targets. */
    public int targets() {
        return chainOfTarget.length;
    }

    /** A descriptor of three bytes. */
    public static byte[] plain(boolean start, boolean end, int templateId, int frameNumber) {
        return mandatory(start, end, templateId, frameNumber).bytes();
    }

    /** The descriptor of a keyframe's first packet. */
    public byte[] withStructure(boolean end, int templateIdOffset, Template template, int frameNumber) {
        BitWriter out = mandatory(true, end, (templateIdOffset + template.id()) % 64, frameNumber);
        out.bits(0b10000, 5);
        writeStructure(out, templateIdOffset);
        return out.bytes();
    }

    /** A descriptor that repeats what its template says and tells the active decode targets. */
    public byte[] custom(boolean start, boolean end, int templateId, int frameNumber, int active, Template says) {
        BitWriter out = mandatory(start, end, templateId, frameNumber);
        out.bits(0b01111, 5);
        out.bits(active, targets());
        writeIndications(out, says);
        for (int reference : says.references()) {
            int size = reference <= 16 ? 1 : reference <= 256 ? 2 : 3;
            out.bits(size, 2).bits(reference - 1, 4 * size);
        }
        out.bits(0, 2);
        for (int distance : says.chains()) {
            out.bits(distance, 8);
        }
        return out.bytes();
    }

    private static BitWriter mandatory(boolean start, boolean end, int templateId, int frameNumber) {
        return new BitWriter()
                .bits(start ? 1 : 0, 1)
                .bits(end ? 1 : 0, 1)
                .bits(templateId, 6)
                .bits(frameNumber & 0xFFFF, 16);
    }

    private void writeStructure(BitWriter out, int templateIdOffset) {
        List<Template> sorted = new ArrayList<>(key);
        sorted.addAll(cycle);
        sorted.sort((a, b) -> Integer.compare(a.id(), b.id()));
        out.bits(templateIdOffset, 6).bits(targets() - 1, 5);
        for (int i = 0; i < sorted.size(); i++) {
            Template next = i + 1 < sorted.size() ? sorted.get(i + 1) : null;
            out.bits(next == null ? 3
                    : next.spatial() > sorted.get(i).spatial() ? 2
                    : next.temporal() > sorted.get(i).temporal() ? 1
                    : 0, 2);
        }
        sorted.forEach(template -> writeIndications(out, template));
        for (Template template : sorted) {
            for (int reference : template.references()) {
                out.bits(1, 1).bits(reference - 1, 4);
            }
            out.bits(0, 1);
        }
        int chains = key.getFirst().chains().length;
        out.below(chains, targets() + 1);
        for (int chain : chainOfTarget) {
            out.below(chain, chains);
        }
        for (Template template : sorted) {
            for (int distance : template.chains()) {
                out.bits(distance, 4);
            }
        }
        out.bits(1, 1);
        int layers = key.getLast().spatial() + 1;
        for (int layer = 0; layer < layers; layer++) {
            out.bits((960 >> (layers - 1 - layer)) - 1, 16).bits((540 >> (layers - 1 - layer)) - 1, 16);
        }
    }

    private static void writeIndications(BitWriter out, Template template) {
        for (char indication : template.indications().toCharArray()) {
            out.bits("-DSR".indexOf(indication), 2);
        }
    }

    /** Bits, most significant first. */
    static final class BitWriter {
        private final List<Boolean> bits = new ArrayList<>();

        BitWriter bits(int value, int count) {
            for (int bit = count - 1; bit >= 0; bit--) {
                bits.add((value >>> bit & 1) != 0);
            }
            return this;
        }

        BitWriter below(int value, int bound) {
            int width = 32 - Integer.numberOfLeadingZeros(bound);
            int shorter = (1 << width) - bound;
            return value < shorter ? bits(value, width - 1) : bits(value + shorter, width);
        }

        byte[] bytes() {
            byte[] bytes = new byte[(bits.size() + 7) / 8];
            for (int i = 0; i < bits.size(); i++) {
                bytes[i / 8] |= (byte) (bits.get(i) ? 0x80 >> i % 8 : 0);
            }
            return bytes;
        }
    }
}
