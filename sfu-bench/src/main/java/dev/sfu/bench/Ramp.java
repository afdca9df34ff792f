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
    private static final long SETTLE_MILLIS = 2_000;
    private static final long STEP_MILLIS = 3_000;

    private final Target target;
    private final Load load;
    private final int wantedPercent;
    private final int loadCore;

    Ramp(Target target, Load load, int wantedPercent, int loadCore) {
        this.target = target;
        this.load = load;
        this.wantedPercent = wantedPercent;
        this.loadCore = loadCore;
    }

    /** Changes the size until it fits, the load generator is at its limit, or it has tried often enough. */
    Outcome run(Crowd crowd) throws IOException, InterruptedException {
        long lostBelow = 0;
        double percent = 0;
        for (int step = 0; step < MOST_STEPS; step++) {
            Thread.sleep(SETTLE_MILLIS);
            Moment before = Moment.now(target, load);
            Thread.sleep(STEP_MILLIS);
            Moment after = Moment.now(target, load);
            percent = after.serverPercentSince(before);
            double loadPercent = after.corePercentSince(before, loadCore);
            lostBelow += percent <= wantedPercent + CLOSE_ENOUGH_PERCENT ? after.lostSince(before) : 0;
            System.err.printf(
                    "ramp: %d, server %.1f %%, load %.1f %%, %d lost%n",
                    crowd.size(), percent, loadPercent, after.lostSince(before));
            int next = next(crowd.size(), percent, wantedPercent);
            if (next == crowd.size()) {
                return new Outcome(percent, lostBelow, false);
            }
            if (next > crowd.size() && loadPercent > LOAD_LIMIT_PERCENT) {
                return new Outcome(percent, lostBelow, true);
            }
            crowd.resize(next);
        }
        return new Outcome(percent, lostBelow, false);
    }

    /** The size to try next: in proportion, but at most twice as many. */
    static int next(int size, double percent, double wantedPercent) {
        if (Math.abs(percent - wantedPercent) <= CLOSE_ENOUGH_PERCENT) {
            return size;
        }
        double factor = Math.min(GROWTH, wantedPercent / Math.max(1, percent));
        int next = (int) Math.round(size * factor);
        // One room more may be too many while this one is too few: then it stays below.
        return percent > wantedPercent ? Math.max(1, Math.min(next, size - 1)) : next;
    }
}
