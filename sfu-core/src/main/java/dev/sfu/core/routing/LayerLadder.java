package dev.sfu.core.routing;

import dev.sfu.core.api.SlotWish;
import dev.sfu.core.layers.LayerChoice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may be given to a slot for what is wanted there, step by step: each step is a better picture and costs more.
 *
 * <p>Nothing is of use above the smallest picture that fills the wished size; one that is a little too small counts as
 * filling it. Of a picture size all frame rates are steps for a screen, on which sharpness is worth more than motion. For a camera
 * low frame rates of a size are left out where there is a smaller size that is more fluent: a smooth small picture is better
 * than a jerky large one.
 *
 * @param steps ascending in quality and cost; empty when nothing flows
 * @param limit why there is nothing above the last step
 * @param wanted what would be best for the slot of all that is known, flowing or not; null when nothing is known
 * @param onlyBase whether spatial layers are left out because the receiver could make nothing of them
 */
record LayerLadder(
        List<LayerChoice> steps, AllocationReason limit, @Nullable LayerChoice wanted, boolean onlyBase) {
    /** Nothing to choose from. */
    static final LayerLadder EMPTY = new LayerLadder(List.of(), AllocationReason.NO_MEDIA, null, false);

    /** Of the wished pixels, in percent, those that a picture must have to be large enough: 0.85 in each direction. */
    private static final int ENOUGH_PERCENT = 72;
    /** More frames than wished that are let pass: measurements are not exact. */
    private static final double FRAME_RATE_SLACK = 1.15;
    /** Of the frames of a size, those that a camera's step must have. */
    private static final double SMOOTH = 0.45;

    /** Makes it for what is known of a track, in ascending order. */
    static LayerLadder of(List<LayerChoice> known, SlotWish wish, boolean screen) {
        if (known.isEmpty()) {
            return EMPTY;
        }
        Limited all = limit(known, wish);
        List<LayerChoice> flowing = new ArrayList<>();
        for (LayerChoice choice : known) {
            if (choice.flows()) {
                flowing.add(choice);
            }
        }
        LayerChoice wanted = all.choices.getLast();
        if (flowing.isEmpty()) {
            return new LayerLadder(List.of(), AllocationReason.NO_MEDIA, wanted, false);
        }
        Limited now = limit(flowing, wish);
        return new LayerLadder(ascending(screen ? now.choices : smooth(now.choices)), now.reason, wanted, false);
    }

    /** The same without spatial layers above the lowest, be it those that come later. */
    LayerLadder withoutSpatialLayers() {
        List<LayerChoice> base = new ArrayList<>(steps);
        base.removeIf(step -> step.spatial() > 0);
        return new LayerLadder(base, limit, wanted, true);
    }

    private record Limited(List<LayerChoice> choices, AllocationReason reason) {}

    /** Leaves out what is beyond the wish. */
    private static Limited limit(List<LayerChoice> from, SlotWish wish) {
        AllocationReason reason = AllocationReason.BEST_AVAILABLE;
        List<LayerChoice> within = new ArrayList<>();
        LayerChoice former = null;
        int level = -1;
        for (LayerChoice choice : from) {
            boolean next = former == null || !choice.sameLevel(former);
            level += next ? 1 : 0;
            if (next && former != null && level > wish.maxLayer()) {
                reason = AllocationReason.WISH_LAYER;
                break;
            }
            if (next && former != null && fills(former, wish)) {
                reason = AllocationReason.WISH_SIZE;
                break;
            }
            boolean tooFluent = wish.maxFramesPerSecond() > 0
                    && choice.framesPerSecond() > wish.maxFramesPerSecond() * FRAME_RATE_SLACK;
            // Something of every size stays.
            if (next || !tooFluent) {
                within.add(choice);
                reason = AllocationReason.BEST_AVAILABLE;
            } else {
                reason = AllocationReason.WISH_FRAME_RATE;
            }
            former = choice;
        }
        return new Limited(within, reason);
    }

    /** Whether larger pictures are of no use. */
    private static boolean fills(LayerChoice choice, SlotWish wish) {
        if (wish.width() > 0 && wish.height() > 0) {
            return choice.pixels() * 100 >= (long) wish.width() * wish.height() * ENOUGH_PERCENT;
        }
        // One side squared instead of the area.
        long side = wish.width() > 0 ? choice.width() : choice.height();
        long wished = wish.width() > 0 ? wish.width() : wish.height();
        return wished > 0 && side * side * 100 >= wished * wished * ENOUGH_PERCENT;
    }

    private static List<LayerChoice> smooth(List<LayerChoice> choices) {
        List<LayerChoice> smooth = new ArrayList<>();
        LayerChoice lowest = choices.getFirst();
        int mostFluent = 0;
        for (int i = 0; i < choices.size(); i++) {
            LayerChoice choice = choices.get(i);
            int top = i;
            while (top + 1 < choices.size() && choices.get(top + 1).sameLevel(choice)) {
                top++;
            }
            // A publisher short of processor time sends a few frames of its largest encoding.
            int full = Math.max(choices.get(top).framesPerSecond(), mostFluent);
            boolean known = choice.framesPerSecond() > 0;
            if (choice.sameLevel(lowest) || choice.framesPerSecond() >= SMOOTH * full || (i == top && !known)) {
                smooth.add(choice);
            }
            if (i == top) {
                mostFluent = full;
            }
        }
        return smooth;
    }

    /** Leaves out what costs no less than something better. */
    private static List<LayerChoice> ascending(List<LayerChoice> choices) {
        List<LayerChoice> steps = new ArrayList<>();
        long above = Long.MAX_VALUE;
        for (int i = choices.size() - 1; i >= 0; i--) {
            LayerChoice choice = choices.get(i);
            if (choice.bitrateBps() < above) {
                steps.addFirst(choice);
                above = choice.bitrateBps();
            }
        }
        return steps;
    }

    /**
     * The step at which {@code present} is, or the highest that costs no more if it is none of them any more, or -1 if all cost
     * more.
     */
    int stepOf(LayerChoice present) {
        int step = -1;
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).sameLayers(present)) {
                return i;
            }
            if (steps.get(i).bitrateBps() <= present.bitrateBps()) {
                step = i;
            }
        }
        return step;
    }
}
