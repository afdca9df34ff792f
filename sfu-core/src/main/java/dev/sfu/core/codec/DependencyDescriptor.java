package dev.sfu.core.codec;

/**
 * What the dependency descriptor of one packet says (AV1 RTP specification, appendix A): a view that {@link DependencyReader}
 * fills.
 *
 * <p>After a failed reading only what the mandatory fields say is known.
 */
public final class DependencyDescriptor {
    /** Length of the mandatory fields; a longer element has extended fields. */
    public static final int MANDATORY_BYTES = 3;

    /** The decode target does not need the frame. */
    public static final int NOT_PRESENT = 0;
    /** No other frame of the decode target needs the frame. */
    public static final int DISCARDABLE = 1;
    /** If the frame can be decoded, so can all later ones of the decode target. */
    public static final int SWITCH = 2;
    /** Other frames of the decode target may need the frame. */
    public static final int REQUIRED = 3;

    private static final int MAX_CUSTOM_REFERENCES = DependencyStructure.MAX_REFERENCES;
    private static final DependencyStructure UNKNOWN = new DependencyStructure();

    private final int[] references = new int[MAX_CUSTOM_REFERENCES];
    private final int[] chains = new int[DependencyStructure.MAX_CHAINS];
    DependencyStructure structure = UNKNOWN;
    int activeTargets;
    boolean startOfFrame;
    boolean endOfFrame;
    long frame;
    boolean hasStructure;
    private int spatial;
    private int temporal;
    private long indications;
    private int referenceCount;

    /** Nothing read yet. */
    public DependencyDescriptor() {}

    /** Reads what is behind the mandatory fields and the flags; false if it is malformed. */
    boolean readDefinition(BitReader in, DependencyStructure mine, int template, int flags) {
        spatial = mine.templateSpatial(template);
        temporal = mine.templateTemporal(template);
        indications = (flags & 0x04) != 0
                ? DependencyStructure.readIndications(in, mine.targetCount())
                : mine.templateIndications(template);
        referenceCount = 0;
        if ((flags & 0x02) != 0) {
            for (int size = (int) in.bits(2); size > 0; size = (int) in.bits(2)) {
                if (referenceCount == MAX_CUSTOM_REFERENCES) {
                    return false;
                }
                references[referenceCount++] = (int) in.bits(4 * size) + 1;
            }
        } else {
            referenceCount = mine.templateReferenceCount(template);
            for (int i = 0; i < referenceCount; i++) {
                references[i] = mine.templateReference(template, i);
            }
        }
        for (int chain = 0; chain < mine.chainCount(); chain++) {
            chains[chain] = (flags & 0x01) != 0 ? (int) in.bits(8) : mine.templateChain(template, chain);
        }
        return in.ok();
    }

    /** Whether the packet is the first of its frame. */
    public boolean startOfFrame() {
        return startOfFrame;
    }

    /** Whether the packet is the last of its frame. */
    public boolean endOfFrame() {
        return endOfFrame;
    }

    /** Number of the frame in decoding order, unwrapped; the low 16 bits are those on the wire. */
    public long frame() {
        return frame;
    }

    /** Whether the element brings a structure, as the first packet of a keyframe does. */
    public boolean hasStructure() {
        return hasStructure;
    }

    /** The structure that the frame belongs to. */
    public DependencyStructure structure() {
        return structure;
    }

    /** The decode targets that the sender produces now, bit 0 for the first. */
    public int activeTargets() {
        return activeTargets;
    }

    /** The frame's spatial layer, 0 to 7. */
    public int spatialLayer() {
        return spatial;
    }

    /** The frame's temporal layer, 0 to 7. */
    public int temporalLayer() {
        return temporal;
    }

    /** What the frame is to a decode target: one of the four constants; {@code target} is below the structure's count. */
    public int indication(int target) {
        return (int) (indications >>> (2 * target)) & 3;
    }

    /** Frames that this one refers to. */
    public int referenceCount() {
        return referenceCount;
    }

    /** How many frames back a reference lies, at least 1; {@code index} is below {@link #referenceCount()}. */
    public int reference(int index) {
        return references[index];
    }

    /** How many frames back the previous one of a chain lies, 0 at its start; {@code chain} is below the structure's count. */
    public int chain(int chain) {
        return chains[chain];
    }
}
