package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.routing.ForwardQueue;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.transport.EventLoops;
import dev.sfu.core.transport.FlushQueue;
import dev.sfu.core.transport.PacketReceiver;
import dev.sfu.core.transport.PathOwner;
import dev.sfu.core.transport.SocketPath;
import dev.sfu.core.transport.UdpSocket;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real sockets on a real loop, which sleeps in real time; what is due when goes by a clock that stands still. */
class DepartureTest implements PacketReceiver {
    private static final int PATIENCE_SECONDS = 20;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final MultiThreadIoEventLoopGroup group = EventLoops.create(1);
    private final EventLoop loop = group.next();
    private final BufferPool pool = new BufferPool(8);
    private final FlushQueue flushQueue = new FlushQueue(new DropCounters());
    private final BlockingQueue<SocketPath> paths = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> turns = new LinkedBlockingQueue<>();
    private long now = 5 * Deadlines.SECOND;
    private final Departure departure =
            new Departure(loop, () -> now, new ForwardQueue(() -> now), flushQueue, () -> turns.add(now));
    private DatagramSocket peer;
    private SocketPath path;

    @BeforeEach
    void openAPath() throws Exception {
        UdpSocket socket = UdpSocket.bind(loop, new InetSocketAddress(LOOPBACK, 0), pool, this, flushQueue)
                .toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        peer = new DatagramSocket(0, LOOPBACK);
        peer.setSoTimeout(PATIENCE_SECONDS * 1000);
        peer.send(new DatagramPacket(new byte[] {1}, 1, socket.local()));
        path = taken(paths);
    }

    @AfterEach
    void everyBufferComesBack() throws Exception {
        assertEquals(0, onLoop(pool::outstanding));
        peer.close();
        group.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void leavesAtOnceWhenIdle() throws Exception {
        assertFalse(onLoop(() -> departure.isDue(now)), "nothing waits");
        assertTrue(onLoop(() -> {
            queue();
            return departure.isDue(now);
        }));
        leaves();
    }

    @Test
    void waitsAsLongAsTheWindowSays() throws Exception {
        assertFalse(onLoop(() -> {
            work(0.20);
            queue();
            boolean due = departure.isDue(now);
            departure.onTurnEnd(now);
            return due;
        }));
        assertEquals(now, taken(turns));
        assertFalse(onLoop(() -> departure.isDue(now)), "busy, so it has not slept");
        assertTrue(onLoop(() -> departure.isDue(now + GatherWindow.MAX_WINDOW_NANOS)));
        leaves();
    }

    @Test
    void leavesInTheTurnAfterItHasSlept() throws Exception {
        assertTrue(onLoop(() -> {
            work(0.10);
            queue();
            boolean due = departure.isDue(now);
            departure.onTurnEnd(now);
            return !due && departure.isDue(now);
        }));
        assertEquals(now, taken(turns));
        leaves();
    }

    private void queue() {
        path.send(pool.acquire().set(new byte[] {6, 7}, 0, 2));
    }

    private void leaves() throws Exception {
        onLoop(() -> {
            departure.flush();
            return true;
        });
        DatagramPacket received = new DatagramPacket(new byte[100], 100);
        peer.receive(received);
        assertEquals(2, received.getLength());
        assertFalse(onLoop(() -> departure.isDue(now + Deadlines.SECOND)), "nothing waits");
    }

    /** Two seconds of turns, each busy for a share of its millisecond. */
    private void work(double share) {
        for (int i = 0; i < 2000; i++) {
            long start = now;
            now += (long) (share * Deadlines.MILLISECOND);
            departure.onTurnEnd(start);
            now = start + Deadlines.MILLISECOND;
        }
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loop.submit(task).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static <T> T taken(BlockingQueue<T> queue) throws InterruptedException {
        T taken = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(taken, "nothing came");
        return taken;
    }

    @Override
    public void onUnclaimed(SocketPath from, PacketBuffer datagram) {
        datagram.release();
        paths.add(from);
    }

    @Override
    public boolean isForAnother(PathOwner owner, PacketBuffer datagram) {
        return false;
    }

    @Override
    public void onBatchEnd() {}
}
