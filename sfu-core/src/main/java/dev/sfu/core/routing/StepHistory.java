package dev.sfu.core.routing;

import dev.sfu.core.layers.LayerChoice;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * What a slot was given before, and what follows from that for the next step up: how long it has to wait, and how much room
 * there has to be besides.
 *
 * <p>Down is always at once. A step up that had to be taken back within some seconds was a mistake, and after each the next
 * one waits twice as long and wants more room, until the slot has been quiet for a while. Where there is plenty of room it
 * waits four seconds at most.
 */
final class StepHistory {
    private static final long FIRST_HOLD_NANOS = 2 * Deadlines.SECOND;
    private static final int MAX_DOUBLINGS = 4;
    /** A step up that lasts so long was right. */
    private static final long PROVEN_NANOS = 10 * Deadlines.SECOND;
    /** One mistake is forgotten after so long without another. */
    private static final long FORGIVEN_NANOS = 60 * Deadlines.SECOND;
    private static final int HEADROOM_PERCENT = 10;
    private static final int MORE_HEADROOM_PERCENT = 8;
    private static final int MAX_HEADROOM_PERCENT = 26;
    private static final int PLENTY_PERCENT = 50;
    private static final int PLENTY_DOUBLINGS = 1;
    /** The lowest layer plays on for so long when there is too little for it: most dips are shorter, */
    private static final long GRACE_NANOS = Deadlines.SECOND;
    /** and those that a download makes, which fills the queue and yields, are if nothing else plays. */
    private static final long ONLY_GRACE_NANOS = 4 * Deadlines.SECOND;

    private @Nullable LayerChoice given;
    private boolean everGiven;
    private long raisedNanos;
    /** Whether the latest step up has still to prove right. */
    private boolean unproven;
    private boolean lowered;
    private long loweredNanos;
    private int mistakes;
    private long mistakeNanos;
    private long shortNanos = Deadlines.NEVER;

    /** Nothing has been given. */
    StepHistory() {}

    /** What the slot has now; null if nothing. */
    @Nullable LayerChoice given() {
        return given;
    }

    /** Whether nothing has been given since the slot last had nothing to play: a start need not wait. */
    boolean fresh() {
        return !everGiven;
    }

    /**
     * Whether a step up may be taken.
     *
     * @param neededBps what is spent then
     * @param availableBps what there is
     */
    boolean mayRise(long neededBps, long availableBps, long nowNanos) {
        if (fresh()) {
            return neededBps <= availableBps;
        }
        // What is paused has nothing to lose, unless it has been paused again and again.
        if (given == null && mistakes == 0 && neededBps <= availableBps && nowNanos >= holdNanos(0)) {
            return true;
        }
        boolean plenty = plentyBps(neededBps) <= availableBps;
        return headroomBps(neededBps) <= availableBps && nowNanos >= holdNanos(plenty ? Math.min(mistakes, PLENTY_DOUBLINGS) : mistakes);
    }

    /**
     * What was given does not come any more. Once is an accident; again and again, soon after it was asked for, says that its
     * publisher cannot send it, and asking for it at once would be the next mistake.
     */
    void onVanished(long nowNanos) {
        if (!unproven) {
            return;
        }
        unproven = false;
        if (mistakes > 0) {
            lowered = true;
            loweredNanos = nowNanos;
        }
        mistakes = Math.min(mistakes + 1, MAX_DOUBLINGS);
        mistakeNanos = nowNanos;
    }

    /** When a step up may be taken at the latest; in the past if there is nothing to wait for. */
    long holdNanos() {
        return holdNanos(mistakes);
    }

    private long holdNanos(int doublings) {
        return lowered ? loweredNanos + (FIRST_HOLD_NANOS << doublings) : Long.MIN_VALUE;
    }

    /** What has to be available to spend so much after a step up. */
    long headroomBps(long neededBps) {
        return percent(neededBps, Math.min(HEADROOM_PERCENT + MORE_HEADROOM_PERCENT * mistakes, MAX_HEADROOM_PERCENT));
    }

    private static long plentyBps(long neededBps) {
        return percent(neededBps, PLENTY_PERCENT);
    }

    /**
     * What would have to be available for the next step up to be taken sooner than it is: where there is enough and it only
     * waits, plenty. Without looking for that a picture that is paused would wait in full, since nothing that is sent shows that there is more.
     */
    long soughtBps(long neededBps, long availableBps, long nowNanos) {
        long enoughBps = headroomBps(neededBps);
        boolean waits = enoughBps <= availableBps && nowNanos < holdNanos() && mistakes > PLENTY_DOUBLINGS;
        return waits ? plentyBps(neededBps) : enoughBps;
    }

    private static long percent(long bps, int more) {
        return bps + bps * more / 100;
    }

    /**
     * Until when the lowest layer plays on although there is too little for it.
     *
     * @param only whether nothing else would play
     */
    long graceNanos(boolean only, long nowNanos) {
        return (shortNanos == Deadlines.NEVER ? nowNanos : shortNanos) + (only ? ONLY_GRACE_NANOS : GRACE_NANOS);
    }

    /**
     * Notes a decision.
     *
     * @param choice null for nothing
     * @param up whether it is a step up from what the slot had
     * @param forced whether less is given than before for want of bandwidth
     * @param inGrace whether it is given although there is too little for it
     */
    void onDecided(@Nullable LayerChoice choice, boolean up, boolean forced, boolean inGrace, long nowNanos) {
        if (unproven && nowNanos - raisedNanos >= PROVEN_NANOS) {
            unproven = false;
        }
        if (mistakes > 0 && nowNanos - mistakeNanos >= FORGIVEN_NANOS) {
            mistakes--;
            mistakeNanos = nowNanos;
        }
        if (forced) {
            lowered = true;
            loweredNanos = nowNanos;
            if (unproven) {
                mistakes = Math.min(mistakes + 1, MAX_DOUBLINGS);
                mistakeNanos = nowNanos;
                unproven = false;
            }
        }
        if (up && everGiven) {
            unproven = true;
            raisedNanos = nowNanos;
        }
        given = choice;
        everGiven |= choice != null;
        shortNanos = inGrace ? Math.min(shortNanos, nowNanos) : Deadlines.NEVER;
    }

    /** Nothing is to be given for other reasons than bandwidth: what comes afterwards is a start. */
    void onIdle() {
        given = null;
        everGiven = false;
        unproven = false;
        shortNanos = Deadlines.NEVER;
    }
}
