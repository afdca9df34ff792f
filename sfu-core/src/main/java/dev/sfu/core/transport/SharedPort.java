package dev.sfu.core.transport;

import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.stun.StunMessage;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * One address in single-port mode: the sockets of all shards on its ports, and which of them owns which 5-tuple.
 *
 * <p>A 5-tuple is entered when a connection claims it, thus after an integrity-checked request and before its answer
 * leaves, and goes when the connection gives it up. Whatever comes from elsewhere is looked up and leaves no trace.
 * Thread-safe.
 */
public final class SharedPort {
    private final InetSocketAddress udpAddress;
    private final @Nullable InetSocketAddress tcpAddress;
    private final AtomicReferenceArray<@Nullable HandOff> udp;
    private final AtomicReferenceArray<@Nullable TcpListener> tcp;
    private final ConcurrentMap<InetSocketAddress, HandOff> owners = new ConcurrentHashMap<>();

    private SharedPort(int shards, InetSocketAddress udpAddress, @Nullable InetSocketAddress tcpAddress) {
        this.udpAddress = udpAddress;
        this.tcpAddress = tcpAddress;
        this.udp = new AtomicReferenceArray<>(shards);
        this.tcp = new AtomicReferenceArray<>(shards);
    }

    static SharedPort reserve(int shards, InetAddress address, int udpPort, int tcpPort) throws IOException {
        // Without SO_REUSEPORT, so that ports which another process shares among its sockets are taken too.
        InetSocketAddress udpAddress;
        try (DatagramSocket probe = new DatagramSocket(new InetSocketAddress(address, udpPort))) {
            udpAddress = new InetSocketAddress(address, probe.getLocalPort());
        }
        if (tcpPort < 0) {
            return new SharedPort(shards, udpAddress, null);
        }
        try (ServerSocket probe = new ServerSocket(tcpPort, 1, address)) {
            return new SharedPort(shards, udpAddress, new InetSocketAddress(address, probe.getLocalPort()));
        }
    }

    /** Where the UDP sockets are to be bound. */
    public InetSocketAddress udpAddress() {
        return udpAddress;
    }

    /** Where the listeners are to be bound, or null for no TCP. */
    public @Nullable InetSocketAddress tcpAddress() {
        return tcpAddress;
    }

    /** Takes a shard's bound socket in. */
    void setUdp(int shard, HandOff socket) {
        udp.set(shard, socket);
    }

    /** Takes a shard's bound listener in. */
    void setTcp(int shard, TcpListener listener) {
        tcp.set(shard, listener);
    }

    /** A shard's socket; null for numbers that are no shard's and before it is bound. */
    @Nullable HandOff udp(int shard) {
        return shard >= 0 && shard < udp.length() ? udp.get(shard) : null;
    }

    /** A shard's listener; null for numbers that are no shard's and before it is bound. */
    @Nullable TcpListener tcp(int shard) {
        return shard >= 0 && shard < tcp.length() ? tcp.get(shard) : null;
    }

    /** The shard that a connectivity check names, not authenticated and not always one that exists; -1 for none. */
    static int addressee(byte[] array, int offset, int length) {
        int ufrag = StunMessage.localUfragStart(array, offset, length);
        return ufrag < 0 ? -1 : IceCredentials.numberOf(array[ufrag]);
    }

    /** The socket whose connection has claimed this 5-tuple, or null. */
    @Nullable HandOff owner(InetSocketAddress remote) {
        return owners.get(remote);
    }

    /** Enters a 5-tuple; gives the socket whose connection had it before, or null. */
    @Nullable HandOff claim(InetSocketAddress remote, HandOff socket) {
        return owners.put(remote, socket);
    }

    void unclaim(InetSocketAddress remote, HandOff socket) {
        owners.remove(remote, socket);
    }

    /** 5-tuples that connections have claimed. */
    int claimedPaths() {
        return owners.size();
    }
}
