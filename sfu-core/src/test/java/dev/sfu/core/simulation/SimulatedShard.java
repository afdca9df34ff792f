package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What {@code Shard} is to connections with sockets: after every turn the deadlines of those that were touched are read
 * anew.
 */
final class SimulatedShard {
    /** The shard's timer is not finer. */
    private static final long TIMER_GRANULARITY_NANOS = Deadlines.MILLISECOND;
    /** So much later than asked for at most: nobody may count on being called exactly then. */
    private static final int MAX_LATE_NANOS = 400_000;

    private final VirtualTime time;
    private final SplittableRandom random;
    private final List<ServerEnd> touched = new ArrayList<>();

    SimulatedShard(VirtualTime time, long seed) {
        this.time = time;
        this.random = new SplittableRandom(seed);
    }

    void touch(ServerEnd end) {
        if (!end.touched) {
            end.touched = true;
            touched.add(end);
        }
    }

    void endTurn() {
        for (int i = 0; i < touched.size(); i++) {
            ServerEnd end = touched.get(i);
            end.touched = false;
            set(end.deadline(), end.connection().nextDeadlineNanos());
        }
        touched.clear();
    }

    /** Sets the alarm of a deadline, as precisely as the shard's timer is. */
    void set(VirtualTime.Alarm alarm, long deadlineNanos) {
        if (deadlineNanos == Deadlines.NEVER) {
            time.set(alarm, deadlineNanos);
            return;
        }
        long earliest = time.nowNanos() + TIMER_GRANULARITY_NANOS;
        long due = Math.max(deadlineNanos, earliest) + random.nextInt(MAX_LATE_NANOS);
        boolean underWay = alarm.dueNanos() >= deadlineNanos && alarm.dueNanos() <= due;
        if (!underWay) {
            time.set(alarm, due);
        }
    }
}
