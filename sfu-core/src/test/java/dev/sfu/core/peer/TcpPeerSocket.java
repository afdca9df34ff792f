package dev.sfu.core.peer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;

/** An active ICE-TCP connection with RFC 4571 framing. */
public final class TcpPeerSocket implements PeerSocket {
    private static final int PREFIX_BYTES = 2;

    private final SocketChannel channel;
    private final ByteBuffer incoming = ByteBuffer.allocate(1 << 17);
    private final ByteBuffer outgoing = ByteBuffer.allocate(1 << 18);
    private boolean ended;

    /** Connects, which on loopback takes no time. */
    public TcpPeerSocket(InetSocketAddress server) throws IOException {
        channel = SocketChannel.open(server);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
    }

    /** A frame that does not fit behind a slow server is lost as a whole, as it would be in UDP. */
    @Override
    public void send(byte[] array, int offset, int length) throws IOException {
        flush();
        if (outgoing.remaining() >= PREFIX_BYTES + length) {
            outgoing.putShort((short) length).put(array, offset, length);
            flush();
        }
    }

    /** Sends bytes without a frame around them, for tests of what a hostile client sends. */
    public void sendRaw(byte[] bytes) throws IOException {
        outgoing.put(bytes);
        flush();
    }

    private void flush() throws IOException {
        outgoing.flip();
        try {
            channel.write(outgoing);
        } finally {
            outgoing.compact();
        }
    }

    @Override
    public int receive(byte[] into) throws IOException {
        if (!ended && channel.read(incoming) < 0) {
            ended = true;
        }
        incoming.flip();
        try {
            if (incoming.remaining() < PREFIX_BYTES) {
                return -1;
            }
            int length = incoming.getShort(incoming.position()) & 0xFFFF;
            if (incoming.remaining() < PREFIX_BYTES + length) {
                return -1;
            }
            incoming.getShort();
            incoming.get(into, 0, length);
            return length;
        } finally {
            incoming.compact();
        }
    }

    /** Whether the server has closed the connection. */
    public boolean ended() {
        return ended;
    }

    @Override
    public SelectableChannel channel() {
        return channel;
    }

    @Override
    public InetSocketAddress local() throws IOException {
        return (InetSocketAddress) channel.getLocalAddress();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
