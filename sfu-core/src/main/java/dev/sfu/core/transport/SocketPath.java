package dev.sfu.core.transport;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.stats.DropReason;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One 5-tuple of one of our sockets, with the packets waiting to leave on it. */
public abstract sealed class SocketPath implements NetworkPath permits UdpPath, TcpPath {
    /** Packets that may wait for one flush; what is produced beyond for one peer is lost. */
    static final int MAX_QUEUED = 1024;

    private final FlushQueue flushQueue;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private @Nullable PathOwner owner;
    private PacketBuffer[] queue = new PacketBuffer[8];
    private int queued;

    SocketPath(FlushQueue flushQueue, InetSocketAddress local, InetSocketAddress remote) {
        this.flushQueue = flushQueue;
        this.local = local;
        this.remote = remote;
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    /** Who gets this path's packets, or null. */
    public @Nullable PathOwner owner() {
        return owner;
    }

    /** Gives this path's packets to {@code newOwner} from now on; an earlier owner loses them. */
    public void claim(PathOwner newOwner) {
        owner = newOwner;
        onClaimed();
    }

    /** Forgets the path if {@code formerOwner} has it. */
    public void unclaim(PathOwner formerOwner) {
        if (owner == formerOwner) {
            owner = null;
            onUnclaimed();
        }
    }

    /** Queues a packet to leave with the next flush; takes over the reference. */
    public void send(PacketBuffer packet) {
        flushQueue.onQueueing(this, packet.length());
        if (queued == MAX_QUEUED) {
            flushQueue.drops().count(DropReason.QUEUE_FULL);
            packet.release();
            return;
        }
        if (queued == queue.length) {
            queue = Arrays.copyOf(queue, queued * 2);
        }
        if (queued == 0) {
            flushQueue.add(this);
        }
        queue[queued++] = packet;
    }

    /** Writes what is queued to the channel, without flushing the channel. */
    final void writeQueued() {
        int count = queued;
        queued = 0;
        write(queue, count);
        Arrays.fill(queue, 0, count, null);
    }

    final FlushQueue flushQueue() {
        return flushQueue;
    }

    abstract void onClaimed();

    abstract void onUnclaimed();

    /** Writes {@code count} packets and releases them. */
    abstract void write(PacketBuffer[] packets, int count);

    abstract void flush();

    @Override
    public String toString() {
        return transport() + " " + local + " <- peer";
    }
}
