package dev.sfu.core.shard;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.ice.IceCandidates;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.transport.FlushQueue;
import dev.sfu.core.transport.PacketReceiver;
import dev.sfu.core.transport.PortShare;
import dev.sfu.core.transport.SharedPort;
import dev.sfu.core.transport.SinglePort;
import dev.sfu.core.transport.StrayQueue;
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
import org.jspecify.annotations.Nullable;
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
    private List<IceCandidate> candidates = List.of();
    private List<IceCandidate> candidatesOnThisHost = List.of();

    private @Nullable StrayQueue strays;

    private ShardSockets(List<InetAddress> advertise) {
        this.advertise = advertise;
    }

    /**
     * The ports that all shards are to bind, found free.
     *
     * @return null when every shard has its own, as the only one always has
     * @throws IOException when a port is taken
     */
    static @Nullable SinglePort reserve(EngineConfig config, List<InetAddress> addresses) throws IOException {
        if (!config.singlePort() || config.shards() == 1) {
            return null;
        }
        SinglePort singlePort = new SinglePort(config.shards());
        for (InetAddress address : addresses) {
            try {
                singlePort.reserve(address, config.port(), config.tcpPort());
            } catch (IOException e) {
                onBindFailure(e, config.port(), config.tcpPort());
            }
        }
        return singlePort;
    }

    /**
     * Binds a shard's ports on every address; called off the loop, waits.
     *
     * @throws IOException when a port is taken or no address can be bound; nothing stays open then
     */
    static ShardSockets bind(
            int shard,
            EngineResources resources,
            List<InetAddress> addresses,
            EventLoop loop,
            BufferPool pool,
            PacketReceiver receiver,
            FlushQueue flushQueue)
            throws IOException {
        EngineConfig config = resources.config();
        ShardSockets sockets = new ShardSockets(config.advertise());
        int port = config.port();
        try {
            SinglePort singlePort = resources.singlePort();
            if (singlePort != null) {
                StrayQueue strays = new StrayQueue(loop, pool, receiver);
                sockets.strays = strays;
                for (SharedPort shared : singlePort.ports()) {
                    PortShare share = new PortShare(shared, shard, strays);
                    sockets.bind(shared.udpAddress(), shared.tcpAddress(), share, loop, pool, receiver, flushQueue);
                }
            } else {
                port = port == 0 ? 0 : port + shard;
                int tcpPort = config.tcpPort() <= 0 ? config.tcpPort() : config.tcpPort() + shard;
                for (InetAddress address : addresses) {
                    sockets.bind(
                            new InetSocketAddress(address, port),
                            tcpPort < 0 ? null : new InetSocketAddress(address, tcpPort),
                            null, loop, pool, receiver, flushQueue);
                }
            }
            if (sockets.udp.isEmpty()) {
                throw new IOException("rtc.port: " + port + " (expected: an address of this host to bind it on)");
            }
            sockets.candidates = IceCandidates.ofHost(sockets.advertised(false), null);
            sockets.candidatesOnThisHost = IceCandidates.ofHost(sockets.advertised(true), null);
            if (shard == 0) {
                warnOfSmallBuffers(sockets.udp.getFirst());
            }
            return sockets;
        } catch (IOException e) {
            sockets.close();
            throw e;
        }
    }

    private void bind(
            InetSocketAddress udpAddress,
            @Nullable InetSocketAddress tcpAddress,
            @Nullable PortShare share,
            EventLoop loop,
            BufferPool pool,
            PacketReceiver receiver,
            FlushQueue flushQueue)
            throws IOException {
        try {
            udp.add(await(UdpSocket.bind(loop, udpAddress, pool, receiver, flushQueue, share)));
            if (tcpAddress != null) {
                tcp.add(await(TcpListener.bind(loop, tcpAddress, pool, receiver, flushQueue, share)));
            }
        } catch (IOException e) {
            onBindFailure(e, udpAddress.getPort(), tcpAddress == null ? -1 : tcpAddress.getPort());
        }
    }

    private static void warnOfSmallBuffers(UdpSocket socket) {
        warnOfSmallBuffer("receive", "net.core.rmem_max", socket.receiveBufferBytes());
        warnOfSmallBuffer("send", "net.core.wmem_max", socket.sendBufferBytes());
    }

    private static void warnOfSmallBuffer(String direction, String setting, int bytes) {
        if (bytes < UdpSocket.KERNEL_BUFFER_BYTES) {
            log.warn(
                    "UDP {} buffers are {} KiB, so bursts of media may be lost (expected: {} KiB; sysctl -w {}={})",
                    direction, bytes >> 10, UdpSocket.KERNEL_BUFFER_BYTES >> 10, setting, UdpSocket.KERNEL_BUFFER_BYTES);
        }
    }

    /** Only a port that is taken is a mistake of the configuration. */
    private static void onBindFailure(IOException failure, int port, int tcpPort) throws IOException {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("in use")) {
            throw new IOException(
                    "rtc.port: " + port + ", rtc.tcpPort: " + tcpPort + " (expected: free ports; " + message + ")",
                    failure);
        }
        // An address can be listed and yet not be bindable, such as an IPv6 one still being probed.
        log.warn("no media on one address: {}", message);
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
     * The candidates of these sockets.
     *
     * @param loopback whether the peer is on this host, so that loopback reaches us
     */
    List<IceCandidate> candidates(boolean loopback) {
        return loopback ? candidatesOnThisHost : candidates;
    }

    private List<IceCandidates.Advertised> advertised(boolean loopback) {
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

    long packetsHandedOff() {
        return udp.stream().mapToLong(UdpSocket::packetsHandedOff).sum();
    }

    long connectionsHandedOff() {
        return tcp.stream().mapToLong(TcpListener::connectionsHandedOff).sum();
    }

    /** Buffers of the shard's pool that wait to be filled by others. */
    int heldBuffers() {
        return strays == null ? 0 : strays.heldBuffers();
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
