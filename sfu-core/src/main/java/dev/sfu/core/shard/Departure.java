package dev.sfu.core.shard;

import dev.sfu.core.routing.ForwardQueue;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.transport.FlushQueue;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * When what a shard has to forward and to send leaves: at the end of the turn, or of a later one while more is gathered, as {@link
 * GatherWindow} has it.
 */
final class Departure {
    /** A loop that has slept needs so long, at most, to look at its sockets; to wake up takes about as long. */
    private static final long READ_NANOS = 50_000;

    private final EventLoop loop;
    private final LongSupplier clock;
    private final ForwardQueue forwardQueue;
    private final FlushQueue flushQueue;
    private final Runnable takeTurn;
    private final GatherWindow window = new GatherWindow();
    private final Runnable onGathered = this::onGathered;
    /** When what waits to be forwarded or sent leaves; never when nothing has begun to wait. */
    private long leaveNanos = Deadlines.NEVER;
    /** Whether it has begun to wait in this turn. */
    private boolean begins;

    private long packetsLeft;
    private long writesLeft;

    /**
     * Nothing waits yet.
     *
     * @param clock nanoseconds
     * @param takeTurn has the shard take a turn, in which what has waited long enough leaves; run on the loop
     */
    Departure(EventLoop loop, LongSupplier clock, ForwardQueue forwardQueue, FlushQueue flushQueue, Runnable takeTurn) {
        this.loop = loop;
        this.clock = clock;
        this.forwardQueue = forwardQueue;
        this.flushQueue = flushQueue;
        this.takeTurn = takeTurn;
    }

    /** Whether what waits to be forwarded or sent leaves in this turn, or waits for more. */
    boolean isDue(long turnNanos) {
        if (flushQueue.isEmpty() && forwardQueue.isEmpty()) {
            return false;
        }
        long windowNanos = window.nanos();
        if (windowNanos == 0 || leaveNanos <= turnNanos) {
            return true;
        }
        if (leaveNanos == Deadlines.NEVER) {
            leaveNanos = turnNanos + windowNanos;
            begins = true;
        }
        return false;
    }

    /** Sends what waits. */
    void flush() {
        flushQueue.flush();
        window.onFlush(flushQueue.packetsSent() - packetsLeft, flushQueue.writes() - writesLeft);
        packetsLeft = flushQueue.packetsSent();
        writesLeft = flushQueue.writes();
        leaveNanos = Deadlines.NEVER;
    }

    /** The turn is over; if something has begun to wait in it, the loop may sleep before this returns. */
    void onTurnEnd(long turnStartNanos) {
        window.onTurn(turnStartNanos, clock.getAsLong());
        boolean waits = begins && leaveNanos != Deadlines.NEVER;
        begins = false;
        if (waits) {
            gather();
        }
    }

    /** Has what waits leave when its time has come, and sleeps until then if the window says so. */
    @SuppressWarnings("FutureReturnValueIgnored") // The loop's end cancels it.
    private void gather() {
        long now = clock.getAsLong();
        long delayNanos = leaveNanos - now;
        if (window.sleeps() && delayNanos > READ_NANOS) {
            LockSupport.parkNanos(delayNanos - READ_NANOS);
            // It leaves in the next turn, which reads the sockets first if anything has come.
            leaveNanos = now;
            delayNanos = READ_NANOS;
        }
        loop.schedule(onGathered, delayNanos, TimeUnit.NANOSECONDS);
    }

    private void onGathered() {
        if (leaveNanos != Deadlines.NEVER) {
            takeTurn.run();
        }
    }

    /** The share of time the shard is busy, 0 to 1; from any thread. */
    double loadAt(long nowNanos) {
        return window.loadAt(nowNanos);
    }
}
