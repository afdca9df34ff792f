package dev.sfu.core.routing;

import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;

/**
 * Carries one published track to the subscribers on one other shard: each packet is handed over once, however many they
 * are. It exists while there are any.
 *
 * <p>All of the track's streams are carried, so that the other side chooses among layers as if they came in there.
 */
final class ShardPipe {
    private final String trackId;
    private final RoomPeer peer;
    private final PipeEnd end;
    private final DropCounters drops;

    ShardPipe(String trackId, RoomPeer peer, PipeEnd end, DropCounters drops) {
        this.trackId = trackId;
        this.peer = peer;
        this.end = end;
        this.drops = drops;
    }

    void carry(IncomingPacket packet, long nowNanos) {
        if (!peer.carry(end, packet, nowNanos)) {
            drops.count(DropReason.PIPE_FULL);
        }
    }

    void onStreamEnded(IncomingStream stream) {
        peer.send(new RoomMessage.StreamEnded(trackId, stream.number()));
    }

    void onStreamStopped(IncomingStream stream) {
        peer.send(new RoomMessage.StreamStopped(trackId, stream.number()));
    }
}
