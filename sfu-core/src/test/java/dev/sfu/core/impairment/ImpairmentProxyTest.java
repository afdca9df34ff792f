package dev.sfu.core.impairment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ImpairmentProxyTest {
    private static final int PATIENCE_MILLIS = 10_000;

    private DatagramSocket server;
    private ImpairmentProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = socket();
        proxy = ImpairmentProxy.start((InetSocketAddress) server.getLocalSocketAddress(), 7);
    }

    @AfterEach
    void stop() {
        proxy.close();
        server.close();
    }

    @Test
    void passesDatagramsOfEachClientThereAndBack() throws IOException {
        try (DatagramSocket first = socket();
                DatagramSocket second = socket()) {
            DatagramPacket fromFirst = passOn(first, new byte[] {1, 2, 3});
            DatagramPacket fromSecond = passOn(second, new byte[] {4});
            assertNotEquals(fromFirst.getSocketAddress(), fromSecond.getSocketAddress());
            answer(fromSecond, new byte[] {8});
            answer(fromFirst, new byte[] {9});
            assertArrayEquals(new byte[] {9}, bytes(receive(first)));
            DatagramPacket atSecond = receive(second);
            assertArrayEquals(new byte[] {8}, bytes(atSecond));
            assertEquals(proxy.address(), atSecond.getSocketAddress());
        }
        assertEquals(new ImpairmentProxy.Counts(2, 4, 0, 0), proxy.countsToServer());
        assertEquals(new ImpairmentProxy.Counts(2, 2, 0, 0), proxy.countsToClients());
    }

    @Test
    void losesAndDelaysEachDirectionByItself() throws IOException {
        try (DatagramSocket client = socket()) {
            DatagramPacket request = passOn(client, new byte[] {1});
            proxy.impair(Impairment.NONE.withLoss(1), Impairment.NONE.withDelayNanos(50_000_000, 0));
            send(client, new byte[] {2});
            long sentNanos = System.nanoTime();
            answer(request, new byte[] {3});
            assertArrayEquals(new byte[] {3}, bytes(receive(client)));
            long tookMillis = (System.nanoTime() - sentNanos) / 1_000_000;
            assertTrue(tookMillis >= 50, tookMillis + " ms on the way");
            server.setSoTimeout(1);
            assertThrows(SocketTimeoutException.class, () -> receive(server));
            assertEquals(new ImpairmentProxy.Counts(2, 2, 1, 0), proxy.countsToServer());
        }
    }

    @Test
    void clientsWithProxiesOfTheirOwnHaveRatesOfTheirOwnWhichChangeWhileTheyRun() throws IOException {
        InetSocketAddress target = (InetSocketAddress) server.getLocalSocketAddress();
        try (ImpairmentProxy other = ImpairmentProxy.start(target, 8);
                DatagramSocket slow = socket();
                DatagramSocket fast = socket()) {
            DatagramPacket fromSlow = passOn(slow, new byte[] {1});
            fast.send(new DatagramPacket(new byte[] {2}, 1, other.address()));
            DatagramPacket fromFast = receive(server);
            // 1000 bytes with headers are 8 ms at 1 Mbit/s.
            proxy.impair(Impairment.NONE, Impairment.NONE.withRateBps(1_000_000, 1_000_000_000));
            long startNanos = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                answer(fromSlow, new byte[1000 - ImpairedLink.HEADER_BYTES]);
            }
            answer(fromFast, new byte[] {3});
            receive(fast);
            long fastMillis = (System.nanoTime() - startNanos) / 1_000_000;
            for (int i = 0; i < 20; i++) {
                receive(slow);
            }
            long slowMillis = (System.nanoTime() - startNanos) / 1_000_000;
            assertTrue(slowMillis >= 159, slowMillis + " ms for 20 packets of 8 ms");
            assertTrue(fastMillis < slowMillis, fastMillis + " ms past the queue");

            proxy.impair(Impairment.NONE, Impairment.NONE.withRateBps(100_000, 0));
            for (int i = 0; i < 20; i++) {
                answer(fromSlow, new byte[1000 - ImpairedLink.HEADER_BYTES]);
            }
            receive(slow);
            ImpairmentProxy.Counts counts = proxy.countsToClients();
            assertTrue(counts.queueFull() >= 15, counts + " (expected: hardly any passes at a packet in 80 ms)");
            assertEquals(0, counts.lost());
            assertEquals(new ImpairmentProxy.Counts(1, 1, 0, 0), other.countsToClients());
        }
    }

    private DatagramPacket passOn(DatagramSocket client, byte[] bytes) throws IOException {
        send(client, bytes);
        DatagramPacket arrived = receive(server);
        assertArrayEquals(bytes, bytes(arrived));
        return arrived;
    }

    private void send(DatagramSocket client, byte[] bytes) throws IOException {
        client.send(new DatagramPacket(bytes, bytes.length, proxy.address()));
    }

    private void answer(DatagramPacket request, byte[] bytes) throws IOException {
        server.send(new DatagramPacket(bytes, bytes.length, request.getSocketAddress()));
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        socket.receive(packet);
        return packet;
    }

    private static byte[] bytes(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static DatagramSocket socket() throws SocketException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }
}
