package dev.sfu.core.shard;

import dev.sfu.core.time.Deadlines;

/**
 * How long outgoing packets may wait for more of their kind, so that they leave in longer segmented runs.
 *
 * <p>The rule: nothing waits while the shard is less than 3 % busy; from there the window is 0.4 ms, or 40 µs for each per
 * cent if that is more, up to 1 ms. The packets of a frame come within some 0.1 to 0.3 ms, so a loaded shard sends whole frames, and
 * what it saves that way is what keeps queues short. Load is what the turns of the last tenths of a second took.
 *
 * <p>While the shard is less than 15 % busy it sleeps through the window: to be woken for each packet of a frame costs more than
 * the packet does. It makes arrival times, as publishers are told them, coarser by as much, which is a small part of what jitter
 * makes of them. With more to do, the fan-out of a keyframe cannot begin early enough, and several packets have come whenever the
 * shard looks.
 *
 * <p>Where waiting makes no runs, as with evenly spaced packets, it only delays: when the packets of a period left in runs of
 * less than 1.5 on average, nothing waits for a second, then it is tried again for one period.
 */
final class GatherWindow {
    static final long MIN_WINDOW_NANOS = 400_000;
    static final long MAX_WINDOW_NANOS = Deadlines.MILLISECOND;

    private static final double IDLE_LOAD = 0.03;
    private static final double SLEEPLESS_LOAD = 0.15;
    private static final double WINDOW_NANOS_PER_LOAD = 4_000_000;
    private static final long PERIOD_NANOS = 50 * Deadlines.MILLISECOND;
    /** Weight of the newest period. */
    private static final double SMOOTHING = 0.3;

    private static final double WORTHWHILE_RUN = 1.5;
    private static final long PAUSE_NANOS = Deadlines.SECOND;

    /** Connections alone make a shard take a turn more often. */
    private static final long STALE_NANOS = 5 * Deadlines.SECOND;

    private boolean started;
    private long periodStartNanos;
    private long busyNanos;
    private double load;
    /** For other threads: the load and when it was measured. */
    private volatile double publishedLoad;

    private volatile long publishedNanos;
    private long packets;
    private long writes;
    private long pausedUntilNanos = Long.MIN_VALUE;

    /** Takes account of what a flush sent: packets, and the writes they took. */
    void onFlush(long flushedPackets, long flushedWrites) {
        packets += flushedPackets;
        writes += flushedWrites;
    }

    /** Takes account of a turn. */
    void onTurn(long startNanos, long endNanos) {
        if (!started) {
            started = true;
            periodStartNanos = startNanos;
        }
        busyNanos += endNanos - startNanos;
        long elapsed = endNanos - periodStartNanos;
        if (elapsed >= PERIOD_NANOS) {
            double latest = Math.min(1, (double) busyNanos / elapsed);
            // After a long silence what was before it says nothing.
            load = elapsed > 10 * PERIOD_NANOS ? latest : load + SMOOTHING * (latest - load);
            boolean waited = load >= IDLE_LOAD && periodStartNanos >= pausedUntilNanos;
            if (waited && writes > 0 && packets < WORTHWHILE_RUN * writes) {
                pausedUntilNanos = endNanos + PAUSE_NANOS;
            }
            publishedNanos = endNanos;
            publishedLoad = load;
            periodStartNanos = endNanos;
            busyNanos = 0;
            packets = 0;
            writes = 0;
        }
    }

    /** The longest that a packet may wait now. */
    long nanos() {
        if (load < IDLE_LOAD || periodStartNanos < pausedUntilNanos) {
            return 0;
        }
        return Math.clamp((long) (load * WINDOW_NANOS_PER_LOAD), MIN_WINDOW_NANOS, MAX_WINDOW_NANOS);
    }

    /** Whether the shard sleeps while packets wait. */
    boolean sleeps() {
        return load < SLEEPLESS_LOAD;
    }

    /** The share of time the shard is busy, 0 to 1. */
    double load() {
        return load;
    }

    /** The same for any thread: nothing when it was measured long ago, because a shard without turns is idle. */
    double loadAt(long nowNanos) {
        return nowNanos - publishedNanos > STALE_NANOS ? 0 : publishedLoad;
    }
}
