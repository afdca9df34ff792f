package dev.sfu.core.transport;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.stats.DropReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/** An accepted ICE-TCP connection; packets are framed with a 16-bit length (RFC 4571). */
// Closing and sending are not waited for: Netty reports failures to the pipeline.
@SuppressWarnings("FutureReturnValueIgnored")
final class TcpPath extends SocketPath {
    private final Channel channel;
    private final TcpListener listener;

    TcpPath(TcpListener listener, Channel channel) {
        super(
                listener.flushQueue(),
                (InetSocketAddress) channel.localAddress(),
                (InetSocketAddress) channel.remoteAddress());
        this.listener = listener;
        this.channel = channel;
    }

    @Override
    public Transport transport() {
        return Transport.TCP;
    }

    @Override
    void onClaimed() {
        listener.onClaimed(this);
    }

    @Override
    void onUnclaimed() {
        // Before its connection closes it says goodbye, which is queued still.
        writeQueued();
        channel.flush();
        channel.close();
    }

    @Override
    void write(PacketBuffer[] packets, int count) {
        for (int i = 0; i < count; i++) {
            PacketBuffer packet = packets[i];
            if (channel.isWritable()) {
                int length = packet.length();
                ByteBuf data = channel.alloc().directBuffer(2 + length, 2 + length);
                data.writeShort(length).writeBytes(packet.array(), packet.offset(), length);
                channel.write(data, channel.voidPromise());
                flushQueue().countWrite(1, length);
            } else {
                // A reader slower than the stream: losing packets here beats delaying all that follow.
                flushQueue().drops().count(DropReason.SEND_FAILED);
            }
            packet.release();
        }
    }

    @Override
    void flush() {
        channel.flush();
    }

    void close() {
        channel.close();
    }
}
