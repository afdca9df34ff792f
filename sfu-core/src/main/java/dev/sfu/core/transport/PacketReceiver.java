package dev.sfu.core.transport;

import dev.sfu.core.buffer.PacketBuffer;

/** The shard as its sockets see it. */
public interface PacketReceiver {
    /**
     * A datagram came from a 5-tuple that belongs to nobody yet; the callee takes over the reference. The path is
     * remembered only when {@link SocketPath#claim} is called on it.
     */
    void onUnclaimed(SocketPath path, PacketBuffer datagram);

    /**
     * Whether a datagram on a 5-tuple of {@code owner} is a STUN message that names another connection. A NAT may have given
     * the 5-tuple of a connection that ended without a goodbye to another client; {@link #onUnclaimed} gets its check then, and
     * only if that proves authentic the 5-tuple changes hands, by {@link SocketPath#claim}.
     */
    boolean isForAnother(PathOwner owner, PacketBuffer datagram);

    /** The socket has no more to read now: time to flush what the batch produced. */
    void onBatchEnd();
}
