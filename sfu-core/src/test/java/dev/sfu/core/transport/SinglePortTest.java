package dev.sfu.core.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SinglePortTest {
    private static final int PATIENCE_SECONDS = 20;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final byte[] MEDIA = {(byte) 0x80, 1, 2, 3};

    /** A shard without anything behind its socket. */
    private final class Member implements PacketReceiver, PathOwner {
        final EventLoop loop = group.next();
        final BufferPool pool = new BufferPool(2 * StrayQueue.CAPACITY);
        final DropCounters drops = new DropCounters();
        final FlushQueue flushQueue = new FlushQueue(drops);
        final StrayQueue strays = new StrayQueue(loop, pool, this);
        final BlockingQueue<byte[]> claimed = new LinkedBlockingQueue<>();
        final BlockingQueue<byte[]> unclaimed = new LinkedBlockingQueue<>();
        final UdpSocket socket;
        final HandOff handOff;
        private boolean quiet;
        private long received;
        private int batches;

        Member(int shard) throws Exception {
            PortShare share = new PortShare(shared, shard, strays);
            socket = UdpSocket.bind(loop, shared.udpAddress(), pool, this, flushQueue, share)
                    .toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            HandOff bound = shared.udp(shard);
            assertNotNull(bound);
            handOff = bound;
        }

        @Override
        public void onUnclaimed(SocketPath path, PacketBuffer datagram) {
            received++;
            unclaimed.add(datagram.toByteArray());
            datagram.release();
        }

        @Override
        public boolean isForAnother(PathOwner owner, PacketBuffer datagram) {
            return false;
        }

        @Override
        public void onBatchEnd() {
            batches++;
        }

        @Override
        public void onDatagram(SocketPath path, PacketBuffer datagram) {
            received++;
            if (!quiet) {
                claimed.add(datagram.toByteArray());
            }
            datagram.release();
        }

        @Override
        public void onPathClosed(SocketPath path) {
            throw new AssertionError("UDP paths do not close");
        }

        UdpPath claim(InetSocketAddress remote) {
            return on(loop, () -> {
                UdpPath path = new UdpPath(socket, remote);
                path.claim(this);
                return path;
            });
        }
    }

    private final MultiThreadIoEventLoopGroup group = EventLoops.create(2);
    private final SinglePort singlePort = new SinglePort(2);
    private SharedPort shared;
    private Member first;
    private Member second;

    @BeforeEach
    void bind() throws Exception {
        singlePort.reserve(LOOPBACK, 0, -1);
        shared = singlePort.ports().getFirst();
        first = new Member(0);
        second = new Member(1);
    }

    @AfterEach
    void everyBufferComesBack() {
        assertEquals(first.strays.heldBuffers(), on(first.loop, first.pool::outstanding));
        assertEquals(second.strays.heldBuffers(), on(second.loop, second.pool::outstanding));
        group.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static <T> T on(EventLoop loop, Callable<T> task) {
        try {
            return loop.submit(task).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] take(BlockingQueue<byte[]> queue) {
        try {
            byte[] taken = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertNotNull(taken, "nothing came");
            return taken;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aClaimedPathIsServedWhereverItsDatagramsCome() throws Exception {
        assertEquals(first.socket.local(), second.socket.local());
        long handedOff = 0;
        for (int i = 0; i < 24; i++) {
            Member owner = i % 2 == 0 ? first : second;
            try (DatagramSocket peer = new DatagramSocket(0, LOOPBACK)) {
                UdpPath path = owner.claim(new InetSocketAddress(LOOPBACK, peer.getLocalPort()));
                assertEquals(1, shared.claimedPaths());
                peer.send(new DatagramPacket(MEDIA, MEDIA.length, shared.udpAddress()));
                assertArrayEquals(MEDIA, take(owner.claimed));
                // What is sent comes from the port that was asked, whoever sends it.
                on(owner.loop, () -> {
                    path.send(owner.pool.acquire().set(MEDIA, 0, MEDIA.length));
                    owner.flushQueue.flush();
                    return true;
                });
                peer.setSoTimeout(PATIENCE_SECONDS * 1000);
                DatagramPacket answer = new DatagramPacket(new byte[100], 100);
                peer.receive(answer);
                assertEquals(shared.udpAddress(), answer.getSocketAddress());
                on(owner.loop, () -> {
                    path.unclaim(owner);
                    return true;
                });
                assertEquals(0, shared.claimedPaths());
                peer.send(new DatagramPacket(MEDIA, MEDIA.length, shared.udpAddress()));
            }
            handedOff = on(first.loop, first.handOff::handedOff) + on(second.loop, second.handOff::handedOff);
        }
        assertTrue(handedOff > 0, "of 24 5-tuples some hash to the other shard");
        // After the end of the path its datagrams are nobody's, and stay where they came.
        for (int i = 0; i < 24; i++) {
            assertArrayEquals(MEDIA, takeEither());
        }
        assertEquals(handedOff, on(first.loop, first.handOff::handedOff) + on(second.loop, second.handOff::handedOff));
    }

    private byte[] takeEither() throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
            byte[] taken = first.unclaimed.poll(1, TimeUnit.MILLISECONDS);
            taken = taken == null ? second.unclaimed.poll(1, TimeUnit.MILLISECONDS) : taken;
            if (taken != null) {
                return taken;
            }
        }
        throw new AssertionError("nothing came");
    }

    @Test
    void portsSharedByOthersAreTaken() {
        IOException failure = assertThrows(IOException.class,
                () -> new SinglePort(2).reserve(LOOPBACK, shared.udpAddress().getPort(), -1));
        assertTrue(String.valueOf(failure.getMessage()).contains("in use"), failure::toString);
    }

    /** Offers to the second shard while it is busy, so that nothing leaves the queue meanwhile. */
    @Test
    void theQueueIsBoundedAndWakesItsShardOnce() throws Exception {
        InetSocketAddress remote = new InetSocketAddress(LOOPBACK, 9);
        UdpPath path = second.claim(remote);
        CountDownLatch busy = new CountDownLatch(1);
        int batchesBefore = on(second.loop, () -> second.batches);
        Future<Boolean> blocked = second.loop.submit(() -> busy.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        ByteBuf datagram = Unpooled.directBuffer().writeBytes(MEDIA);
        on(first.loop, () -> {
            InetSocketAddress stranger = new InetSocketAddress(LOOPBACK, 10);
            for (int i = 0; i < StrayQueue.UNKNOWN_CAPACITY; i++) {
                assertTrue(second.strays.offer(second.socket, stranger, datagram.readerIndex(0), false));
            }
            assertFalse(second.strays.offer(second.socket, stranger, datagram.readerIndex(0), false));
            for (int i = 0; i < StrayQueue.UNKNOWN_CAPACITY + 3; i++) {
                assertTrue(first.handOff.take(remote, datagram.readerIndex(0)));
            }
            first.handOff.onBatchEnd();
            first.handOff.onBatchEnd();
            return true;
        });
        assertEquals(3L, on(first.loop, () -> first.drops.of(DropReason.HAND_OFF_FULL)));
        busy.countDown();
        assertTrue(blocked.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        for (int i = 0; i < StrayQueue.UNKNOWN_CAPACITY; i++) {
            take(second.unclaimed);
            take(second.claimed);
        }
        // 256 in each turn, and one in which the queue is found empty.
        on(second.loop, () -> true);
        assertEquals(batchesBefore + 5, on(second.loop, () -> second.batches));
        on(second.loop, () -> {
            path.unclaim(second);
            return true;
        });
        datagram.release();
    }

    @Test
    @Tag("allocation")
    void handingOffMakesNoGarbage() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int perBatch = 32;
        int batches = 15;
        int parts = 20;
        UdpPath path = second.claim(new InetSocketAddress(LOOPBACK, 9));
        second.quiet = true;
        ByteBuf datagram = Unpooled.directBuffer().writeBytes(MEDIA).writeZero(1200);
        long[] ids = {on(first.loop, () -> Thread.currentThread().threadId()),
            on(second.loop, () -> Thread.currentThread().threadId())};
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getThreadAllocatedBytes(ids[0]) + threads.getThreadAllocatedBytes(ids[1]);
            for (int part = 0; part < parts; part++) {
                on(first.loop, () -> {
                    for (int batch = 0; batch < batches; batch++) {
                        for (int i = 0; i < perBatch; i++) {
                            assertTrue(first.handOff.take(path.remote(), datagram.readerIndex(0)));
                        }
                        first.handOff.onBatchEnd();
                    }
                    return true;
                });
                // Behind the drain that the last batch asked for, which may have asked for another.
                on(second.loop, () -> true);
                on(second.loop, () -> true);
            }
            long after = threads.getThreadAllocatedBytes(ids[0]) + threads.getThreadAllocatedBytes(ids[1]);
            least = Math.min(least, (after - before) / ((long) parts * perBatch * batches));
        }
        assertEquals(5L * parts * perBatch * batches, on(second.loop, () -> second.received));
        System.out.println(least + " B per datagram handed off");
        assertTrue(least <= 2, least + " bytes per datagram handed off (expected: at most 2)");
        on(second.loop, () -> {
            path.unclaim(second);
            return true;
        });
        datagram.release();
    }
}
