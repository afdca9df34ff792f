package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code Shard} is to connections with sockets: after every turn the deadlines of those that were touched are read
 * anew.
 */
final class SimulatedShard {
    /** The shard's timer is not finer. */
    private static final long TIMER_GRANULARITY_NANOS = Deadlines.MILLISECOND;

    private final VirtualTime time;
    private final List<ServerEnd> touched = new ArrayList<>();

    SimulatedShard(VirtualTime time) {
        this.time = time;
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
        long earliest = time.nowNanos() + TIMER_GRANULARITY_NANOS;
        time.set(alarm, deadlineNanos == Deadlines.NEVER ? deadlineNanos : Math.max(deadlineNanos, earliest));
    }
}
