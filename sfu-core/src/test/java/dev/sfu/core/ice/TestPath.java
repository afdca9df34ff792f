package dev.sfu.core.ice;

import java.net.InetSocketAddress;

/** A path without sockets, for tests in virtual time. */
public final class TestPath implements NetworkPath {
    private static final InetSocketAddress SERVER = new InetSocketAddress("192.0.2.1", 3478);

    private final Transport transport;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;

    /** A path of these addresses. */
    public TestPath(Transport transport, InetSocketAddress local, InetSocketAddress remote) {
        this.transport = transport;
        this.local = local;
        this.remote = remote;
    }

    /** From an IPv4 client's port to the server's UDP socket. */
    public static TestPath udp(int clientPort) {
        return new TestPath(Transport.UDP, SERVER, new InetSocketAddress("198.51.100.7", clientPort));
    }

    /** From an IPv4 client's port to the server's TCP socket. */
    public static TestPath tcp(int clientPort) {
        return new TestPath(Transport.TCP, SERVER, new InetSocketAddress("198.51.100.7", clientPort));
    }

    @Override
    public Transport transport() {
        return transport;
    }

    @Override
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public String toString() {
        return transport + " " + remote;
    }
}
