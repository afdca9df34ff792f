package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dependency descriptors of one incoming stream (AV1 RTP specification, appendix A), with the structures that the
 * latest keyframes brought.
 *
 * <p>Late packets of frames from before the latest structure are read with the structure before it.
 */
public final class DependencyReader {
    /** A repaired keyframe comes less late than this. */
    private static final int RESTART_FRAMES = 512;

    private final BitReader in = new BitReader();
    private DependencyStructure current = new DependencyStructure();
    private DependencyStructure former = new DependencyStructure();
    private DependencyStructure spare = new DependencyStructure();
    /** Structures known: 0, 1 or 2. */
    private int structures;
    private int activeTargets;
    private long activeSince;
    private boolean started;
    private long highestFrame;

    /** No structure known. */
    public DependencyReader() {}

    /**
     * Looks at the descriptor of the next packet.
     *
     * @param view filled with what it says
     * @return false if it is malformed or its structure is not known; the view's frame number, start and end are valid anyway if
     *     {@code length} is at least {@link DependencyDescriptor#MANDATORY_BYTES}
     */
    public boolean read(DependencyDescriptor view, byte[] array, int offset, int length) {
        view.hasStructure = false;
        if (length < DependencyDescriptor.MANDATORY_BYTES) {
            return false;
        }
        view.startOfFrame = (array[offset] & 0x80) != 0;
        view.endOfFrame = (array[offset] & 0x40) != 0;
        int templateId = array[offset] & 0x3F;
        in.reset(array, offset + DependencyDescriptor.MANDATORY_BYTES, length - DependencyDescriptor.MANDATORY_BYTES);
        int flags = length > DependencyDescriptor.MANDATORY_BYTES ? (int) in.bits(5) : 0;
        boolean brings = (flags & 0x10) != 0;
        view.frame = unwrap(Bytes.u16(array, offset + 1), brings);
        if (brings && !spare.read(in)) {
            return false;
        }
        DependencyStructure mine = brings ? spare : structureOf(view.frame);
        if (mine == null) {
            return false;
        }
        int active = 0;
        boolean changesActive = (flags & 0x08) != 0;
        if (changesActive) {
            active = (int) in.bits(mine.targetCount());
        }
        int template = mine.templateIndex(templateId);
        if (template < 0 || !view.readDefinition(in, mine, template, flags)) {
            return false;
        }
        if (brings) {
            install(view.frame);
        }
        view.hasStructure = brings;
        view.structure = mine;
        noteActive(view, changesActive, active);
        view.activeTargets = activeTargets;
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
    private void install(long frame) {
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

    private void noteActive(DependencyDescriptor view, boolean changesActive, int active) {
        if ((!view.hasStructure && !changesActive) || view.structure != current || view.frame < activeSince) {
            return;
        }
        activeSince = view.frame;
        activeTargets = changesActive ? active : -1 >>> (32 - current.targetCount());
    }
}
