package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The dependency descriptors of one incoming stream (AV1 RTP specification, appendix A): a reusable view of one header
 * extension element, and the structure that the latest keyframe brought.
 *
 * <p>Late packets of frames from before the latest structure are read with the structure before it. After a failed parse only
 * what the mandatory fields say is known.
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

    /** A repaired keyframe comes less late than this. */
    private static final int RESTART_FRAMES = 512;
    private static final int MAX_CUSTOM_REFERENCES = DependencyStructure.MAX_REFERENCES;

    private final BitReader in = new BitReader();
    private final int[] references = new int[MAX_CUSTOM_REFERENCES];
    private final int[] chains = new int[DependencyStructure.MAX_CHAINS];
    private DependencyStructure current = new DependencyStructure();
    private DependencyStructure former = new DependencyStructure();
    private DependencyStructure spare = new DependencyStructure();
    /** Structures known: 0, 1 or 2. */
    private int structures;
    private int activeTargets;
    private long activeSince;
    private boolean started;
    private long highestFrame;

    private DependencyStructure structure = current;
    private boolean startOfFrame;
    private boolean endOfFrame;
    private long frame;
    private boolean hasStructure;
    private int spatial;
    private int temporal;
    private long indications;
    private int referenceCount;

    /** No structure known. */
    public DependencyDescriptor() {}

    /**
     * Looks at the descriptor of the next packet.
     *
     * @return false if it is malformed or its structure is not known; {@link #frame()}, {@link #startOfFrame()} and
     *         {@link #endOfFrame()} are valid anyway if {@code length} is at least {@link #MANDATORY_BYTES}
     */
    public boolean parse(byte[] array, int offset, int length) {
        hasStructure = false;
        if (length < MANDATORY_BYTES) {
            return false;
        }
        startOfFrame = (array[offset] & 0x80) != 0;
        endOfFrame = (array[offset] & 0x40) != 0;
        int templateId = array[offset] & 0x3F;
        in.reset(array, offset + MANDATORY_BYTES, length - MANDATORY_BYTES);
        int flags = length > MANDATORY_BYTES ? (int) in.bits(5) : 0;
        boolean brings = (flags & 0x10) != 0;
        frame = unwrap(Bytes.u16(array, offset + 1), brings);
        if (brings && !spare.read(in)) {
            return false;
        }
        DependencyStructure mine = brings ? spare : structureOf(frame);
        if (mine == null) {
            return false;
        }
        int active = 0;
        boolean changesActive = (flags & 0x08) != 0;
        if (changesActive) {
            active = (int) in.bits(mine.targetCount());
        }
        int template = mine.templateIndex(templateId);
        if (template < 0 || !readDefinition(mine, template, flags)) {
            return false;
        }
        if (brings) {
            install();
        }
        hasStructure = brings;
        structure = mine;
        noteActive(brings, changesActive, active);
        return true;
    }

    private long unwrap(int number, boolean brings) {
        long unwrapped = started ? highestFrame + (short) (number - (int) highestFrame) : number;
        if (brings && started && unwrapped < highestFrame - RESTART_FRAMES) {
            // A keyframe that far back is no late one: the encoder has started to count anew.
            unwrapped += 0x10000;
        }
        if (!started || unwrapped > highestFrame) {
            started = true;
            highestFrame = unwrapped;
        }
        return unwrapped;
    }

    /** The structure of a frame by its number, or null when that is not known. */
    private @Nullable DependencyStructure structureOf(long number) {
        if (structures > 0 && number >= current.firstFrame()) {
            return current;
        }
        return structures > 1 && number >= former.firstFrame() ? former : null;
    }

    /** Makes the structure just read the current one, or the former if its keyframe is late. */
    private void install() {
        spare.setFirstFrame(frame);
        DependencyStructure read = spare;
        if (structures == 0 || frame >= current.firstFrame()) {
            if (structures > 0 && frame == current.firstFrame()) {
                spare = current;
            } else {
                spare = former;
                former = current;
                structures = Math.min(structures + 1, 2);
            }
            current = read;
        } else {
            spare = former;
            former = read;
            structures = 2;
        }
    }

    private boolean readDefinition(DependencyStructure mine, int template, int flags) {
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

    private void noteActive(boolean brings, boolean changesActive, int active) {
        if ((!brings && !changesActive) || structure != current || frame < activeSince) {
            return;
        }
        activeSince = frame;
        activeTargets = changesActive ? active : -1 >>> (32 - structure.targetCount());
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
