package dev.sfu.core.routing;

import dev.sfu.core.time.DeadlineQueue;

/** Something in a room that has to be called at a time of its own; see {@link RoomTimers}. */
abstract class RoomTimer extends DeadlineQueue.Member {
    /** The deadline that was set has come; it is not set any more. */
    abstract void onDeadline(long nowNanos);
}
