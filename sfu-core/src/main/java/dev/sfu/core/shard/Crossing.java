package dev.sfu.core.shard;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.peerconnection.CarriedPacket;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.routing.PipeEnd;
import dev.sfu.core.routing.RoomMessage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way from one shard to another: packets in a bounded ring, messages in a queue beside it, both taken out in the order
 * in which they were put in.
 *
 * <p>The sending shard keeps its references to the packets' buffers until the receiving one has copied the bytes, and gives
 * them back at the end of a turn: so every buffer stays with its own pool, and nothing comes back through a queue. The ring
 * is lock-free for one writer and one reader and allocates only until it has been filled once.
 *
 * <p>A message wakes the receiving shard at once, so that a request which somebody makes there because of what happened here
 * finds it done; packets wake it once, at the end of the sender's turn.
 */
final class Crossing {
    /** Packets that may wait: some 20 ms of what a loaded shard receives. */
    static final int CAPACITY = 4096;

    private static final int MASK = CAPACITY - 1;
    /** Places in {@link #cursors}, far enough from each other to be in cache lines of their own. */
    private static final int TAIL = 16;

    private static final int HEAD = 32;

    /** Where a message goes. */
    @FunctionalInterface
    interface Mailbox {
        /** Called on the receiving shard. */
        void deliver(RoomMessage message, long nowNanos);
    }

    /** How many packets had been put in before the message. */
    private record Posted(long position, Mailbox mailbox, RoomMessage message) {}

    private final Runnable wakeUp;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final AtomicLongArray cursors = new AtomicLongArray(48);
    private final ConcurrentLinkedQueue<Posted> messages = new ConcurrentLinkedQueue<>();

    // Written by the sender, and read by the receiver up to the tail.
    private @Nullable CarriedPacket @Nullable [] packets;
    private @Nullable PipeEnd @Nullable [] ends;

    // The sender's own.
    private long tail;
    private long released;
    private boolean announced = true;
    private boolean touched;

    /**
     * A way on which nothing is yet.
     *
     * @param wakeUp makes the receiving shard call {@link #drain} soon; called on the sending shard
     */
    Crossing(Runnable wakeUp) {
        this.wakeUp = wakeUp;
    }

    // ---- the sending shard ------------------------------------------------------------------------------------------

    /** Sends a message. */
    void send(Mailbox mailbox, RoomMessage message) {
        messages.add(new Posted(tail, mailbox, message));
        wake();
    }

    /** Hands a packet over, or gives false when the ring is full. */
    boolean carry(PipeEnd end, IncomingPacket packet, long nowNanos) {
        @Nullable CarriedPacket[] ring = packets;
        @Nullable PipeEnd[] ringEnds = ends;
        if (ring == null || ringEnds == null) {
            ring = new CarriedPacket[CAPACITY];
            ringEnds = new PipeEnd[CAPACITY];
            packets = ring;
            ends = ringEnds;
        }
        if (tail - released == CAPACITY) {
            releaseCopied();
            if (tail - released == CAPACITY) {
                return false;
            }
        }
        int place = (int) tail & MASK;
        CarriedPacket carried = ring[place];
        if (carried == null) {
            carried = new CarriedPacket();
            ring[place] = carried;
        }
        carried.take(packet, nowNanos);
        ringEnds[place] = end;
        tail++;
        cursors.setRelease(TAIL, tail);
        announced = false;
        return true;
    }

    /** Marks that packets go this way; gives false when it was marked already. */
    boolean touch() {
        boolean first = !touched;
        touched = true;
        return first;
    }

    /** The sender's turn ends: tells of what was put in, and gives back what has been copied. Gives whether something is left. */
    boolean endTurn() {
        if (!announced) {
            announced = true;
            wake();
        }
        releaseCopied();
        touched = tail != released;
        return touched;
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            wakeUp.run();
        }
    }

    private void releaseCopied() {
        @Nullable CarriedPacket[] ring = packets;
        @Nullable PipeEnd[] ringEnds = ends;
        long head = cursors.getAcquire(HEAD);
        while (ring != null && ringEnds != null && released < head) {
            int place = (int) released & MASK;
            CarriedPacket carried = ring[place];
            if (carried != null) {
                carried.release();
            }
            ringEnds[place] = null;
            released++;
        }
    }

    /** Packets put in so far. */
    long packetsCarried() {
        return tail;
    }

    // ---- the receiving shard ----------------------------------------------------------------------------------------

    /**
     * Takes out everything that was put in before the call.
     *
     * @param time the turn's, asked for each packet and message, since it goes on where one of them has many sent
     * @param failures gets what the end of a pipe or a room throws
     */
    void drain(BufferPool pool, LongSupplier time, Failures failures) {
        // Before looking: what comes later wakes anew.
        woken.set(false);
        // The tail before the messages: a message that is not seen yet was then put in after all packets that are.
        long end = cursors.getAcquire(TAIL);
        Posted message = messages.peek();
        while (message != null) {
            carryTo(Math.min(message.position(), end), pool, time, failures);
            if (message.position() > end) {
                return;
            }
            messages.poll();
            try {
                message.mailbox().deliver(message.message(), time.getAsLong());
            } catch (RuntimeException e) {
                failures.onFailure(e);
            }
            message = messages.peek();
        }
        carryTo(end, pool, time, failures);
    }

    private void carryTo(long end, BufferPool pool, LongSupplier time, Failures failures) {
        @Nullable CarriedPacket[] ring = packets;
        @Nullable PipeEnd[] ringEnds = ends;
        long head = cursors.getPlain(HEAD);
        while (ring != null && ringEnds != null && head < end) {
            int place = (int) head & MASK;
            CarriedPacket carried = ring[place];
            PipeEnd pipeEnd = ringEnds[place];
            if (carried != null && pipeEnd != null) {
                try {
                    pipeEnd.onCarried(carried, pool, time.getAsLong());
                } catch (RuntimeException e) {
                    failures.onFailure(e);
                }
            }
            head++;
            cursors.setRelease(HEAD, head);
        }
    }

    /** Takes what went wrong with one packet or message, so that it harms no other. */
    @FunctionalInterface
    interface Failures {
        void onFailure(RuntimeException failure);
    }
}
