package dev.sfu.core.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;

/** A UDP socket on a free loopback port, connected to the server. */
public final class UdpPeerSocket implements PeerSocket {
    private static final int KERNEL_BUFFER_BYTES = 1 << 20;

    private final DatagramChannel channel;

    /** Binds a new port. */
    public UdpPeerSocket(InetSocketAddress server) throws IOException {
        channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, KERNEL_BUFFER_BYTES);
        channel.configureBlocking(false);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.connect(server);
    }

    @Override
    public void send(byte[] array, int offset, int length) throws IOException {
        try {
            channel.write(ByteBuffer.wrap(array, offset, length));
        } catch (PortUnreachableException e) {
            // An answer to an earlier datagram: the server is gone, which for UDP is no different from loss.
            return;
        }
    }

    @Override
    public int receive(byte[] into) throws IOException {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(into);
            int length = channel.read(buffer);
            return length > 0 ? length : -1;
        } catch (PortUnreachableException e) {
            return -1;
        }
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
