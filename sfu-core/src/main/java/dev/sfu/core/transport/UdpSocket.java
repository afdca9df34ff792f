package dev.sfu.core.transport;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.stats.DropReason;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A UDP socket bound to one address on one shard's loop. */
// Closing and sending are not waited for: Netty reports failures to the pipeline.
@SuppressWarnings("FutureReturnValueIgnored")
public final class UdpSocket {
    private static final Logger log = LoggerFactory.getLogger(UdpSocket.class);

    /** Datagrams one recvmmsg may return. */
    private static final int RECEIVE_BATCH = 32;
    /** What may wait in user space when the kernel's send buffer is full. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(1 << 20, 4 << 20);
    /**
     * Written before it is sent. A keyframe for a large room is more than the water mark, which is about what the kernel
     * did not take and not about what it was not yet given; and what was just encrypted is better sent from the cache.
     */
    private static final int FLUSH_BYTES = 1 << 18;
    /** Asked from the kernel for both directions, which may give less (net.core.rmem_max). */
    public static final int KERNEL_BUFFER_BYTES = 4 << 20;

    private final Channel channel;
    private final InetSocketAddress local;
    private final BufferPool pool;
    private final PacketReceiver receiver;
    private final FlushQueue flushQueue;
    private final boolean segmentationSupported;
    private final @Nullable HandOff handOff;
    private final Map<InetSocketAddress, UdpPath> paths = new HashMap<>();
    private int unflushedBytes;
    private long failures;
    private long packetsReceived;
    private long bytesReceived;

    private UdpSocket(
            Channel channel,
            BufferPool pool,
            PacketReceiver receiver,
            FlushQueue flushQueue,
            @Nullable PortShare share) {
        this.channel = channel;
        this.local = (InetSocketAddress) channel.localAddress();
        this.pool = pool;
        this.receiver = receiver;
        this.flushQueue = flushQueue;
        this.segmentationSupported = channel instanceof EpollDatagramChannel
                && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
        this.handOff = share == null ? null : new HandOff(this, share, flushQueue.drops());
    }

    /** Binds a socket on {@code loop} to a port of its own. */
    public static CompletionStage<UdpSocket> bind(
            EventLoop loop, InetSocketAddress address, BufferPool pool, PacketReceiver receiver, FlushQueue flushQueue) {
        return bind(loop, address, pool, receiver, flushQueue, null);
    }

    /**
     * Binds a socket on {@code loop}. Must be called off the loop or on it; the stage completes on it, exceptionally
     * with {@link java.net.BindException} when the address is taken.
     *
     * @param share this shard's part in a port that all shards bind, or null for a port of its own
     */
    public static CompletionStage<UdpSocket> bind(
            EventLoop loop,
            InetSocketAddress address,
            BufferPool pool,
            PacketReceiver receiver,
            FlushQueue flushQueue,
            @Nullable PortShare share) {
        CompletableFuture<UdpSocket> bound = new CompletableFuture<>();
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(EventLoops.datagramChannel())
                .option(ChannelOption.SO_RCVBUF, KERNEL_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, KERNEL_BUFFER_BYTES)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new ChannelInboundHandlerAdapter());
        if (EventLoops.epoll()) {
            bootstrap
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, PacketBuffer.CAPACITY_BYTES)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new BatchAllocator(PacketBuffer.CAPACITY_BYTES * RECEIVE_BATCH, RECEIVE_BATCH));
        } else {
            bootstrap.option(
                    ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(PacketBuffer.CAPACITY_BYTES));
        }
        if (share != null) {
            bootstrap.option(EventLoops.reusePort(), true);
        }
        bootstrap.bind(address).addListener((io.netty.channel.ChannelFuture future) -> {
            if (future.isSuccess()) {
                UdpSocket socket = new UdpSocket(future.channel(), pool, receiver, flushQueue, share);
                future.channel().pipeline().addLast(socket.new Inbound());
                bound.complete(socket);
            } else {
                bound.completeExceptionally(future.cause());
            }
        });
        return bound;
    }

    /** The address and port it is bound to. */
    public InetSocketAddress local() {
        return local;
    }

    /** What the kernel gave of {@link #KERNEL_BUFFER_BYTES} for datagrams that wait to be read. */
    public int receiveBufferBytes() {
        return granted(ChannelOption.SO_RCVBUF);
    }

    /** What the kernel gave of {@link #KERNEL_BUFFER_BYTES} for datagrams that wait to leave. */
    public int sendBufferBytes() {
        return granted(ChannelOption.SO_SNDBUF);
    }

    private int granted(ChannelOption<Integer> option) {
        Integer bytes = channel.config().getOption(option);
        // Linux reports twice what it was asked for; the JDK takes that back, Netty's epoll does not.
        return bytes == null ? 0 : EventLoops.epoll() ? bytes / 2 : bytes;
    }

    /** Closes the socket. */
    public void close() {
        channel.close();
    }

    /** 5-tuples that belong to a connection. */
    public int claimedPaths() {
        return paths.size();
    }

    /** Datagrams read. */
    public long packetsReceived() {
        return packetsReceived;
    }

    /** Datagrams read that belonged to another shard and were given to it. */
    public long packetsHandedOff() {
        return handOff == null ? 0 : handOff.handedOff();
    }

    /** Bytes read, without IP and UDP headers. */
    public long bytesReceived() {
        return bytesReceived;
    }

    Channel channel() {
        return channel;
    }

    FlushQueue flushQueue() {
        return flushQueue;
    }

    boolean segmentationSupported() {
        return segmentationSupported;
    }

    /** Sends what was written when it is enough. */
    void onWritten(int bytes) {
        unflushedBytes += bytes;
        if (unflushedBytes >= FLUSH_BYTES) {
            flush();
        }
    }

    void flush() {
        unflushedBytes = 0;
        channel.flush();
    }

    void remember(UdpPath path) {
        takeAway(paths.put(path.remote(), path));
        if (handOff != null) {
            handOff.claim(path.remote());
        }
    }

    /** A connection of another shard has claimed the 5-tuple; on this shard's loop. */
    void onClaimedElsewhere(InetSocketAddress remote) {
        UdpPath former = paths.remove(remote);
        if (former != null) {
            takeAway(former);
            receiver.onBatchEnd();
        }
    }

    /** Has who owned a path learn that it is another's. */
    private static void takeAway(@Nullable UdpPath former) {
        PathOwner owner = former == null ? null : former.owner();
        if (former != null && owner != null) {
            owner.onPathClosed(former);
        }
    }

    void forget(UdpPath path) {
        if (paths.remove(path.remote(), path) && handOff != null) {
            handOff.unclaim(path.remote());
        }
    }

    /** What came to another shard's socket on this port; the callee takes over the reference. On this shard's loop. */
    void onStray(InetSocketAddress sender, PacketBuffer datagram) {
        deliver(sender, paths.get(sender), datagram);
    }

    private void deliver(InetSocketAddress sender, @Nullable UdpPath path, PacketBuffer datagram) {
        PathOwner owner = path == null ? null : path.owner();
        if (path == null || owner == null || receiver.isForAnother(owner, datagram)) {
            receiver.onUnclaimed(new UdpPath(this, sender), datagram);
        } else {
            owner.onDatagram(path, datagram);
        }
    }

    private final class Inbound extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof DatagramPacket datagram) {
                try {
                    receive(datagram.content(), datagram.sender());
                } finally {
                    datagram.release();
                }
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        private void receive(ByteBuf content, InetSocketAddress sender) {
            int length = content.readableBytes();
            packetsReceived++;
            bytesReceived += length;
            // A datagram that fills the receive buffer to the last byte may have been cut there.
            if (length >= PacketBuffer.CAPACITY_BYTES) {
                flushQueue.drops().count(DropReason.TOO_LARGE);
                return;
            }
            UdpPath path = paths.get(sender);
            if (handOff != null
                    && (path == null || HandOff.mayNameAnother(content))
                    && handOff.take(sender, content)) {
                return;
            }
            PacketBuffer buffer = pool.acquire();
            content.readBytes(buffer.array(), 0, length);
            buffer.range(0, length);
            deliver(sender, path, buffer);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (handOff != null) {
                handOff.onBatchEnd();
            }
            receiver.onBatchEnd();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof java.io.IOException) {
                // ICMP errors of earlier sends surface here; the peer's silence is what ends a connection.
                log.debug("{}: {}", local, cause.toString());
            } else {
                // A peer may be able to cause as many as it sends datagrams: each is counted, and told of less and less often.
                if (Long.bitCount(++failures) == 1) {
                    log.error("{}: unexpected failure no. {} while processing a datagram", local, failures, cause);
                }
            }
        }
    }
}
