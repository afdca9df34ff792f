package dev.sfu.core.transport;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.stats.DropReason;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passive ICE-TCP (RFC 6544): accepts connections whose first frame must be a connectivity check. */
// Closing and sending are not waited for: Netty reports failures to the pipeline.
@SuppressWarnings("FutureReturnValueIgnored")
public final class TcpListener {
    private static final Logger log = LoggerFactory.getLogger(TcpListener.class);

    /**
     * Connections that have not passed a connectivity check yet; beyond this the oldest is closed, which has had the most time: so
     * whoever opens connections for nothing has to open this many in a round trip to keep others out.
     */
    static final int MAX_UNCLAIMED = 1024;
    /** An accepted connection must pass a connectivity check within this time. */
    private static final int CLAIM_TIMEOUT_SECONDS = 10;
    /** About half a second of video: what may wait for a slow reader before packets are dropped. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 << 10, 192 << 10);

    private final EventLoop loop;
    private final BufferPool pool;
    private final PacketReceiver receiver;
    private final FlushQueue flushQueue;
    private final @Nullable PortShare share;
    /** In single-port mode, connections that have not said yet which shard they belong to. */
    private final Map<Channel, Future<?>> arriving = new LinkedHashMap<>();
    private final Set<TcpPath> unclaimed = new LinkedHashSet<>();
    private final Set<TcpPath> open = new HashSet<>();
    private @Nullable Channel channel;
    private long handedOff;

    private TcpListener(
            EventLoop loop,
            BufferPool pool,
            PacketReceiver receiver,
            FlushQueue flushQueue,
            @Nullable PortShare share) {
        this.loop = loop;
        this.pool = pool;
        this.receiver = receiver;
        this.flushQueue = flushQueue;
        this.share = share;
    }

    /** Listens on a port of its own; the stage completes on the loop. */
    public static CompletionStage<TcpListener> bind(
            EventLoop loop, InetSocketAddress address, BufferPool pool, PacketReceiver receiver, FlushQueue flushQueue) {
        return bind(loop, address, pool, receiver, flushQueue, null);
    }

    /**
     * Listens on {@code address}; the stage completes on the loop.
     *
     * @param share this shard's part in a port that all shards bind, or null for a port of its own
     */
    public static CompletionStage<TcpListener> bind(
            EventLoop loop,
            InetSocketAddress address,
            BufferPool pool,
            PacketReceiver receiver,
            FlushQueue flushQueue,
            @Nullable PortShare share) {
        CompletableFuture<TcpListener> bound = new CompletableFuture<>();
        TcpListener listener = new TcpListener(loop, pool, receiver, flushQueue, share);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop, loop)
                .channel(EventLoops.serverSocketChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 512)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        listener.accept(accepted);
                    }
                });
        if (share != null) {
            bootstrap.option(EventLoops.reusePort(), true);
            share.port().setTcp(share.shard(), listener);
        }
        bootstrap.bind(address).addListener((io.netty.channel.ChannelFuture future) -> {
            if (future.isSuccess()) {
                listener.channel = future.channel();
                bound.complete(listener);
            } else {
                bound.completeExceptionally(future.cause());
            }
        });
        return bound;
    }

    /** The address and port it listens on. */
    public InetSocketAddress local() {
        Channel bound = channel;
        if (bound == null) {
            throw new IllegalStateException("not bound");
        }
        return (InetSocketAddress) bound.localAddress();
    }

    /** Stops listening and closes every connection. */
    public void close() {
        if (channel != null) {
            channel.close();
        }
        for (TcpPath path : Set.copyOf(open)) {
            path.close();
        }
        Set.copyOf(arriving.keySet()).forEach(Channel::close);
    }

    /** Connections open now. */
    public int openConnections() {
        return open.size() + arriving.size();
    }

    /** Connections accepted here that belonged to another shard and were given to it. */
    public long connectionsHandedOff() {
        return handedOff;
    }

    FlushQueue flushQueue() {
        return flushQueue;
    }

    void onClaimed(TcpPath path) {
        unclaimed.remove(path);
    }

    private void accept(Channel accepted) {
        makeRoom();
        if (share == null) {
            admit(accepted);
        } else {
            arriving.put(accepted, loop.schedule(() -> accepted.close(), CLAIM_TIMEOUT_SECONDS, TimeUnit.SECONDS));
            accepted.pipeline().addLast(new TcpArrival(this));
        }
    }

    private void makeRoom() {
        if (unclaimed.size() + arriving.size() < MAX_UNCLAIMED) {
            return;
        }
        flushQueue.drops().count(DropReason.QUEUE_FULL);
        if (arriving.isEmpty()) {
            TcpPath oldest = unclaimed.iterator().next();
            unclaimed.remove(oldest);
            oldest.close();
        } else {
            Channel oldest = arriving.keySet().iterator().next();
            onArrivalEnd(oldest);
            oldest.close();
        }
    }

    /** A connection is no longer arriving. */
    void onArrivalEnd(Channel accepted) {
        Future<?> timeout = arriving.remove(accepted);
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    /**
     * The first frame of an arriving connection is there.
     *
     * @param shard the one it names, or a number that is no shard's
     * @param received everything received so far; taken over
     */
    void onArrived(Channel accepted, int shard, ByteBuf received) {
        onArrivalEnd(accepted);
        TcpListener target = share == null ? null : share.port().tcp(shard);
        if (target == null || target == this) {
            admit(accepted);
            accepted.pipeline().fireChannelRead(received);
            return;
        }
        handedOff++;
        accepted.config().setAutoRead(false);
        accepted.deregister().addListener(done -> target.adopt(accepted, received));
    }

    /** Takes over a connection that another shard has accepted and let go. */
    private void adopt(Channel accepted, ByteBuf received) {
        loop.register(accepted).addListener(registered -> {
            if (registered.isSuccess()) {
                makeRoom();
                admit(accepted);
                accepted.pipeline().fireChannelRead(received).fireChannelReadComplete();
                accepted.config().setAutoRead(true);
            } else {
                received.release();
                accepted.close();
            }
        });
    }

    private void admit(Channel accepted) {
        TcpPath path = new TcpPath(this, accepted);
        unclaimed.add(path);
        open.add(path);
        var claimTimeout = loop.schedule(
                () -> {
                    if (unclaimed.contains(path)) {
                        path.close();
                    }
                },
                CLAIM_TIMEOUT_SECONDS,
                TimeUnit.SECONDS);
        accepted.closeFuture().addListener(future -> {
            claimTimeout.cancel(false);
            unclaimed.remove(path);
            open.remove(path);
            PathOwner owner = path.owner();
            if (owner != null) {
                owner.onPathClosed(path);
                receiver.onBatchEnd();
            }
        });
        accepted.pipeline()
                .addLast(new LengthFieldBasedFrameDecoder(PacketBuffer.CAPACITY_BYTES, 0, 2, 0, 2))
                .addLast(new Inbound(path));
    }

    private final class Inbound extends ChannelInboundHandlerAdapter {
        private final TcpPath path;

        Inbound(TcpPath path) {
            this.path = path;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            try {
                if (message instanceof ByteBuf frame) {
                    receive(frame);
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void receive(ByteBuf frame) {
            int length = frame.readableBytes();
            PacketBuffer buffer = pool.acquire();
            frame.readBytes(buffer.array(), 0, length);
            buffer.range(0, length);
            PathOwner owner = path.owner();
            if (owner == null) {
                receiver.onUnclaimed(path, buffer);
            } else {
                owner.onDatagram(path, buffer);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            receiver.onBatchEnd();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            log.debug("ICE-TCP connection closed: {}", cause.toString());
            context.close();
        }
    }
}
