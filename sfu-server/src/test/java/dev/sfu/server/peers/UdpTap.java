package dev.sfu.server.peers;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Relays UDP between clients and a server and keeps the DTLS datagrams that clients send. */
final class UdpTap implements AutoCloseable {
    private static final int MAX_DATAGRAM = 65_535;

    private final InetSocketAddress server;
    private final DatagramSocket front;
    private final Map<SocketAddress, DatagramSocket> backs = new ConcurrentHashMap<>();
    private final List<byte[]> dtlsFromClients = new CopyOnWriteArrayList<>();

    /** On a free port of the address that the server is reached at. */
    UdpTap(InetSocketAddress server) throws SocketException {
        this.server = server;
        this.front = new DatagramSocket(new InetSocketAddress(server.getAddress(), 0));
        Thread.ofVirtual().start(this::fromClients);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) front.getLocalSocketAddress();
    }

    /** The DTLS datagrams that came from clients, in order of arrival. */
    List<byte[]> dtlsFromClients() {
        return List.copyOf(dtlsFromClients);
    }

    private void fromClients() {
        DatagramPacket packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
        try {
            while (true) {
                packet.setLength(MAX_DATAGRAM);
                front.receive(packet);
                byte[] data = Arrays.copyOf(packet.getData(), packet.getLength());
                // RFC 7983, section 7: 20 to 63 is DTLS.
                if (data.length > 0 && data[0] >= 20 && data[0] <= 63) {
                    dtlsFromClients.add(data);
                }
                back(packet.getSocketAddress()).send(new DatagramPacket(data, data.length, server));
            }
        } catch (IOException end) {
            close();
        }
    }

    private DatagramSocket back(SocketAddress client) throws SocketException {
        DatagramSocket known = backs.get(client);
        if (known != null) {
            return known;
        }
        DatagramSocket back = new DatagramSocket();
        backs.put(client, back);
        Thread.ofVirtual().start(() -> fromServer(back, client));
        return back;
    }

    private void fromServer(DatagramSocket back, SocketAddress client) {
        DatagramPacket packet = new DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
        try {
            while (true) {
                packet.setLength(MAX_DATAGRAM);
                back.receive(packet);
                front.send(new DatagramPacket(packet.getData(), packet.getLength(), client));
            }
        } catch (IOException end) {
            back.close();
        }
    }

    @Override
    public void close() {
        front.close();
        backs.values().forEach(DatagramSocket::close);
    }
}
