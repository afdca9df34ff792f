package dev.sfu.core.routing;

import dev.sfu.core.api.SlotWish;
import dev.sfu.core.layers.LayerChoice;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Divides what one subscriber's network carries between its video slots. Decides only; see {@link SlotAllocation} for what
 * becomes of it.
 *
 * <ol>
 *   <li>Audio and repair come first: what they need is taken off before.
 *   <li>Slots are ordered by importance: screen shares before cameras, then by priority, then by size on the screen; an unknown
 *       size counts as large. Slots that are about equal (half the pixels) are treated as equals.
 *   <li>In that order every slot gets its lowest step ({@link LayerLadder}). Where that does not fit, the slot pauses, and less
 *       important ones that are cheap enough play all the same.
 *   <li>Then the most important slot climbs as far as its wish and the rest allow, then the next; equals take turns, step by
 *       step.
 * </ol>
 *
 * <p>To stay where it was a slot needs what it costs; to climb it needs some more, and after a step down some patience
 * ({@link StepHistory}). So more is never spent than there is, except for a moment before a pause: the lowest step that plays
 * goes on for a second if it is not far beyond, for four if nothing else plays.
 */
final class BitrateAllocator {
    /** What a slot is for, and its past. */
    record Request(LayerLadder ladder, SlotWish wish, boolean screen, boolean muted, StepHistory history) {}

    /**
     * What a slot gets.
     *
     * @param choice null for nothing
     * @param reason why not more
     */
    record Grant(@Nullable LayerChoice choice, AllocationReason reason) {}

    /**
     * The decision.
     *
     * @param grants one for each request, in their order
     * @param totalBps what is spent, with what was reserved
     * @param nextBps what would have to be available in all for the cheapest further step, or for it to be taken soon; 0 when every
     *     slot has all that is of use
     * @param againNanos when the decision may be another although nothing has changed
     */
    record Allocation(List<Grant> grants, long totalBps, long nextBps, long againNanos) {}

    /** Before a slot pauses, so many times what there is may be spent for a moment, */
    private static final double GRACE_FACTOR = 1.5;
    /** and more where nothing else plays: what does not fit waits in the pacer, and keeps no other picture waiting. */
    private static final double ONLY_GRACE_FACTOR = 3;
    private static final int NO_STEP = -1;

    private static final class Candidate {
        final Request request;
        final List<LayerChoice> steps;
        final int present;
        final int size;
        int step = NO_STEP;
        /** Until when it goes on although there is too little for it. */
        long graceNanos = Long.MIN_VALUE;

        Candidate(Request request) {
            this.request = request;
            LayerChoice given = request.history().given();
            this.steps = request.ladder().steps();
            this.present = given == null ? NO_STEP : Math.max(0, request.ladder().stepOf(given));
            SlotWish wish = request.wish();
            long pixels = (long) wish.width() * wish.height();
            this.size = pixels == 0 ? Long.SIZE : Long.SIZE - Long.numberOfLeadingZeros(pixels);
        }

        /** Whether what the slot had last does not come any more, and something else does. */
        boolean vanished() {
            LayerChoice given = request.history().given();
            return given != null
                    && steps.stream().noneMatch(step -> step.encoding() == given.encoding());
        }

        long costBps(int at) {
            return at == NO_STEP ? 0 : steps.get(at).bitrateBps();
        }

        boolean grace() {
            return graceNanos != Long.MIN_VALUE;
        }

        boolean hasNext() {
            return step + 1 < steps.size();
        }

        /** What is spent in all after its next step. */
        long afterNext(long spentBps) {
            return spentBps - costBps(step) + costBps(step + 1);
        }

        boolean mayStep(long spentBps, long availableBps, long nowNanos) {
            long needed = afterNext(spentBps);
            return step + 1 <= present
                    ? needed <= availableBps
                    : request.history().mayRise(needed, availableBps, nowNanos);
        }
    }

    private static final Comparator<Candidate> IMPORTANCE = Comparator.comparing((Candidate c) -> !c.request.screen())
            .thenComparing(c -> c.request.wish().priority(), Comparator.reverseOrder())
            .thenComparing(c -> c.size, Comparator.reverseOrder());

    private final long availableBps;
    private final long nowNanos;
    private final List<Candidate> byImportance = new ArrayList<>();
    private long spentBps;

    private BitrateAllocator(long availableBps, long nowNanos) {
        this.availableBps = availableBps;
        this.nowNanos = nowNanos;
    }

    /**
     * Decides, and notes the decision in the requests' histories.
     *
     * @param targetBps what the network carries
     * @param reservedBps of that, for audio and repair
     */
    static Allocation allocate(long targetBps, long reservedBps, List<Request> requests, long nowNanos) {
        BitrateAllocator allocator = new BitrateAllocator(Math.max(0, targetBps - reservedBps), nowNanos);
        List<Candidate> candidates = new ArrayList<>();
        for (Request request : requests) {
            Candidate candidate = new Candidate(request);
            candidates.add(candidate);
            if (!request.muted() && !request.wish().paused() && !candidate.steps.isEmpty()) {
                allocator.byImportance.add(candidate);
            }
        }
        allocator.byImportance.sort(IMPORTANCE);
        allocator.giveLowest();
        allocator.climb();
        return allocator.result(candidates, reservedBps);
    }

    private void giveLowest() {
        for (Candidate candidate : byImportance) {
            if (candidate.mayStep(spentBps, availableBps, nowNanos)) {
                take(candidate);
            } else if (candidate.present != NO_STEP) {
                boolean only = spentBps == 0;
                long untilNanos = candidate.request.history().graceNanos(only, nowNanos);
                double factor = only ? ONLY_GRACE_FACTOR : GRACE_FACTOR;
                if (candidate.afterNext(spentBps) <= factor * availableBps && nowNanos < untilNanos) {
                    candidate.graceNanos = untilNanos;
                    take(candidate);
                }
            }
        }
    }

    private void take(Candidate candidate) {
        spentBps = candidate.afterNext(spentBps);
        candidate.step++;
    }

    private void climb() {
        int from = 0;
        while (from < byImportance.size()) {
            int to = from + 1;
            while (to < byImportance.size() && IMPORTANCE.compare(byImportance.get(from), byImportance.get(to)) == 0) {
                to++;
            }
            boolean climbing = true;
            while (climbing) {
                climbing = false;
                for (Candidate candidate : byImportance.subList(from, to)) {
                    if (candidate.step != NO_STEP
                            && candidate.hasNext()
                            && candidate.mayStep(spentBps, availableBps, nowNanos)) {
                        take(candidate);
                        climbing = true;
                    }
                }
            }
            from = to;
        }
    }

    private Allocation result(List<Candidate> candidates, long reservedBps) {
        long next = Long.MAX_VALUE;
        long again = Deadlines.NEVER;
        for (Candidate candidate : byImportance) {
            StepHistory history = candidate.request.history();
            if (candidate.hasNext()) {
                long after = candidate.afterNext(spentBps);
                next = Math.min(next, history.soughtBps(after, availableBps, nowNanos));
                if (history.headroomBps(after) <= availableBps && history.holdNanos() > nowNanos) {
                    again = Math.min(again, history.holdNanos());
                }
            }
            if (candidate.grace()) {
                again = Math.min(again, candidate.graceNanos);
            }
        }
        List<Grant> grants = new ArrayList<>();
        for (Candidate candidate : candidates) {
            grants.add(grant(candidate));
        }
        return new Allocation(
                grants, spentBps + reservedBps, next == Long.MAX_VALUE ? 0 : next + reservedBps, again);
    }

    private Grant grant(Candidate candidate) {
        Request request = candidate.request;
        StepHistory history = request.history();
        LayerChoice choice = candidate.step == NO_STEP ? null : candidate.steps.get(candidate.step);
        AllocationReason reason = reason(candidate);
        if (reason.idle()) {
            history.onIdle();
        } else {
            if (candidate.vanished()) {
                history.onVanished(nowNanos);
            }
            boolean forced = reason.limitedByBandwidth() && candidate.step < candidate.present;
            history.onDecided(choice, candidate.step > candidate.present, forced, candidate.grace(), nowNanos);
        }
        return new Grant(choice, reason);
    }

    private static AllocationReason reason(Candidate candidate) {
        Request request = candidate.request;
        if (request.muted()) {
            return AllocationReason.MUTED;
        }
        if (request.wish().paused()) {
            return AllocationReason.PAUSED_BY_VIEWER;
        }
        if (candidate.steps.isEmpty()) {
            return AllocationReason.NO_MEDIA;
        }
        if (candidate.step == NO_STEP) {
            return AllocationReason.PAUSED_BY_BANDWIDTH;
        }
        return candidate.hasNext() || candidate.grace() ? AllocationReason.BANDWIDTH : request.ladder().limit();
    }
}
