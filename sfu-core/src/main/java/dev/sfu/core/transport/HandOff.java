package dev.sfu.core.transport;

import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.stun.StunMessage;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One UDP socket's part in single-port mode: it gives the other shards what is theirs and is given its own. */
final class HandOff {
    private static final Logger log = LoggerFactory.getLogger(HandOff.class);

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

    /** Whether a datagram may be a connectivity check, which names its shard whoever has claimed its 5-tuple. */
    static boolean mayNameAnother(ByteBuf datagram) {
        return datagram.isReadable() && (datagram.getByte(datagram.readerIndex()) & 0xC0) == 0;
    }

    /**
     * Gives a datagram that is for no connection of this shard to the shard it belongs to.
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
        if (length < StunMessage.HEADER_BYTES || length > check.length || !mayNameAnother(datagram)) {
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

    /** A connection of this shard owns the 5-tuple from now on; one of another shard that did is told. */
    void claim(InetSocketAddress remote) {
        HandOff former = share.port().claim(remote, this);
        if (former != null && former != this) {
            former.loseSoon(remote);
        }
    }

    private void loseSoon(InetSocketAddress remote) {
        try {
            socket.channel().eventLoop().execute(() -> {
                // Unless it came back meanwhile.
                if (share.port().owner(remote) != this) {
                    socket.onClaimedElsewhere(remote);
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("the shard has stopped", e);
        }
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
