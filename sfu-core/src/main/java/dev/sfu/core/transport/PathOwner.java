package dev.sfu.core.transport;

import dev.sfu.core.buffer.PacketBuffer;

/** Who gets the packets of a validated path: one connection. */
public interface PathOwner {
    /** A datagram (or TCP frame) came on {@code path}; the callee takes over the reference. */
    void onDatagram(SocketPath path, PacketBuffer datagram);

    /** The path's TCP connection closed. UDP paths do not close by themselves. */
    void onPathClosed(SocketPath path);
}
