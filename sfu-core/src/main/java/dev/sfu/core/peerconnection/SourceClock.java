package dev.sfu.core.peerconnection;

import dev.sfu.core.time.Deadlines;

/**
 * The line between a stream's RTP timestamps and the server's monotonic time.
 *
 * <p>Until the first sender report it goes through the packet that arrived earliest relative to its timestamp; a sender
 * report then moves it to where the peer's own clock says.
 */
public final class SourceClock {
    private final int clockRate;
    private long timestamp;
    private long nanos;
    private boolean started;
    private boolean reported;

    SourceClock(int clockRate) {
        this.clockRate = clockRate;
    }

    /** Ticks per second. */
    public int clockRate() {
        return clockRate;
    }

    /** Whether a sender report has fixed the line. */
    public boolean reported() {
        return reported;
    }

    /** The line's unwrapped RTP time at {@link #nanos}. */
    long timestamp() {
        return timestamp;
    }

    /** The server's time at {@link #timestamp}. */
    long nanos() {
        return nanos;
    }

    /** Puts the line where it is on another thread. */
    void place(long newTimestamp, long newNanos, boolean newReported) {
        started = true;
        timestamp = newTimestamp;
        nanos = newNanos;
        reported = newReported;
    }

    void onPacket(long unwrappedTimestamp, long arrivalNanos) {
        if (!reported && (!started || arrivalNanos < nanosOf(unwrappedTimestamp))) {
            started = true;
            timestamp = unwrappedTimestamp;
            nanos = arrivalNanos;
        }
    }

    void onSenderReport(long unwrappedTimestamp, long serverNanos) {
        started = true;
        reported = true;
        timestamp = unwrappedTimestamp;
        nanos = serverNanos;
    }

    /** The server's time at which {@code unwrappedTimestamp} was captured, as far as known. */
    public long nanosOf(long unwrappedTimestamp) {
        return nanos + Math.round((unwrappedTimestamp - timestamp) * (double) Deadlines.SECOND / clockRate);
    }

    /** The unwrapped timestamp that belongs to a server time. */
    public long timestampAt(long serverNanos) {
        return timestamp + Math.round((serverNanos - nanos) * (double) clockRate / Deadlines.SECOND);
    }
}
