package dev.sfu.core.routing;

import dev.sfu.core.peerconnection.IncomingPacket;

/**
 * A part of the same room on another shard, as a part here speaks to it. One way: what comes from there comes through
 * {@link Room#onMessage} and {@link PipeEnd#onCarried}.
 *
 * <p>Messages and packets arrive there in the order in which they were given here. The object's identity names the part.
 */
public interface RoomPeer {
    /** Sends a message. It is not lost. */
    void send(RoomMessage message);

    /**
     * Hands a packet over, which is valid during the call; whoever needs its buffer longer retains it.
     *
     * @return false when it is lost because too much waits already
     */
    boolean carry(PipeEnd end, IncomingPacket packet, long nowNanos);
}
