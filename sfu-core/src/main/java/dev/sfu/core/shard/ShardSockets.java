package dev.sfu.core.shard;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.ice.IceCandidates;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.transport.FlushQueue;
import dev.sfu.core.transport.PacketReceiver;
import dev.sfu.core.transport.TcpListener;
import dev.sfu.core.transport.UdpSocket;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard's sockets: UDP and ICE-TCP on every usable address, so that each answer leaves from the address that was asked,
 * and the candidates that name them.
 */
final class ShardSockets {
    private static final Logger log = LoggerFactory.getLogger(ShardSockets.class);

    private final List<UdpSocket> udp = new ArrayList<>();
    private final List<TcpListener> tcp = new ArrayList<>();
    private final List<InetAddress> advertise;

    private ShardSockets(List<InetAddress> advertise) {
        this.advertise = advertise;
    }

    /**
     * Binds {@code port} and {@code tcpPort} (-1: no TCP) on every address; called off the loop, waits.
     *
     * @throws IOException when a port is taken or no address can be bound; nothing stays open then
     */
    static ShardSockets bind(
            EventLoop loop,
            List<InetAddress> addresses,
            List<InetAddress> advertise,
            int port,
            int tcpPort,
            BufferPool pool,
            PacketReceiver receiver,
            FlushQueue flushQueue)
            throws IOException {
        ShardSockets sockets = new ShardSockets(List.copyOf(advertise));
        try {
            for (InetAddress address : addresses) {
                bindOne(sockets, loop, address, port, tcpPort, pool, receiver, flushQueue);
            }
            if (sockets.udp.isEmpty()) {
                throw new IOException("rtc.port: " + port + " (expected: an address of this host to bind it on)");
            }
            return sockets;
        } catch (IOException e) {
            sockets.close();
            throw e;
        }
    }

    private static void bindOne(
            ShardSockets sockets,
            EventLoop loop,
            InetAddress address,
            int port,
            int tcpPort,
            BufferPool pool,
            PacketReceiver receiver,
            FlushQueue flushQueue)
            throws IOException {
        try {
            sockets.udp.add(
                    await(UdpSocket.bind(loop, new InetSocketAddress(address, port), pool, receiver, flushQueue)));
            if (tcpPort >= 0) {
                sockets.tcp.add(await(
                        TcpListener.bind(loop, new InetSocketAddress(address, tcpPort), pool, receiver, flushQueue)));
            }
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            if (message.contains("in use")) {
                throw new IOException("rtc.port: " + port + ", rtc.tcpPort: " + tcpPort + " (expected: free ports; "
                        + message + ")", e);
            }
            // An address can be listed and yet not be bindable, such as an IPv6 one still being probed.
            log.warn("no media on one address: {}", message);
        }
    }

    private static <T> T await(CompletionStage<T> stage) throws IOException {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /**
     * The addresses to put into candidates.
     *
     * @param loopback whether the peer is on this host, so that loopback reaches us
     */
    List<IceCandidates.Advertised> advertised(boolean loopback) {
        List<IceCandidates.Advertised> result = new ArrayList<>();
        for (UdpSocket socket : udp) {
            add(result, Transport.UDP, socket.local(), loopback);
        }
        for (TcpListener listener : tcp) {
            add(result, Transport.TCP, listener.local(), loopback);
        }
        if (result.isEmpty() && !loopback) {
            return advertised(true);
        }
        for (InetAddress address : advertise) {
            if (result.stream().noneMatch(candidate -> candidate.address().getAddress().equals(address))) {
                addMapped(result, address);
            }
        }
        return result;
    }

    private void add(
            List<IceCandidates.Advertised> result, Transport transport, InetSocketAddress local, boolean loopback) {
        InetAddress address = local.getAddress();
        boolean wanted = address.isLoopbackAddress() ? loopback : advertise.isEmpty() || advertise.contains(address);
        if (wanted) {
            result.add(new IceCandidates.Advertised(transport, local));
        }
    }

    /** An address that a NAT maps one to one onto ours: same ports. */
    private void addMapped(List<IceCandidates.Advertised> result, InetAddress address) {
        result.add(new IceCandidates.Advertised(
                Transport.UDP, new InetSocketAddress(address, udp.get(0).local().getPort())));
        if (!tcp.isEmpty()) {
            result.add(new IceCandidates.Advertised(
                    Transport.TCP, new InetSocketAddress(address, tcp.get(0).local().getPort())));
        }
    }

    long packetsReceived() {
        return udp.stream().mapToLong(UdpSocket::packetsReceived).sum();
    }

    long bytesReceived() {
        return udp.stream().mapToLong(UdpSocket::bytesReceived).sum();
    }

    int claimedPaths() {
        return udp.stream().mapToInt(UdpSocket::claimedPaths).sum();
    }

    int tcpConnections() {
        return tcp.stream().mapToInt(TcpListener::openConnections).sum();
    }

    List<UdpSocket> udp() {
        return udp;
    }

    void close() {
        udp.forEach(UdpSocket::close);
        tcp.forEach(TcpListener::close);
    }
}
