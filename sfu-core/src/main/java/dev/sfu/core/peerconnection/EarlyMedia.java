package dev.sfu.core.peerconnection;

import dev.sfu.core.buffer.PacketBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Media that came before the keys. The peer has them as soon as it reads our last flight, and its first packets can
 * overtake the handshake's way back to the connection's thread; they are the start of its first keyframe.
 */
final class EarlyMedia {
    /** A few milliseconds of a large keyframe. */
    private static final int MAX_PACKETS = 32;

    private final ArrayDeque<PacketBuffer> held = new ArrayDeque<>();

    /** Keeps a reference to the datagram, or gives false when there is no room. */
    boolean hold(PacketBuffer datagram) {
        if (held.size() >= MAX_PACKETS) {
            return false;
        }
        held.addLast(datagram.retain());
        return true;
    }

    /** Takes the oldest one out with its reference, or gives null. */
    @Nullable PacketBuffer poll() {
        return held.pollFirst();
    }

    void clear() {
        for (PacketBuffer datagram = poll(); datagram != null; datagram = poll()) {
            datagram.release();
        }
    }
}
