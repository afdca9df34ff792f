package dev.sfu.core.transport;

import dev.sfu.core.buffer.PacketBuffer;

/** Who gets the packets of a validated path: one connection. */
public interface PathOwner {
    /** A datagram (or TCP frame) came on {@code path}; the callee takes over the reference. */
    void onDatagram(SocketPath path, PacketBuffer datagram);

    /** The path is no longer the owner's: its TCP connection closed, or another connection has claimed its UDP 5-tuple. */
    void onPathClosed(SocketPath path);
}
