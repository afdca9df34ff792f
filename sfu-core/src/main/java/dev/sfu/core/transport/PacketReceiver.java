package dev.sfu.core.transport;

import dev.sfu.core.buffer.PacketBuffer;

/** The shard as its sockets see it. */
public interface PacketReceiver {
    /**
     * A datagram came from a 5-tuple that belongs to nobody yet; the callee takes over the reference. The path is
     * remembered only when {@link SocketPath#claim} is called on it.
     */
    void onUnclaimed(SocketPath path, PacketBuffer datagram);

    /** The socket has no more to read now: time to flush what the batch produced. */
    void onBatchEnd();
}
