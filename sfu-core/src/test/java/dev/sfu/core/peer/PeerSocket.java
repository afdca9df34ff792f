package dev.sfu.core.peer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;

/** A client's non-blocking socket that carries datagrams to one server address. */
public sealed interface PeerSocket extends AutoCloseable permits UdpPeerSocket, TcpPeerSocket {
    /** Sends one datagram or frame. */
    void send(byte[] array, int offset, int length) throws IOException;

    /** Reads one datagram or frame into {@code into}; gives its length, or -1 when there is none now. */
    int receive(byte[] into) throws IOException;

    /** For a selector. */
    SelectableChannel channel();

    /** Where it is bound. */
    InetSocketAddress local() throws IOException;

    @Override
    void close() throws IOException;
}
