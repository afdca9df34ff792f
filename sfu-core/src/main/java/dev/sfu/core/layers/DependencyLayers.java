package dev.sfu.core.layers;

import dev.sfu.core.codec.DependencyDescriptor;
import dev.sfu.core.codec.DependencyDescriptorWriter;
import dev.sfu.core.codec.DependencyStructure;
import dev.sfu.core.codec.PacketLayers;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Chooses packets of one stream by its dependency descriptors (AV1 RTP specification, appendix A.6): what the decode target that
 * plays needs is forwarded.
 *
 * <p>A decode target is <em>intact</em> while everything it needed since its latest switching point has been forwarded; only an
 * intact one may begin to play, at the start of a picture. So the one rule covers temporal layers, which are intact again
 * after any frame that is a switching point for them; lower spatial layers, which are intact unless upper ones do without
 * them; and upper spatial layers, which need a keyframe. What the network lost is not looked at: the receiver asks for it.
 *
 * <p>Verdicts are remembered for the latest frames, so that all packets of a frame share one.
 */
final class DependencyLayers {
    private static final int FRAMES = 256;
    /** How far before a late frame the one is looked for whose target it is treated by. */
    private static final int LATE_FRAMES = 32;
    /** How far after it one of its own picture is looked for, which is better. */
    private static final int LATE_LAYERS = 8;
    /** Forwarded frames that carry a changed mask of decode targets: more than are ever lost in a row without a keyframe request. */
    private static final int MASK_FRAMES = 8;

    private final long[] frames = new long[FRAMES];
    private final Verdict[] verdicts = new Verdict[FRAMES];
    private final long[] pictures = new long[FRAMES];
    private final byte[] targets = new byte[FRAMES];
    private final byte[] spatials = new byte[FRAMES];

    private int wantedSpatial;
    private int wantedTemporal;
    private int target;
    private int targetSpatial;
    private int targetTemporal;
    /** Whether that is all the sender produces. */
    private boolean playsAll;
    private int activeTargets;
    private boolean spatialAwaited;
    private int intact;
    private long keyframe;
    private long newestFrame;
    private long newestPicture;
    private boolean broken;
    private boolean marker;
    /** What the receiver has been told last of the decode targets it gets. */
    private int toldTargets;
    private long tellFromFrame;
    private int framesToTell;
    private boolean tells;

    DependencyLayers() {
        Arrays.fill(verdicts, Verdict.TOO_LATE);
    }

    /** Begins with the first packet of a keyframe, which has a structure. */
    void start(PacketLayers packet, int spatial, int temporal) {
        Arrays.fill(frames, Long.MIN_VALUE);
        newestFrame = packet.frame() - 1;
        newestPicture = packet.picture() - 1;
        setTarget(spatial, temporal);
    }

    void setTarget(int spatial, int temporal) {
        wantedSpatial = spatial;
        wantedTemporal = temporal;
    }

    int spatial() {
        return targetSpatial;
    }

    int temporal() {
        return targetTemporal;
    }

    /** Whether only a keyframe brings what is wanted. */
    boolean awaitsKeyframe() {
        return broken || spatialAwaited;
    }

    /** After {@link #decide}: whether the packet ends the picture for this subscriber. */
    boolean marker() {
        return marker;
    }

    Verdict decide(PacketLayers packet) {
        marker = false;
        tells = false;
        long frame = packet.frame();
        int slot = (int) frame & (FRAMES - 1);
        DependencyDescriptor dependencies = packet.dependencies();
        if (frames[slot] == frame) {
            if (frame == newestFrame && dependencies != null && dependencies.hasStructure()) {
                // Other packets of the keyframe came first: without the structure, of whatever fate they were.
                broken = !verdicts[slot].forwarded();
                if (!broken) {
                    begin(packet, dependencies);
                }
            }
        } else if (frame <= newestFrame - FRAMES) {
            return Verdict.TOO_LATE;
        } else {
            decideFrame(packet, dependencies, frame, slot);
        }
        if (dependencies != null && dependencies.hasStructure() && frame > keyframe) {
            adopt(frame, dependencies);
        }
        Verdict verdict = verdicts[slot];
        if (verdict == Verdict.FORWARD && dependencies != null) {
            marker = packet.endOfFrame() && packet.spatial() == spatials[slot];
            // Not by frame numbers, which encodings may share: the next forwarded one can be many numbers ahead.
            tells = framesToTell > 0 && packet.startOfFrame() && frame >= tellFromFrame;
            framesToTell -= tells ? 1 : 0;
        }
        return verdict;
    }

    private void decideFrame(PacketLayers packet, @Nullable DependencyDescriptor dependencies, long frame, int slot) {
        boolean late = frame < newestFrame;
        int playing = target;
        int spatial = targetSpatial;
        if (late) {
            int like = slotLike(frame, packet.picture());
            if (like < 0) {
                remember(packet, slot, Verdict.TOO_LATE, target, targetSpatial);
                return;
            }
            playing = targets[like];
            spatial = spatials[like];
        } else if (dependencies != null) {
            if (dependencies.hasStructure()) {
                begin(packet, dependencies);
            } else if (packet.picture() > newestPicture) {
                change(packet, dependencies);
            }
            if (dependencies.activeTargets() != activeTargets) {
                // The sender has just told of others.
                toldTargets = dependencies.activeTargets();
                tell(frame, dependencies);
            }
            playing = target;
            spatial = targetSpatial;
        }
        if (!late) {
            newestFrame = frame;
            newestPicture = Math.max(newestPicture, packet.picture());
        }
        Verdict verdict = dependencies == null
                ? verdictOfUnknown(late)
                : verdictOf(dependencies, Math.min(playing, dependencies.structure().targetCount() - 1), frame);
        remember(packet, slot, verdict, playing, spatial);
    }

    private void remember(PacketLayers packet, int slot, Verdict verdict, int playing, int spatial) {
        frames[slot] = packet.frame();
        pictures[slot] = packet.picture();
        verdicts[slot] = verdict;
        targets[slot] = (byte) playing;
        spatials[slot] = (byte) spatial;
    }

    /** What has been decided for other layers of a picture holds for all of it; else what held before. */
    private int slotLike(long frame, long picture) {
        for (int ahead = 1; ahead < LATE_LAYERS; ahead++) {
            int slot = (int) (frame + ahead) & (FRAMES - 1);
            if (frames[slot] == frame + ahead && pictures[slot] == picture) {
                return slot;
            }
        }
        for (int back = 1; back <= LATE_FRAMES; back++) {
            int slot = (int) (frame - back) & (FRAMES - 1);
            if (frames[slot] == frame - back) {
                return slot;
            }
        }
        return -1;
    }

    /** A keyframe: every decode target starts anew. */
    private void begin(PacketLayers packet, DependencyDescriptor dependencies) {
        intact = -1;
        broken = false;
        keyframe = packet.frame();
        toldTargets = dependencies.activeTargets();
        framesToTell = 0;
        play(wanted(dependencies), packet.frame(), dependencies);
        spatialAwaited = false;
    }

    /**
     * The structure of a keyframe that later frames have overtaken: the layers that play go on, as another of its decode targets,
     * and the receiver takes all of these for active again.
     */
    private void adopt(long frame, DependencyDescriptor dependencies) {
        keyframe = frame;
        toldTargets = -1 >>> (32 - dependencies.structure().targetCount());
        play(
                playsAll
                        ? find(dependencies, Integer.MAX_VALUE, Integer.MAX_VALUE, false)
                        : find(dependencies, targetSpatial, targetTemporal, false),
                frame,
                dependencies);
        intact = 1 << target;
        for (int i = 0; i < FRAMES; i++) {
            if (frames[i] >= frame) {
                targets[i] = (byte) target;
                spatials[i] = (byte) targetSpatial;
            }
        }
    }

    /** A picture begins: play what is wanted, or as much of it as can be played. */
    private void change(PacketLayers packet, DependencyDescriptor dependencies) {
        DependencyStructure structure = dependencies.structure();
        if (target >= structure.targetCount()) {
            return;
        }
        int wanted = wanted(dependencies);
        spatialAwaited = false;
        if (wanted == target) {
            return;
        }
        if (isIntact(wanted)) {
            play(wanted, packet.frame(), dependencies);
            return;
        }
        spatialAwaited = structure.targetSpatial(wanted) != targetSpatial;
        int sameSpatial = find(dependencies, targetSpatial, wantedTemporal, true);
        if (sameSpatial >= 0 && sameSpatial != target && isIntact(sameSpatial)) {
            play(sameSpatial, packet.frame(), dependencies);
        }
    }

    private boolean isIntact(int of) {
        return (intact & 1 << of) != 0;
    }

    private void play(int newTarget, long frame, DependencyDescriptor dependencies) {
        DependencyStructure structure = dependencies.structure();
        target = newTarget;
        targetSpatial = structure.targetSpatial(newTarget);
        targetTemporal = structure.targetTemporal(newTarget);
        tell(frame, dependencies);
    }

    private void tell(long frame, DependencyDescriptor dependencies) {
        DependencyStructure structure = dependencies.structure();
        activeTargets = dependencies.activeTargets();
        boolean all = true;
        for (int i = 0; i < structure.targetCount(); i++) {
            boolean produced = (activeTargets & 1 << i) != 0;
            all &= !produced || (structure.targetSpatial(i) <= targetSpatial && structure.targetTemporal(i) <= targetTemporal);
        }
        playsAll = all;
        int mask = activeTargets & structure.targetsWithin(Math.min(target, structure.targetCount() - 1));
        if (mask != toldTargets) {
            toldTargets = mask;
            tellFromFrame = frame;
            framesToTell = MASK_FRAMES;
        }
    }

    private int wanted(DependencyDescriptor dependencies) {
        return find(dependencies, wantedSpatial, wantedTemporal, false);
    }

    /** The highest active decode target within the given layers; the lowest of all if there is none and not {@code strictly}. */
    private static int find(DependencyDescriptor dependencies, int spatial, int temporal, boolean strictly) {
        DependencyStructure structure = dependencies.structure();
        int best = -1;
        int lowest = 0;
        int bestRank = -1;
        int lowestRank = Integer.MAX_VALUE;
        for (int i = 0; i < structure.targetCount(); i++) {
            int targetSpatial = structure.targetSpatial(i);
            int targetTemporal = structure.targetTemporal(i);
            int rank = targetSpatial << 3 | targetTemporal;
            if ((dependencies.activeTargets() & 1 << i) == 0) {
                continue;
            }
            if (targetSpatial <= spatial && targetTemporal <= temporal && rank > bestRank) {
                best = i;
                bestRank = rank;
            }
            if (rank < lowestRank) {
                lowest = i;
                lowestRank = rank;
            }
        }
        return best >= 0 || strictly ? best : lowest;
    }

    private Verdict verdictOf(DependencyDescriptor dependencies, int playing, long frame) {
        Verdict verdict = Verdict.FORWARD;
        int indication = dependencies.indication(playing);
        if (indication == DependencyDescriptor.NOT_PRESENT) {
            verdict = Verdict.NOT_SELECTED;
        } else {
            boolean chained = dependencies.structure().targetChain(playing) >= 0;
            boolean chainBroken = chained && breaksChain(dependencies, playing, frame);
            if (chainBroken || lacksReference(dependencies, frame)) {
                verdict = Verdict.UNDECODABLE;
                // What is not in the chain is missed until the next frame that is, and a keyframe would not bring it.
                boolean needed = chained ? chainBroken : indication != DependencyDescriptor.DISCARDABLE;
                broken |= needed && frame >= keyframe;
            }
        }
        if (frame < keyframe) {
            return verdict;
        }
        int count = dependencies.structure().targetCount();
        for (int i = 0; i < count; i++) {
            int of = dependencies.indication(i);
            if (verdict != Verdict.FORWARD && of != DependencyDescriptor.NOT_PRESENT) {
                intact &= ~(1 << i);
            } else if (verdict == Verdict.FORWARD && of == DependencyDescriptor.SWITCH && frame == newestFrame) {
                // A late one says nothing of those that have been left out after it.
                intact |= 1 << i;
            }
        }
        return verdict;
    }

    private boolean lacksReference(DependencyDescriptor dependencies, long frame) {
        for (int i = 0; i < dependencies.referenceCount(); i++) {
            if (leftOut(frame - dependencies.reference(i))) {
                return true;
            }
        }
        return false;
    }

    private boolean breaksChain(DependencyDescriptor dependencies, int playing, long frame) {
        int back = dependencies.chain(dependencies.structure().targetChain(playing));
        return back > 0 && leftOut(frame - back);
    }

    private boolean leftOut(long frame) {
        int slot = (int) frame & (FRAMES - 1);
        return frames[slot] == frame && !verdicts[slot].forwarded();
    }

    /** Without its structure nothing is known of a frame: it goes on if everything does, but not from before a later keyframe. */
    private Verdict verdictOfUnknown(boolean late) {
        return playsAll && !late ? Verdict.FORWARD : Verdict.NOT_SELECTED;
    }

    /** After {@link #decide}: decode targets to write into the descriptor, for {@link DependencyDescriptorWriter}, or 0. */
    int targetsToTell(PacketLayers packet) {
        DependencyDescriptor dependencies = packet.dependencies();
        return dependencies == null || !tells
                ? 0
                : DependencyDescriptorWriter.targets(toldTargets, dependencies.structure().targetCount());
    }
}
