package dev.sfu.bench;

import dev.sfu.bench.load.Load;
import dev.sfu.bench.target.Target;
import java.io.IOException;

/** Lets viewers, or whole rooms, in or out until the server uses a wanted share of its processor. */
final class Ramp {
    /** What there can be more or less of. */
    interface Crowd {
        int size();

        void resize(int size) throws IOException, InterruptedException;
    }

    /**
     * How it went.
     *
     * @param percent what the server used in the last step
     * @param lostBelow packets lost in steps that used no more than what was wanted
     * @param loadBound whether it ended because the load generator could do no more
     */
    record Outcome(double percent, long lostBelow, boolean loadBound) {}

    private static final double CLOSE_ENOUGH_PERCENT = 2;
    private static final double LOAD_LIMIT_PERCENT = 92;
    private static final int MOST_STEPS = 12;
    private static final int GROWTH = 2;
    /** Sizes that differ by less are one. */
    private static final double RESOLUTION = 0.03;
    /** From this share of what is wanted on, a step takes as long as the traffic needs to repeat itself. */
    private static final double NEAR = 0.7;

    private static final long SETTLE_MILLIS = 2_000;
    private static final long FAR_STEP_MILLIS = 3_000;

    private final Target target;
    private final Load load;
    private final int wantedPercent;
    private final int loadCore;
    private final long nearStepMillis;

    /** {@code roundMillis} is how long the traffic takes to repeat itself. */
    Ramp(Target target, Load load, int wantedPercent, int loadCore, long roundMillis) {
        this.target = target;
        this.load = load;
        this.wantedPercent = wantedPercent;
        this.loadCore = loadCore;
        this.nearStepMillis = Math.max(FAR_STEP_MILLIS, roundMillis);
    }

    /** Changes the size until it fits, the load generator is at its limit, or it has tried often enough. */
    Outcome run(Crowd crowd) throws IOException, InterruptedException {
        Search search = new Search(wantedPercent);
        long lostBelow = 0;
        double percent = 0;
        for (int step = 0; step < MOST_STEPS; step++) {
            Thread.sleep(SETTLE_MILLIS);
            Moment before = Moment.now(target, load);
            Thread.sleep(percent > NEAR * wantedPercent ? nearStepMillis : FAR_STEP_MILLIS);
            Moment after = Moment.now(target, load);
            percent = after.serverPercentSince(before);
            double loadPercent = after.corePercentSince(before, loadCore);
            lostBelow += percent <= wantedPercent + CLOSE_ENOUGH_PERCENT ? after.lostSince(before) : 0;
            System.err.printf(
                    "ramp: %d, server %.1f %%, load %.1f %%, %d lost%n",
                    crowd.size(), percent, loadPercent, after.lostSince(before));
            int next = search.next(crowd.size(), percent);
            if (next > crowd.size() && loadPercent > LOAD_LIMIT_PERCENT) {
                return new Outcome(percent, lostBelow, true);
            }
            crowd.resize(next);
            if (search.ended()) {
                break;
            }
        }
        return new Outcome(percent, lostBelow, false);
    }

    /** Looks for the size that makes the load what is wanted; larger sizes make more. */
    static final class Search {
        private final double wantedPercent;
        private int fits;
        private int tooLarge = Integer.MAX_VALUE;
        private boolean ended;

        Search(double wantedPercent) {
            this.wantedPercent = wantedPercent;
        }

        /** The size to go on with, given what one makes: in proportion, at most twice as many, between what is known. */
        int next(int size, double percent) {
            if (percent > wantedPercent + CLOSE_ENOUGH_PERCENT) {
                tooLarge = Math.min(tooLarge, size);
                // What fitted before and does not now did so by chance.
                fits = Math.min(fits, tooLarge - 1);
            } else {
                fits = Math.max(fits, size);
            }
            if (Math.abs(percent - wantedPercent) <= CLOSE_ENOUGH_PERCENT || tooLarge == 1) {
                ended = true;
                return size;
            }
            int inProportion = (int) Math.round(size * Math.min(GROWTH, wantedPercent / Math.max(1, percent)));
            if (tooLarge - fits <= Math.max(1, fits * RESOLUTION) || (percent < wantedPercent && inProportion == size)) {
                ended = true;
                return Math.max(1, fits);
            }
            return Math.clamp(inProportion, fits + 1, tooLarge - 1);
        }

        boolean ended() {
            return ended;
        }
    }
}
