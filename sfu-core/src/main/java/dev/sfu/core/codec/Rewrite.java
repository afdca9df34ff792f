package dev.sfu.core.codec;

/**
 * What is rewritten in a forwarded packet besides its RTP header, in one number, so that a retransmission can repeat it.
 *
 * <p>Picture id, TL0PICIDX and KEYIDX of the payload descriptor; frame number and decode targets of the dependency descriptor.
 */
public final class Rewrite {
    /** Nothing is rewritten. */
    public static final long NONE = 0;

    private static final int TL0_SHIFT = 15;
    private static final int KEY_SHIFT = 23;
    private static final long PAYLOAD = 1L << 28;
    private static final int FRAME_SHIFT = 29;
    private static final long DEPENDENCIES = 1L << 45;
    private static final int TARGETS_SHIFT = 46;
    private static final long WIDE = 1L << 63;
    private static final int TARGETS_MASK = (1 << (DependencyDescriptorWriter.MAX_TARGETS + 1)) - 1;

    private Rewrite() {}

    /** A payload descriptor with these numbers; each is written only where the descriptor has one. */
    public static long payload(int pictureId, int tl0PicIdx, int keyIdx) {
        return PAYLOAD
                | (pictureId & 0x7FFF)
                | (long) (tl0PicIdx & 0xFF) << TL0_SHIFT
                | (long) (keyIdx & 0x1F) << KEY_SHIFT;
    }

    /** The same with a picture id of 15 bits where the descriptor has one of 7, since the two are not to be mixed in a stream. */
    public static long widened(long payload) {
        return payload | WIDE;
    }

    /**
     * The rewrite with a dependency descriptor besides.
     *
     * @param targets of {@link DependencyDescriptorWriter#targets}, or 0
     */
    public static long withDependencies(long rewrite, int frameNumber, int targets) {
        return rewrite
                | DEPENDENCIES
                | (long) (frameNumber & 0xFFFF) << FRAME_SHIFT
                | (long) (targets & TARGETS_MASK) << TARGETS_SHIFT;
    }

    /** Whether the payload descriptor is rewritten. */
    public static boolean ofPayload(long rewrite) {
        return (rewrite & PAYLOAD) != 0;
    }

    /** Whether a picture id of 7 bits becomes one of 15. */
    public static boolean widens(long rewrite) {
        return (rewrite & WIDE) != 0;
    }

    /** Whether the dependency descriptor is rewritten. */
    public static boolean ofDependencies(long rewrite) {
        return (rewrite & DEPENDENCIES) != 0;
    }

    /** Picture id, 15 bits. */
    public static int pictureId(long rewrite) {
        return (int) rewrite & 0x7FFF;
    }

    /** Base layer index, 8 bits. */
    public static int tl0PicIdx(long rewrite) {
        return (int) (rewrite >>> TL0_SHIFT) & 0xFF;
    }

    /** Temporal key frame index, 5 bits. */
    public static int keyIdx(long rewrite) {
        return (int) (rewrite >>> KEY_SHIFT) & 0x1F;
    }

    /** Frame number, 16 bits. */
    public static int frameNumber(long rewrite) {
        return (int) (rewrite >>> FRAME_SHIFT) & 0xFFFF;
    }

    /** Decode targets for {@link DependencyDescriptorWriter#write}. */
    public static int targets(long rewrite) {
        return (int) (rewrite >>> TARGETS_SHIFT) & TARGETS_MASK;
    }
}
