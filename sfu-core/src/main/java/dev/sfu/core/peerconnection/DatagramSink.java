package dev.sfu.core.peerconnection;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.ice.NetworkPath;

/** Where a connection's datagrams go: a queue that the shard flushes when its turn ends. */
@FunctionalInterface
public interface DatagramSink {
    /** Queues {@code datagram} to leave on {@code path}; takes over the reference. */
    void send(NetworkPath path, PacketBuffer datagram);
}
