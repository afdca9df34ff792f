package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * Additive increase, multiplicative decrease: turns what the delays say into a rate.
 *
 * <p>Up by 8 % a second while the capacity of the link is unknown, by about a packet per response time once it is; down
 * to 85 % of the throughput when queues fill up; unchanged while they empty.
 */
final class AimdRateControl {
    static final double BETA = 0.85;
    static final double MULTIPLICATIVE_INCREASE_PER_SECOND = 1.08;
    static final long MIN_ADDITIVE_INCREASE_BPS = 4000;

    private static final long DEFAULT_RTT_NANOS = 200 * Deadlines.MILLISECOND;
    // What detecting an overuse takes beyond the round trip.
    private static final long DETECTION_NANOS = 100 * Deadlines.MILLISECOND;
    private static final double THROUGHPUT_FACTOR = 1.5;
    private static final long THROUGHPUT_SLACK_BPS = 10_000;
    private static final long DECREASE_SLACK_BPS = 5_000;
    private static final double FRAMES_PER_SECOND = 30;
    private static final double PACKET_BITS = 1200 * 8.0;

    private enum State {
        HOLD,
        INCREASE,
        DECREASE
    }

    private final LinkCapacityEstimator linkCapacity = new LinkCapacityEstimator();
    private long minBps;
    private long maxBps;
    private long rateBps;
    private long throughputBps;
    private State state = State.HOLD;
    private boolean changed;
    private long lastChangeNanos;
    private boolean inAlr;
    private long rttNanos = DEFAULT_RTT_NANOS;

    AimdRateControl(long startBps, long minBps, long maxBps) {
        this.minBps = minBps;
        this.maxBps = maxBps;
        this.rateBps = startBps;
        this.throughputBps = startBps;
    }

    void setMinMax(long newMinBps, long newMaxBps) {
        minBps = newMinBps;
        maxBps = newMaxBps;
        rateBps = Math.clamp(rateBps, minBps, maxBps);
    }

    void setRttNanos(long nanos) {
        rttNanos = nanos;
    }

    void setInAlr(boolean newInAlr) {
        inAlr = newInAlr;
    }

    long rateBps() {
        return rateBps;
    }

    /** Whether it is long enough since the last change, or the throughput low enough, for another decrease. */
    boolean timeToReduceFurther(long nowNanos, long measuredBps) {
        long interval = Math.clamp(rttNanos, 10 * Deadlines.MILLISECOND, 200 * Deadlines.MILLISECOND);
        return !changed || nowNanos - lastChangeNanos >= interval || measuredBps < rateBps / 2;
    }

    /** The same before there is a throughput. */
    boolean initialTimeToReduceFurther(long nowNanos) {
        return timeToReduceFurther(nowNanos, rateBps / 2);
    }

    /** A measurement from elsewhere, such as a probe. */
    void setRate(long bps, long nowNanos) {
        rateBps = Math.clamp(bps, minBps, maxBps);
        changed(nowNanos);
    }

    /** The path carries something else from now on. */
    void reset(long startBps) {
        linkCapacity.reset();
        state = State.HOLD;
        changed = false;
        rateBps = Math.clamp(startBps, minBps, maxBps);
        throughputBps = rateBps;
    }

    private void changed(long nowNanos) {
        changed = true;
        lastChangeNanos = nowNanos;
    }

    /**
     * Adapts the rate.
     *
     * @param measuredBps acknowledged throughput, or {@link DataRate#UNKNOWN}
     */
    void update(BandwidthUsage usage, long measuredBps, long nowNanos) {
        if (DataRate.known(measuredBps)) {
            throughputBps = measuredBps;
        }
        switch (usage) {
            case NORMAL -> {
                if (state == State.HOLD) {
                    changed(nowNanos);
                    state = State.INCREASE;
                }
            }
            case OVERUSING -> state = State.DECREASE;
            case UNDERUSING -> state = State.HOLD;
        }
        switch (state) {
            case HOLD -> {}
            case INCREASE -> increase(nowNanos);
            case DECREASE -> decrease(nowNanos);
        }
    }

    private void increase(long nowNanos) {
        if (throughputBps > linkCapacity.upperBoundBps()) {
            linkCapacity.reset();
        }
        // Application-limited: nothing that is sent would show that more does not fit.
        long limit = inAlr ? rateBps : DataRate.scale(throughputBps, THROUGHPUT_FACTOR) + THROUGHPUT_SLACK_BPS;
        if (rateBps < limit) {
            double seconds = (nowNanos - lastChangeNanos) / (double) Deadlines.SECOND;
            double increase = linkCapacity.known()
                    ? additiveIncreaseBpsPerSecond() * seconds
                    : Math.max(
                            1000,
                            rateBps * (Math.pow(MULTIPLICATIVE_INCREASE_PER_SECOND, Math.min(seconds, 1)) - 1));
            rateBps = Math.clamp(Math.min(limit, rateBps + (long) increase), minBps, maxBps);
        }
        changed(nowNanos);
    }

    /** About one packet per response time. */
    double additiveIncreaseBpsPerSecond() {
        double frameBits = rateBps / FRAMES_PER_SECOND;
        double packetBits = frameBits / Math.ceil(frameBits / PACKET_BITS);
        double responseSeconds = 2 * (rttNanos + DETECTION_NANOS) / (double) Deadlines.SECOND;
        return Math.max(MIN_ADDITIVE_INCREASE_BPS, packetBits / responseSeconds);
    }

    private void decrease(long nowNanos) {
        // A little below what gets through, to empty the queue.
        long decreased = DataRate.scale(throughputBps, BETA);
        if (decreased > DECREASE_SLACK_BPS) {
            decreased -= DECREASE_SLACK_BPS;
        }
        if (decreased > rateBps && linkCapacity.known()) {
            decreased = DataRate.scale(linkCapacity.estimateBps(), BETA);
        }
        if (throughputBps < linkCapacity.lowerBoundBps()) {
            linkCapacity.reset();
        }
        linkCapacity.onOveruse(throughputBps);
        rateBps = Math.clamp(Math.min(rateBps, decreased), minBps, maxBps);
        // Until the queue is empty.
        state = State.HOLD;
        changed(nowNanos);
    }
}
