package dev.sfu.core.routing;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.peerconnection.CarriedPacket;

/** Where a {@link ShardPipe} ends: the subscribers' shard. Other shards only pass it on. */
public interface PipeEnd {
    /** A packet has come through the pipe; its bytes are copied into a buffer of this shard's {@code pool} if wanted. */
    void onCarried(CarriedPacket packet, BufferPool pool, long nowNanos);
}
