package dev.sfu.core.transport;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What other shards received for this one: a ring that they put datagrams into and this shard empties.
 *
 * <p>The slots hold empty buffers of this shard's pool. Whoever puts a datagram in copies it straight from the socket's
 * memory into such a buffer, and whoever takes it out leaves an empty one behind; so each datagram is copied once, as
 * without the detour, and every buffer stays with its pool.
 */
public final class StrayQueue {
    private static final Logger log = LoggerFactory.getLogger(StrayQueue.class);

    /** Datagrams that may wait; a power of two. */
    static final int CAPACITY = 1024;
    /** Places that what nobody has authenticated may fill: a flood leaves the others to the media of connections. */
    static final int UNKNOWN_CAPACITY = CAPACITY / 2;
    /** Datagrams processed before the shard's own sockets have their turn. */
    private static final int MAX_PER_TURN = 256;

    private static final class Slot {
        private PacketBuffer buffer;
        private @Nullable InetSocketAddress sender;
        private @Nullable UdpSocket socket;
        /** One more than the position of the datagram that is complete here; publishes the other fields. */
        private volatile long filled;

        Slot(PacketBuffer buffer) {
            this.buffer = buffer;
        }
    }

    private final EventLoop loop;
    private final BufferPool pool;
    private final PacketReceiver receiver;
    private final Slot[] slots = new Slot[CAPACITY];
    /** Position of the next datagram to take; only this shard moves it. */
    private final AtomicLong head = new AtomicLong();
    /** Position of the next datagram to put. */
    private final AtomicLong tail = new AtomicLong();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Runnable drain = this::drain;

    /** An empty queue of the shard that these belong to; made before the shard's first socket is bound. */
    public StrayQueue(EventLoop loop, BufferPool pool, PacketReceiver receiver) {
        this.loop = loop;
        this.pool = pool;
        this.receiver = receiver;
        for (int i = 0; i < CAPACITY; i++) {
            slots[i] = new Slot(pool.acquire());
        }
    }

    /** Empty buffers of the pool that are in the queue, full ones aside. */
    public int heldBuffers() {
        return CAPACITY;
    }

    /**
     * Puts a datagram in, from any shard; {@link #wake} must follow before long.
     *
     * @param socket the one of this shard's sockets that the datagram would have come to
     * @param known whether {@code sender} is a 5-tuple that the socket has claimed
     * @return false when there is no place for it
     */
    boolean offer(UdpSocket socket, InetSocketAddress sender, ByteBuf datagram, boolean known) {
        int capacity = known ? CAPACITY : UNKNOWN_CAPACITY;
        long position;
        do {
            position = tail.get();
            if (position - head.get() >= capacity) {
                return false;
            }
        } while (!tail.compareAndSet(position, position + 1));
        Slot slot = slots[(int) position & (CAPACITY - 1)];
        int length = datagram.readableBytes();
        datagram.readBytes(slot.buffer.array(), 0, length);
        slot.buffer.range(0, length);
        slot.sender = sender;
        slot.socket = socket;
        slot.filled = position + 1;
        return true;
    }

    /** Has the queue emptied soon; once for many datagrams. */
    void wake() {
        if (!scheduled.getAndSet(true)) {
            try {
                loop.execute(drain);
            } catch (RejectedExecutionException e) {
                log.debug("the shard has stopped", e);
            }
        }
    }

    private void drain() {
        // Before looking: who puts something in afterwards wakes this shard again.
        scheduled.getAndSet(false);
        int count = 0;
        while (count < MAX_PER_TURN && deliverNext()) {
            count++;
        }
        if (count == MAX_PER_TURN) {
            wake();
        }
        receiver.onBatchEnd();
    }

    private boolean deliverNext() {
        long position = head.get();
        Slot slot = slots[(int) position & (CAPACITY - 1)];
        UdpSocket socket = slot.filled == position + 1 ? slot.socket : null;
        InetSocketAddress sender = slot.sender;
        if (socket == null || sender == null) {
            return false;
        }
        PacketBuffer datagram = slot.buffer;
        slot.buffer = pool.acquire();
        head.set(position + 1);
        try {
            socket.onStray(sender, datagram);
        } catch (RuntimeException e) {
            log.error("{}: unexpected failure while processing a datagram", socket.local(), e);
        }
        return true;
    }
}
