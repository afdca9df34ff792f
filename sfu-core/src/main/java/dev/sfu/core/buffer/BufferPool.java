package dev.sfu.core.buffer;

import java.util.ArrayDeque;

/**
 * A free list of {@link PacketBuffer}s for one thread.
 *
 * <p>{@link #outstanding()} must be zero when everything that used the pool is closed; tests assert it. Acquiring never
 * fails: the bounds on memory are the bounds of whoever keeps buffers (histories, queues). At most {@code maxIdle}
 * released buffers are kept.
 */
public final class BufferPool {
    private final ArrayDeque<PacketBuffer> idle = new ArrayDeque<>();
    private final int maxIdle;
    private int outstanding;
    private long created;

    /** A pool that keeps at most {@code maxIdle} unused buffers. */
    public BufferPool(int maxIdle) {
        this.maxIdle = maxIdle;
    }

    /** An empty buffer of {@link PacketBuffer#CAPACITY_BYTES} with one reference. */
    public PacketBuffer acquire() {
        outstanding++;
        PacketBuffer buffer = idle.pollLast();
        if (buffer == null) {
            created++;
            buffer = new PacketBuffer(this, new byte[PacketBuffer.CAPACITY_BYTES]);
        }
        return buffer.reuse();
    }

    void recycle(PacketBuffer buffer) {
        outstanding--;
        if (idle.size() < maxIdle) {
            idle.addLast(buffer);
        }
    }

    /** Buffers acquired and not yet fully released. */
    public int outstanding() {
        return outstanding;
    }

    /** Released buffers kept for reuse. */
    public int idle() {
        return idle.size();
    }

    /** Arrays allocated since the pool was made. */
    public long created() {
        return created;
    }
}
