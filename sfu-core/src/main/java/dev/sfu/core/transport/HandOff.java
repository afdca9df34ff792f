package dev.sfu.core.transport;

import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.stun.StunMessage;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/** One UDP socket's part in single-port mode: it gives the other shards what is theirs and is given its own. */
final class HandOff {
    private final UdpSocket socket;
    private final PortShare share;
    private final DropCounters drops;
    private final byte[] check = new byte[StunMessage.MAX_BYTES];
    /** The shards to wake when the batch ends, a bit each. */
    private long toWake;
    private long handedOff;

    HandOff(UdpSocket socket, PortShare share, DropCounters drops) {
        this.socket = socket;
        this.share = share;
        this.drops = drops;
        share.port().setUdp(share.shard(), this);
    }

    /**
     * Gives a datagram that no connection of this shard has claimed to the shard it belongs to.
     *
     * @return false when it belongs here or to nobody; nothing was read from {@code datagram} then
     */
    boolean take(InetSocketAddress sender, ByteBuf datagram) {
        HandOff owner = share.port().owner(sender);
        int shard = addressee(datagram);
        // A check names its shard: the 5-tuple may be on its way from one connection to another.
        HandOff target = shard < 0 ? owner : share.port().udp(shard);
        if (target == null || target == this) {
            return false;
        }
        if (target.share.strays().offer(target.socket, sender, datagram, target == owner)) {
            handedOff++;
            toWake |= 1L << target.share.shard();
        } else {
            drops.count(DropReason.HAND_OFF_FULL);
        }
        return true;
    }

    private int addressee(ByteBuf datagram) {
        int length = datagram.readableBytes();
        int start = datagram.readerIndex();
        if (length < StunMessage.HEADER_BYTES || length > check.length || (datagram.getByte(start) & 0xC0) != 0) {
            return -1;
        }
        datagram.getBytes(start, check, 0, length);
        return SharedPort.addressee(check, 0, length);
    }

    /** Wakes the shards that were given something since the last time. */
    void onBatchEnd() {
        while (toWake != 0) {
            HandOff target = share.port().udp(Long.numberOfTrailingZeros(toWake));
            toWake &= toWake - 1;
            if (target != null) {
                target.share.strays().wake();
            }
        }
    }

    /** A connection of this shard owns the 5-tuple from now on. */
    void claim(InetSocketAddress remote) {
        share.port().claim(remote, this);
    }

    /** It does no longer. */
    void unclaim(InetSocketAddress remote) {
        share.port().unclaim(remote, this);
    }

    /** Datagrams given to other shards. */
    long handedOff() {
        return handedOff;
    }
}
