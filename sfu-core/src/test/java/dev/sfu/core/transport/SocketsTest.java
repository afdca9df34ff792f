package dev.sfu.core.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.Needs;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketsTest implements PacketReceiver, PathOwner {
    private static final int PATIENCE_SECONDS = 20;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final MultiThreadIoEventLoopGroup group = EventLoops.create(1);
    private final EventLoop loop = group.next();
    private final BufferPool pool = new BufferPool(64);
    private final DropCounters drops = new DropCounters();
    private final FlushQueue flushQueue = new FlushQueue(drops);
    /** What arrived, with the path it came on. */
    private final BlockingQueue<SocketPath> paths = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> claimed = new LinkedBlockingQueue<>();
    private final BlockingQueue<SocketPath> closedPaths = new LinkedBlockingQueue<>();

    @AfterEach
    void everyBufferComesBack() {
        assertEquals(0, onLoop(pool::outstanding));
        group.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private <T> T onLoop(Callable<T> task) {
        try {
            return loop.submit(task).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T take(BlockingQueue<T> queue) {
        try {
            T taken = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertNotNull(taken, "nothing came");
            return taken;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private UdpSocket bindUdp() throws Exception {
        return UdpSocket.bind(loop, new InetSocketAddress(LOOPBACK, 0), pool, this, flushQueue)
                .toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private TcpListener bindTcp() throws Exception {
        return TcpListener.bind(loop, new InetSocketAddress(LOOPBACK, 0), pool, this, flushQueue)
                .toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static Socket connect(TcpListener listener) throws IOException {
        Socket peer = new Socket(LOOPBACK, listener.local().getPort());
        peer.setSoTimeout(PATIENCE_SECONDS * 1000);
        return peer;
    }

    private void close(TcpListener listener) {
        onLoop(() -> {
            listener.close();
            return true;
        });
    }

    @Override
    public void onUnclaimed(SocketPath path, PacketBuffer datagram) {
        path.claim(this);
        onDatagram(path, datagram);
        paths.add(path);
    }

    @Override
    public boolean isForAnother(PathOwner owner, PacketBuffer datagram) {
        return false;
    }

    @Override
    public void onBatchEnd() {
        flushQueue.flush();
    }

    @Override
    public void onDatagram(SocketPath path, PacketBuffer datagram) {
        claimed.add(datagram.toByteArray());
        datagram.release();
    }

    @Override
    public void onPathClosed(SocketPath path) {
        closedPaths.add(path);
    }

    /** One packet is one segment; a segment may be shorter than the first only at the end (UDP_SEGMENT). */
    @ParameterizedTest
    @CsvSource({
        "100, 1", "'100,100', 2", "'100,100,50', 3", "'100,100,50,50', 3", "'100,101', 1", "'100,50,100', 2",
        "'50,100', 1", "'1200,1200,1200,7', 4"
    })
    void runsAreOfEqualSizes(String sizes, int expected) {
        PacketBuffer[] packets = java.util.Arrays.stream(sizes.split(",", -1))
                .map(size -> PacketBuffer.wrap(new byte[Integer.parseInt(size)]))
                .toArray(PacketBuffer[]::new);
        assertEquals(expected, UdpPath.endOfRun(packets, 0, packets.length));
    }

    /** A segment longer than the route's MTU is refused; shorter ones are not on that account. */
    @ParameterizedTest
    @CsvSource({"65000, 1480, 1479", "1479, 1480, 1479", "1479, 1300, 1299", "65000, 1232, 0", "1300, 100, 0", "0, 0, 0"})
    void onlySegmentsThatMayHaveBeenTooLongAreGivenUp(int before, int longestWritten, int after) {
        assertEquals(after, UdpPath.maxSegmentBytesAfterRefusal(before, longestWritten));
    }

    @Test
    void runsAreBounded() {
        PacketBuffer[] small = new PacketBuffer[200];
        PacketBuffer[] large = new PacketBuffer[200];
        for (int i = 0; i < small.length; i++) {
            small[i] = PacketBuffer.wrap(new byte[20]);
            large[i] = PacketBuffer.wrap(new byte[1400]);
        }
        assertEquals(64, UdpPath.endOfRun(small, 0, 200));
        assertEquals(10 + 64, UdpPath.endOfRun(small, 10, 200));
        assertEquals(200, UdpPath.endOfRun(small, 190, 200));
        assertEquals(65_000 / 1400, UdpPath.endOfRun(large, 0, 200));
    }

    @Test
    void oneTurnMaySendMoreThanMayWait() throws Exception {
        UdpSocket socket = bindUdp();
        List<DatagramSocket> peers = new ArrayList<>();
        List<SocketPath> those = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            DatagramSocket peer = new DatagramSocket(0, LOOPBACK);
            peers.add(peer);
            peer.send(new DatagramPacket(new byte[] {1}, 1, socket.local()));
            those.add(take(paths));
        }
        onLoop(() -> {
            for (SocketPath path : those) {
                for (int i = 0; i < SocketPath.MAX_QUEUED; i++) {
                    PacketBuffer packet = pool.acquire();
                    packet.range(0, 1200);
                    path.send(packet);
                }
            }
            flushQueue.flush();
            return true;
        });
        assertEquals(6 * SocketPath.MAX_QUEUED, onLoop(flushQueue::packetsSent));
        assertEquals(0L, onLoop(drops::total));
        peers.forEach(DatagramSocket::close);
        socket.close();
    }

    @Test
    void datagramsArriveAsTheyWereQueued() throws Exception {
        UdpSocket socket = bindUdp();
        try (DatagramSocket peer = new DatagramSocket(0, LOOPBACK)) {
            peer.setSoTimeout(PATIENCE_SECONDS * 1000);
            peer.send(new DatagramPacket(new byte[] {1, 2, 3}, 3, socket.local()));
            SocketPath path = take(paths);
            assertArrayEquals(new byte[] {1, 2, 3}, take(claimed));
            assertEquals(peer.getLocalPort(), path.remote().getPort());
            assertEquals(1, onLoop(socket::claimedPaths));
            int[] sizes = {900, 900, 900, 400, 900, 1000, 1000, 30, 30};
            onLoop(() -> {
                for (int i = 0; i < sizes.length; i++) {
                    byte[] bytes = new byte[sizes[i]];
                    java.util.Arrays.fill(bytes, (byte) i);
                    path.send(pool.acquire().set(bytes, 0, bytes.length));
                }
                flushQueue.flush();
                return true;
            });
            for (int i = 0; i < sizes.length; i++) {
                DatagramPacket received = new DatagramPacket(new byte[2000], 2000);
                peer.receive(received);
                assertEquals(sizes[i], received.getLength());
                assertEquals(i, received.getData()[0]);
                assertEquals(i, received.getData()[sizes[i] - 1]);
            }
            assertEquals(9, (long) onLoop(flushQueue::packetsSent));
            // The owner's path, until it is given up.
            peer.send(new DatagramPacket(new byte[] {4}, 1, socket.local()));
            assertArrayEquals(new byte[] {4}, take(claimed));
            assertTrue(paths.isEmpty());
            onLoop(() -> {
                path.unclaim(this);
                return true;
            });
            assertEquals(0, onLoop(socket::claimedPaths));
            peer.send(new DatagramPacket(new byte[] {5}, 1, socket.local()));
            take(paths);
        }
        socket.close();
    }

    @Test
    void theKernelsBuffersAreWhatItAllows() throws Exception {
        UdpSocket socket = bindUdp();
        assertEquals(atMost("rmem_max"), socket.receiveBufferBytes());
        assertEquals(atMost("wmem_max"), socket.sendBufferBytes());
        socket.close();
    }

    private static int atMost(String setting) throws IOException {
        Path limit = Path.of("/proc/sys/net/core", setting);
        Needs.that(Files.isReadable(limit), limit.toString());
        // By lines, because these files give all or nothing and have no size by which readString would know how much.
        return Math.min(UdpSocket.KERNEL_BUFFER_BYTES, Integer.parseInt(Files.readAllLines(limit).getFirst()));
    }

    @Test
    void whatDoesNotFitIsCountedAndDropped() throws Exception {
        UdpSocket socket = bindUdp();
        try (DatagramSocket peer = new DatagramSocket(0, LOOPBACK)) {
            peer.send(new DatagramPacket(new byte[4000], 4000, socket.local()));
            peer.send(new DatagramPacket(new byte[PacketBuffer.CAPACITY_BYTES], PacketBuffer.CAPACITY_BYTES, socket.local()));
            peer.send(new DatagramPacket(new byte[2047], 2047, socket.local()));
            assertEquals(2047, take(claimed).length);
            assertEquals(2L, (long) onLoop(() -> drops.of(DropReason.TOO_LARGE)));
        }
        socket.close();
    }

    @Test
    void aPathQueuesNoMoreThanItMay() throws Exception {
        UdpSocket socket = bindUdp();
        try (DatagramSocket peer = new DatagramSocket(0, LOOPBACK)) {
            peer.send(new DatagramPacket(new byte[] {1}, 1, socket.local()));
            SocketPath path = take(paths);
            onLoop(() -> {
                for (int i = 0; i < SocketPath.MAX_QUEUED + 3; i++) {
                    path.send(pool.acquire().range(0, 10));
                }
                flushQueue.flush();
                return true;
            });
            assertEquals(3L, (long) onLoop(() -> drops.of(DropReason.QUEUE_FULL)));
            assertEquals(SocketPath.MAX_QUEUED, (long) onLoop(flushQueue::packetsSent));
        }
        socket.close();
    }

    /** Also when that path has something queued already, as after a report or sound. */
    @Test
    void muchThatIsQueuedLeavesWhenItIsAnotherPathsTurn() throws Exception {
        UdpSocket socket = bindUdp();
        try (DatagramSocket one = new DatagramSocket(0, LOOPBACK);
                DatagramSocket other = new DatagramSocket(0, LOOPBACK)) {
            one.send(new DatagramPacket(new byte[] {1}, 1, socket.local()));
            SocketPath first = take(paths);
            other.send(new DatagramPacket(new byte[] {1}, 1, socket.local()));
            SocketPath second = take(paths);
            int large = 40;
            onLoop(() -> {
                first.send(pool.acquire().range(0, 10));
                second.send(pool.acquire().range(0, 10));
                for (int i = 0; i < large; i++) {
                    first.send(pool.acquire().range(0, 1000));
                }
                assertEquals(0, flushQueue.packetsSent());
                second.send(pool.acquire().range(0, 1000));
                assertEquals(large + 2, flushQueue.packetsSent());
                flushQueue.flush();
                assertEquals(large + 3, flushQueue.packetsSent());
                return true;
            });
        }
        socket.close();
    }

    /** RFC 4571: a 16-bit length before each packet, wherever TCP cuts. */
    @Test
    void tcpIsFramed() throws Exception {
        TcpListener listener = bindTcp();
        try (Socket peer = connect(listener)) {
            peer.setTcpNoDelay(true);
            DataOutputStream out = new DataOutputStream(peer.getOutputStream());
            out.write(new byte[] {0, 3, 7});
            out.flush();
            out.write(new byte[] {8, 9, 0, 1, 5, 0});
            out.flush();
            out.write(new byte[] {2, 1, 1});
            out.flush();
            SocketPath path = take(paths);
            List<byte[]> frames = new ArrayList<>(List.of(take(claimed), take(claimed), take(claimed)));
            assertArrayEquals(new byte[] {7, 8, 9}, frames.get(0));
            assertArrayEquals(new byte[] {5}, frames.get(1));
            assertArrayEquals(new byte[] {1, 1}, frames.get(2));
            onLoop(() -> {
                path.send(pool.acquire().range(0, 1200));
                path.send(pool.acquire().range(0, 3));
                flushQueue.flush();
                return true;
            });
            DataInputStream in = new DataInputStream(peer.getInputStream());
            assertEquals(1200, in.readUnsignedShort());
            assertEquals(1200, in.readNBytes(1200).length);
            assertEquals(3, in.readUnsignedShort());
            assertEquals(3, in.readNBytes(3).length);
            assertEquals(1, onLoop(listener::openConnections));
        }
        take(closedPaths);
        assertEquals(0, onLoop(listener::openConnections));
        close(listener);
    }

    /** What says goodbye is sent in the turn that gives the path up. */
    @Test
    void aTcpConnectionClosesAfterItsLastPackets() throws Exception {
        TcpListener listener = bindTcp();
        try (Socket peer = connect(listener)) {
            peer.getOutputStream().write(new byte[] {0, 1, 5});
            SocketPath path = take(paths);
            onLoop(() -> {
                path.send(pool.acquire().set(new byte[] {6, 7}, 0, 2));
                path.unclaim(this);
                flushQueue.flush();
                return true;
            });
            assertArrayEquals(new byte[] {0, 2, 6, 7}, peer.getInputStream().readAllBytes());
        }
        close(listener);
    }

    /** Who opens connections and says nothing keeps nobody out. */
    @Test
    void theOldestConnectionThatSaysNothingMakesRoom() throws Exception {
        TcpListener listener = bindTcp();
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < TcpListener.MAX_UNCLAIMED; i++) {
                silent.add(new Socket(LOOPBACK, listener.local().getPort()));
            }
            try (Socket peer = new Socket(LOOPBACK, listener.local().getPort())) {
                peer.getOutputStream().write(new byte[] {0, 1, 5});
                assertArrayEquals(new byte[] {5}, take(claimed));
                Socket oldest = silent.getFirst();
                oldest.setSoTimeout(PATIENCE_SECONDS * 1000);
                assertEquals(-1, oldest.getInputStream().read());
                assertEquals(1, onLoop(() -> drops.of(DropReason.QUEUE_FULL)));
                assertEquals(TcpListener.MAX_UNCLAIMED, onLoop(listener::openConnections));
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
        close(listener);
    }

    @Test
    void aFrameThatIsTooLongEndsTheConnection() throws Exception {
        TcpListener listener = bindTcp();
        try (Socket peer = connect(listener)) {
            peer.getOutputStream().write(new byte[] {(byte) 0xFF, (byte) 0xFF, 1, 2, 3});
            int end;
            try {
                end = peer.getInputStream().read();
            } catch (IOException e) {
                // Closed with unread bytes: a reset instead of an end.
                end = -1;
            }
            assertEquals(-1, end);
        }
        assertTrue(claimed.isEmpty());
        close(listener);
    }
}
