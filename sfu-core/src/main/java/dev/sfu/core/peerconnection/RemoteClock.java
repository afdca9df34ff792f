package dev.sfu.core.peerconnection;

import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;

/**
 * Maps a peer's NTP clock to the server's monotonic clock through the sender reports that arrived fastest.
 *
 * <p>All streams of one peer share the mapping, so its audio and video keep their alignment whatever its clock shows.
 * What remains is the least one-way delay seen, the same for all of them.
 */
final class RemoteClock {
    /** The minimum is taken over the current and the previous window, so that it follows a drifting clock. */
    private static final long WINDOW_NANOS = 60 * Deadlines.SECOND;

    /** More delay than any path has: the peer's clock was set. */
    private static final long STEP_NANOS = 10 * Deadlines.SECOND;

    private final WallClock wallClock;
    private long windowStartNanos;
    private long currentMinimum = Long.MAX_VALUE;
    private long previousMinimum = Long.MAX_VALUE;

    RemoteClock(WallClock wallClock) {
        this.wallClock = wallClock;
    }

    /** Takes a sender report's NTP time and gives the server's monotonic time of it. */
    long onSenderReport(long ntp, long arrivalNanos) {
        long nominal = wallClock.nanosOfNtp(ntp);
        long offset = arrivalNanos - nominal;
        if (currentMinimum == Long.MAX_VALUE || offset - Math.min(currentMinimum, previousMinimum) > STEP_NANOS) {
            currentMinimum = Long.MAX_VALUE;
            previousMinimum = Long.MAX_VALUE;
            windowStartNanos = arrivalNanos;
        } else if (arrivalNanos - windowStartNanos > WINDOW_NANOS) {
            previousMinimum = currentMinimum;
            currentMinimum = Long.MAX_VALUE;
            windowStartNanos = arrivalNanos;
        }
        currentMinimum = Math.min(currentMinimum, offset);
        return nominal + Math.min(currentMinimum, previousMinimum);
    }
}
