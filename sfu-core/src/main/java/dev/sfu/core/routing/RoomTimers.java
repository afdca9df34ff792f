package dev.sfu.core.routing;

import dev.sfu.core.time.DeadlineQueue;

/** The deadlines of everything in a room that has one. */
final class RoomTimers {
    private final DeadlineQueue<RoomTimer> queue = new DeadlineQueue<>();
    private final Runnable changed;

    /** {@code changed} is run when {@link #nextDeadlineNanos} may have changed. */
    RoomTimers(Runnable changed) {
        this.changed = changed;
    }

    /** Sets or moves a deadline; {@link dev.sfu.core.time.Deadlines#NEVER} removes it. */
    void set(RoomTimer timer, long deadlineNanos) {
        long before = queue.nextDeadlineNanos();
        queue.set(timer, deadlineNanos);
        if (queue.nextDeadlineNanos() != before) {
            changed.run();
        }
    }

    long nextDeadlineNanos() {
        return queue.nextDeadlineNanos();
    }

    /** Calls what is due. */
    void onDeadline(long nowNanos) {
        RoomTimer due = queue.pollDue(nowNanos);
        while (due != null) {
            due.onDeadline(nowNanos);
            due = queue.pollDue(nowNanos);
        }
    }
}
