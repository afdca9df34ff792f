package dev.sfu.core.shard;

import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.routing.PipeEnd;
import dev.sfu.core.routing.RoomMessage;
import dev.sfu.core.routing.RoomPeer;

/** One direction between two shards' parts of one room. */
final class RoomLink implements RoomPeer, Crossing.Mailbox {
    private final ShardRooms from;
    private final Crossing crossing;
    private final RoomPart to;
    /** The other direction; set before anything is sent, and not touched by the sending shard. */
    private RoomLink back;

    private RoomLink(ShardRooms from, Crossing crossing, RoomPart to) {
        this.from = from;
        this.crossing = crossing;
        this.to = to;
        this.back = this;
    }

    /** Links two parts; gives the direction from {@code here} to {@code there}. */
    static RoomLink between(RoomPart here, RoomPart there) {
        RoomLink forth = new RoomLink(here.rooms(), here.rooms().crossingTo(there.rooms()), there);
        RoomLink back = new RoomLink(there.rooms(), there.rooms().crossingTo(here.rooms()), here);
        forth.back = back;
        back.back = forth;
        return forth;
    }

    @Override
    public void send(RoomMessage message) {
        crossing.send(this, message);
    }

    @Override
    public boolean carry(PipeEnd end, IncomingPacket packet, long nowNanos) {
        from.touch(crossing);
        return crossing.carry(end, packet, nowNanos);
    }

    @Override
    public void deliver(RoomMessage message, long nowNanos) {
        to.onMessage(back, message, nowNanos);
    }
}
