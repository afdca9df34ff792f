package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to probe for more than is being sent, and at which rates.
 *
 * <ul>
 *   <li>At the start at 3 and 6 times the start rate; as long as the result is at least 70 % of the probe, again at
 *       twice the result.
 *   <li>Towards the goal that the allocation sets, what the next layer up would need: an SFU sends what there is, so
 *       without probing it would never learn that there is room. Repeated with growing intervals while it fails, soon when it has
 *       shown that there is as much as it asked for and that was less than the goal.
 *   <li>Every five seconds while application-limited.
 *   <li>After a large drop that was recovered from.
 * </ul>
 *
 * <p>libwebrtc knows no goal: its encoder fills whatever there is, and probing up to twice the allocated rate serves it. Here nothing
 * beyond the next step is of use, and the goal's price varies all the time, so one that is nearly the same does not begin anew. A
 * probe lasts 30 instead of 15 ms, because a shorter one is less than the jitter of many paths, and longer where the jitter is seen
 * to be larger; and towards the goal it goes while nothing but audio is sent, or video that was paused would never come back.
 */
final class ProbeController {
    static final double FIRST_SCALE = 3;
    static final double SECOND_SCALE = 6;
    static final double FURTHER_SCALE = 2;
    static final double FURTHER_THRESHOLD = 0.7;
    static final double ALR_SCALE = 2;
    static final long ALR_INTERVAL_NANOS = 5 * Deadlines.SECOND;
    static final double LOSS_LIMITED_SCALE = 1.5;
    static final int MIN_PACKETS = 5;
    static final long MIN_DURATION_NANOS = 30 * Deadlines.MILLISECOND;
    /** A probe lasts so many times as long as the delay varies, so that this is a small part of what it measures, */
    static final int DURATION_JITTERS = 5;
    /** up to so long, as what does not fit makes a queue. */
    static final long MAX_DURATION_NANOS = 120 * Deadlines.MILLISECOND;
    static final long MAX_WAIT_NANOS = Deadlines.SECOND;
    static final double DROP_THRESHOLD = 0.66;
    static final long DROP_TIMEOUT_NANOS = 5 * Deadlines.SECOND;
    static final double AFTER_DROP_SCALE = 0.85;
    static final double PROBE_UNCERTAINTY = 0.05;
    static final long ALR_ENDED_TIMEOUT_NANOS = 3 * Deadlines.SECOND;
    static final long MIN_DROP_PROBE_INTERVAL_NANOS = 5 * Deadlines.SECOND;

    /** A probe brings in a little less than its rate, and the layer must fit with its variation. */
    static final double GOAL_SCALE = 1.25;

    /** One probe towards the goal asks no more than this much more than the estimate. */
    static final double GOAL_LIMIT_BY_ESTIMATE = 2;

    static final long MIN_GOAL_INTERVAL_NANOS = Deadlines.SECOND;
    static final long FIRST_GOAL_RETRY_NANOS = 5 * Deadlines.SECOND;
    /** While nothing but audio is sent, because nothing else fits. */
    static final long FROZEN_GOAL_RETRY_NANOS = 2 * Deadlines.SECOND;

    static final long MAX_GOAL_RETRY_NANOS = 10 * Deadlines.SECOND;

    /** A goal that differs by less is the same: prices vary all the time. */
    static final double SAME_GOAL = 0.15;

    /** Clusters that may wait to be fetched. */
    static final int MAX_PENDING = 4;

    private enum State {
        INIT,
        WAITING_FOR_RESULT,
        COMPLETE
    }

    private final @Nullable ProbeCluster[] pending = new @Nullable ProbeCluster[MAX_PENDING];
    private int pendingCount;
    private int nextId = 1;
    private int initiated;

    private State state = State.INIT;
    private long estimateBps;
    private long maxBps;
    private BandwidthLimitedCause cause = BandwidthLimitedCause.DELAY_BASED_LIMITED;
    private long furtherAboveBps = DataRate.UNLIMITED;
    private long lastProbeNanos = Long.MIN_VALUE / 2;
    private long probedBps;
    private boolean inAlr;
    private long alrStartNanos;
    private boolean alrEndedRecently;

    private long dropNanos = Long.MIN_VALUE / 2;
    private long beforeDropBps;
    private long lastDropProbeNanos = Long.MIN_VALUE / 2;

    private long goalBps;
    private long probedGoalBps;
    private long goalRetryNanos = FIRST_GOAL_RETRY_NANOS;
    private long nextGoalProbeNanos;
    /** What the last probe asked for, if it was towards the goal and did not ask for all of it. */
    private long partOfGoalBps = DataRate.UNLIMITED;
    private boolean frozen;
    private long jitterNanos;

    ProbeController(long startBps, long maxBps) {
        this.estimateBps = startBps;
        this.maxBps = maxBps;
    }

    /** The transport is ready: the first probes. */
    void onNetworkAvailable(long nowNanos) {
        if (state == State.INIT) {
            state = State.COMPLETE;
            initiate(DataRate.scale(estimateBps, FIRST_SCALE), true, nowNanos);
            initiate(DataRate.scale(estimateBps, SECOND_SCALE), true, nowNanos);
        }
    }

    /** Another path: everything starts over, with the first probes from here. */
    void reset(long startBps) {
        state = State.INIT;
        estimateBps = startBps;
        pendingCount = 0;
        cause = BandwidthLimitedCause.DELAY_BASED_LIMITED;
        furtherAboveBps = DataRate.UNLIMITED;
        beforeDropBps = 0;
        probedGoalBps = 0;
        goalRetryNanos = FIRST_GOAL_RETRY_NANOS;
        partOfGoalBps = DataRate.UNLIMITED;
    }

    /** By how much the delay of the path varies by itself. */
    void setJitter(long nanos) {
        jitterNanos = nanos;
    }

    void setMax(long newMaxBps) {
        maxBps = newMaxBps;
    }

    void setAlr(boolean newInAlr, long startNanos, boolean endedRecently) {
        inAlr = newInAlr;
        alrStartNanos = startNanos;
        alrEndedRecently = endedRecently;
    }

    /** While nothing but audio is sent, no probes but those towards the goal: by them paused video finds out that it may go on. */
    void setFrozen(boolean newFrozen) {
        frozen = newFrozen;
    }

    /**
     * What the next step up would need in total; 0 for none.
     *
     * @return whether it changed
     */
    boolean setGoal(long bps, long nowNanos) {
        if (bps == goalBps) {
            return false;
        }
        goalBps = bps;
        if (Math.abs(bps - probedGoalBps) > SAME_GOAL * probedGoalBps) {
            goalRetryNanos = FIRST_GOAL_RETRY_NANOS;
            nextGoalProbeNanos = Math.max(nowNanos, lastProbeNanos + MIN_GOAL_INTERVAL_NANOS);
        }
        return true;
    }

    /** A new estimate; may lead to further probes. */
    void onEstimate(long bps, BandwidthLimitedCause newCause, long nowNanos) {
        cause = newCause;
        if (bps < DataRate.scale(estimateBps, DROP_THRESHOLD)) {
            dropNanos = nowNanos;
            beforeDropBps = estimateBps;
        }
        estimateBps = bps;
        if (state == State.WAITING_FOR_RESULT && bps > furtherAboveBps) {
            if (goalBps > 0 && bps >= 2 * goalBps) {
                complete();
            } else {
                initiate(DataRate.scale(bps, FURTHER_SCALE), true, nowNanos);
            }
        }
        if (bps > DataRate.scale(partOfGoalBps, FURTHER_THRESHOLD) && nowNanos - lastProbeNanos < MAX_WAIT_NANOS) {
            partOfGoalBps = DataRate.UNLIMITED;
            goalRetryNanos = FIRST_GOAL_RETRY_NANOS;
            nextGoalProbeNanos = lastProbeNanos + MIN_GOAL_INTERVAL_NANOS;
        }
    }

    /** The delay-based estimator has recovered from an overuse. */
    void onRecovered(long nowNanos) {
        long probeBps = DataRate.scale(beforeDropBps, AFTER_DROP_SCALE);
        if ((inAlr || alrEndedRecently || goalBps > estimateBps)
                && state == State.COMPLETE
                && probeBps * (1 - PROBE_UNCERTAINTY) > estimateBps
                && nowNanos - dropNanos < DROP_TIMEOUT_NANOS
                && nowNanos - lastDropProbeNanos > MIN_DROP_PROBE_INTERVAL_NANOS) {
            lastDropProbeNanos = nowNanos;
            initiate(probeBps, false, nowNanos);
        }
    }

    /** When {@link #onDeadline} has something to do. */
    long nextDeadlineNanos() {
        return switch (state) {
            case INIT -> Deadlines.NEVER;
            case WAITING_FOR_RESULT -> lastProbeNanos + MAX_WAIT_NANOS;
            case COMPLETE -> mayProbe() ? Math.min(alrDeadline(), goalDeadline()) : Deadlines.NEVER;
        };
    }

    // What speaks against probing is of another time when nothing but audio has been sent since.
    private boolean mayProbe() {
        return frozen
                || cause == BandwidthLimitedCause.DELAY_BASED_LIMITED
                || cause == BandwidthLimitedCause.LOSS_LIMITED_INCREASING;
    }

    private long alrDeadline() {
        return inAlr && !frozen && estimateBps < limitBps()
                ? Math.max(alrStartNanos, lastProbeNanos) + ALR_INTERVAL_NANOS
                : Deadlines.NEVER;
    }

    private long goalDeadline() {
        return goalBps > estimateBps && estimateBps < limitBps() ? nextGoalProbeNanos : Deadlines.NEVER;
    }

    // Twice what is wanted is enough for bursts and for results that fall a little short.
    private long limitBps() {
        return goalBps > 0 ? Math.min(maxBps, 2 * goalBps) : maxBps;
    }

    /** Time has come for something. */
    void onDeadline(long nowNanos) {
        if (state == State.WAITING_FOR_RESULT && nowNanos - lastProbeNanos >= MAX_WAIT_NANOS) {
            complete();
        }
        if (state != State.COMPLETE || !mayProbe()) {
            return;
        }
        if (nowNanos >= goalDeadline()) {
            long probeBps = Math.min(
                    DataRate.scale(goalBps, GOAL_SCALE), DataRate.scale(estimateBps, GOAL_LIMIT_BY_ESTIMATE));
            probedGoalBps = goalBps;
            nextGoalProbeNanos = nowNanos + (frozen ? FROZEN_GOAL_RETRY_NANOS : goalRetryNanos);
            goalRetryNanos = Math.min(2 * goalRetryNanos, MAX_GOAL_RETRY_NANOS);
            initiate(probeBps, true, nowNanos);
            partOfGoalBps = lastProbeNanos == nowNanos && probedBps < goalBps ? probedBps : DataRate.UNLIMITED;
        } else if (nowNanos >= alrDeadline()) {
            initiate(DataRate.scale(estimateBps, ALR_SCALE), true, nowNanos);
        }
    }

    private void complete() {
        state = State.COMPLETE;
        furtherAboveBps = DataRate.UNLIMITED;
    }

    private void initiate(long wantedBps, boolean probeFurther, long nowNanos) {
        if (!mayProbe()) {
            complete();
            return;
        }
        long limitBps = limitBps();
        if (cause == BandwidthLimitedCause.LOSS_LIMITED_INCREASING) {
            limitBps = Math.min(limitBps, DataRate.scale(estimateBps, LOSS_LIMITED_SCALE));
        }
        long probeBps = Math.min(wantedBps, limitBps);
        if (probeBps <= estimateBps) {
            // What is known already.
            complete();
            return;
        }
        ProbeCluster last = pendingCount > 0 ? pending[pendingCount - 1] : null;
        if (pendingCount == MAX_PENDING || (last != null && last.targetBps() == probeBps)) {
            return;
        }
        int minBytes = (int) Math.min(DataRate.bytes(probeBps, durationNanos()), Integer.MAX_VALUE);
        pending[pendingCount++] = new ProbeCluster(nextId++, probeBps, minBytes, MIN_PACKETS, nowNanos);
        initiated++;
        lastProbeNanos = nowNanos;
        probedBps = probeBps;
        if (probeFurther && wantedBps <= limitBps) {
            state = State.WAITING_FOR_RESULT;
            furtherAboveBps = DataRate.scale(probeBps, FURTHER_THRESHOLD);
        } else {
            complete();
        }
    }

    private long durationNanos() {
        return Math.clamp(DURATION_JITTERS * jitterNanos, MIN_DURATION_NANOS, MAX_DURATION_NANOS);
    }

    /** Takes a cluster to be sent; null if there is none. */
    @Nullable ProbeCluster poll() {
        if (pendingCount == 0) {
            return null;
        }
        ProbeCluster first = pending[0];
        System.arraycopy(pending, 1, pending, 0, --pendingCount);
        pending[pendingCount] = null;
        return first;
    }

    /** Clusters asked for so far. */
    int initiated() {
        return initiated;
    }

    long goalBps() {
        return goalBps;
    }
}
