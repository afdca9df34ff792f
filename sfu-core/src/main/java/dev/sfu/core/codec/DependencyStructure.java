package dev.sfu.core.codec;

import java.util.Arrays;

/**
 * What the frames of a scalable stream look like: templates for their layers and references, decode targets, and the chains
 * that protect these (AV1 RTP specification, appendix A.8.2, {@code template_dependency_structure}).
 *
 * <p>Reused: {@link #read} overwrites it.
 */
public final class DependencyStructure {
    /** Decode targets that can be described. */
    public static final int MAX_TARGETS = 32;

    static final int MAX_TEMPLATES = 64;
    static final int MAX_CHAINS = MAX_TARGETS;
    /** References of one template; encoders have eight buffers. */
    static final int MAX_REFERENCES = 16;
    static final int MAX_SPATIAL_LAYERS = 8;
    private static final int MAX_TEMPORAL_LAYERS = 8;
    private static final int NEXT_TEMPORAL = 1;
    private static final int NEXT_SPATIAL = 2;
    private static final int LAST_TEMPLATE = 3;

    private final byte[] templateSpatial = new byte[MAX_TEMPLATES];
    private final byte[] templateTemporal = new byte[MAX_TEMPLATES];
    /** Two bits for each decode target, the first one lowest. */
    private final long[] templateIndications = new long[MAX_TEMPLATES];
    private final byte[] templateReferenceCounts = new byte[MAX_TEMPLATES];
    private final byte[] templateReferences = new byte[MAX_TEMPLATES * MAX_REFERENCES];
    private final byte[] templateChains = new byte[MAX_TEMPLATES * MAX_CHAINS];
    private final byte[] targetSpatial = new byte[MAX_TARGETS];
    private final byte[] targetTemporal = new byte[MAX_TARGETS];
    private final byte[] targetChain = new byte[MAX_TARGETS];
    private final int[] targetsWithin = new int[MAX_TARGETS];
    private final int[] widths = new int[MAX_SPATIAL_LAYERS];
    private final int[] heights = new int[MAX_SPATIAL_LAYERS];

    private int templateIdOffset;
    private int templateCount;
    private int targetCount;
    private int chainCount;
    private int maxSpatial;
    private int maxTemporal;
    private boolean hasResolutions;
    private long firstFrame;

    DependencyStructure() {}

    /** Reads the structure at the reader's position; false, with nothing to be used, if it is malformed. */
    boolean read(BitReader in) {
        templateIdOffset = (int) in.bits(6);
        targetCount = (int) in.bits(5) + 1;
        chainCount = 0;
        if (!readLayers(in)) {
            return false;
        }
        for (int template = 0; template < templateCount; template++) {
            templateIndications[template] = readIndications(in, targetCount);
        }
        if (!in.ok() || !readReferences(in)) {
            return false;
        }
        readChains(in);
        if (!in.ok()) {
            return false;
        }
        deriveTargetLayers();
        hasResolutions = in.flag();
        for (int spatial = 0; spatial <= maxSpatial && hasResolutions; spatial++) {
            widths[spatial] = (int) in.bits(16) + 1;
            heights[spatial] = (int) in.bits(16) + 1;
        }
        return in.ok();
    }

    private boolean readLayers(BitReader in) {
        int spatial = 0;
        int temporal = 0;
        int next;
        templateCount = 0;
        maxTemporal = 0;
        do {
            if (templateCount == MAX_TEMPLATES || spatial >= MAX_SPATIAL_LAYERS || temporal >= MAX_TEMPORAL_LAYERS) {
                return false;
            }
            templateSpatial[templateCount] = (byte) spatial;
            templateTemporal[templateCount++] = (byte) temporal;
            maxTemporal = Math.max(maxTemporal, temporal);
            next = (int) in.bits(2);
            if (next == NEXT_TEMPORAL) {
                temporal++;
            } else if (next == NEXT_SPATIAL) {
                temporal = 0;
                spatial++;
            }
        } while (next != LAST_TEMPLATE && in.ok());
        maxSpatial = spatial;
        return in.ok();
    }

    static long readIndications(BitReader in, int targets) {
        long indications = 0;
        for (int target = 0; target < targets; target++) {
            indications |= in.bits(2) << (2 * target);
        }
        return indications;
    }

    private boolean readReferences(BitReader in) {
        for (int template = 0; template < templateCount; template++) {
            int count = 0;
            while (in.flag()) {
                if (count == MAX_REFERENCES) {
                    return false;
                }
                templateReferences[template * MAX_REFERENCES + count++] = (byte) (in.bits(4) + 1);
            }
            templateReferenceCounts[template] = (byte) count;
        }
        return in.ok();
    }

    private void readChains(BitReader in) {
        chainCount = in.below(targetCount + 1);
        for (int target = 0; target < targetCount && chainCount > 0; target++) {
            targetChain[target] = (byte) in.below(chainCount);
        }
        for (int template = 0; template < templateCount; template++) {
            for (int chain = 0; chain < chainCount; chain++) {
                templateChains[template * MAX_CHAINS + chain] = (byte) in.bits(4);
            }
        }
    }

    /** A target's layers are the highest of the frames it needs. In one pass: a peer may send a structure with every packet. */
    private void deriveTargetLayers() {
        Arrays.fill(targetSpatial, 0, targetCount, (byte) 0);
        Arrays.fill(targetTemporal, 0, targetCount, (byte) 0);
        Arrays.fill(targetsWithin, 0, targetCount, -1 >>> (32 - targetCount));
        for (int template = 0; template < templateCount; template++) {
            long indications = templateIndications[template];
            int needing = 0;
            for (int target = 0; target < targetCount; target++) {
                if ((indications >>> (2 * target) & 3) != DependencyDescriptor.NOT_PRESENT) {
                    needing |= 1 << target;
                    targetSpatial[target] = (byte) Math.max(targetSpatial[target], templateSpatial[template]);
                    targetTemporal[target] = (byte) Math.max(targetTemporal[target], templateTemporal[template]);
                }
            }
            for (int target = 0; target < targetCount; target++) {
                targetsWithin[target] &= (needing & 1 << target) != 0 ? -1 : ~needing;
            }
        }
    }

    void setFirstFrame(long frame) {
        firstFrame = frame;
    }

    /** The unwrapped number of the frame that brought this structure; earlier frames belong to another. */
    long firstFrame() {
        return firstFrame;
    }

    /** Index of the template with an identifier, or -1. */
    int templateIndex(int templateId) {
        int index = (templateId - templateIdOffset) & (MAX_TEMPLATES - 1);
        return index < templateCount ? index : -1;
    }

    int templateSpatial(int template) {
        return templateSpatial[template];
    }

    int templateTemporal(int template) {
        return templateTemporal[template];
    }

    long templateIndications(int template) {
        return templateIndications[template];
    }

    int templateReferenceCount(int template) {
        return templateReferenceCounts[template];
    }

    int templateReference(int template, int index) {
        return templateReferences[template * MAX_REFERENCES + index];
    }

    int templateChain(int template, int chain) {
        return templateChains[template * MAX_CHAINS + chain];
    }

    /** Decode targets, 1 to {@link #MAX_TARGETS}. */
    public int targetCount() {
        return targetCount;
    }

    /** Highest spatial layer of a decode target, 0 to 7; {@code target} is below {@link #targetCount()}. */
    public int targetSpatial(int target) {
        return targetSpatial[target];
    }

    /** Highest temporal layer of a decode target, 0 to 7; {@code target} is below {@link #targetCount()}. */
    public int targetTemporal(int target) {
        return targetTemporal[target];
    }

    /**
     * The decode targets that need no frame that {@code target} does without, itself among them, bit 0 for the first. Upper
     * spatial layers may do without frames of lower ones. {@code target} is below {@link #targetCount()}.
     */
    public int targetsWithin(int target) {
        return targetsWithin[target];
    }

    /** The chain that protects a decode target, or -1 without chains; {@code target} is below {@link #targetCount()}. */
    public int targetChain(int target) {
        return chainCount == 0 ? -1 : targetChain[target];
    }

    /** Chains, 0 to {@link #targetCount()}. */
    public int chainCount() {
        return chainCount;
    }

    /** Highest spatial layer, 0 to 7. */
    public int maxSpatial() {
        return maxSpatial;
    }

    /** Highest temporal layer, 0 to 7. */
    public int maxTemporal() {
        return maxTemporal;
    }

    /** Width of a spatial layer in pixels, or 0 if the structure does not say. */
    public int width(int spatial) {
        return hasResolutions && spatial >= 0 && spatial <= maxSpatial ? widths[spatial] : 0;
    }

    /** Height of a spatial layer in pixels, or 0 if the structure does not say. */
    public int height(int spatial) {
        return hasResolutions && spatial >= 0 && spatial <= maxSpatial ? heights[spatial] : 0;
    }
}
