package dev.sfu.bench.load;

import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.time.DeadlineQueue;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The one thread that all synthetic peers run on, with what they share. Start it, make peers, close it. */
public final class LoadLoop implements Executor, AutoCloseable {
    private static final int MAX_EVENTS = 1024;
    private static final int EVENT_BYTES = 16;
    private static final int SCRATCH_BYTES = 4096;
    private static final int HANDSHAKES_AT_ONCE = 64;
    private static final int MAX_WAITING_HANDSHAKES = 100_000;
    /** Tasks of other threads wait for this at most: cheaper to have than a wake-up for each. */
    private static final long LONGEST_WAIT_NANOS = Deadlines.MILLISECOND;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(MAX_EVENTS * EVENT_BYTES, 8);
    private final MemorySegment timespec = arena.allocate(16, 8);
    private final MemorySegment scratch = arena.allocate(SCRATCH_BYTES, 8);
    private final Batch batch = new Batch(arena);
    private final boolean uncut;
    private final int epoll;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<@Nullable PeerSocket> sockets = new ArrayList<>();
    private final DeadlineQueue<LoadPeer> deadlines = new DeadlineQueue<>();
    private final SecureRandom random = new SecureRandom();
    private final DtlsCertificate certificate = DtlsCertificate.generate(random, Instant.now());
    private final DtlsHandshakes handshakes =
            new DtlsHandshakes(random, HANDSHAKES_AT_ONCE, MAX_WAITING_HANDSHAKES);
    private final CryptoProviders crypto = CryptoProviders.select();
    private final WallClock wallClock = WallClock.at(System.nanoTime(), Instant.now());
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;
    private long pieces;
    private long busy;
    private volatile long busyNanos;

    /**
     * Starts the thread.
     *
     * @param uncut whether peers take a segmented write in one piece ({@code UDP_GRO})
     * @throws IOException if the kernel refuses
     */
    public LoadLoop(boolean uncut) throws IOException {
        this.uncut = uncut;
        epoll = Linux.openEpoll();
        thread = Thread.ofPlatform().name("load").daemon().start(this::run);
    }

    private void run() {
        try {
            while (!stopping) {
                turn();
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private void turn() {
        long now = System.nanoTime();
        long wait = Math.clamp(deadlines.nextDeadlineNanos() - now, 0, LONGEST_WAIT_NANOS);
        int ready = Linux.await(epoll, events, MAX_EVENTS, timespec, tasks.isEmpty() ? wait : 0);
        now = System.nanoTime();
        long begin = now;
        for (int i = 0; i < ready; i++) {
            PeerSocket socket = sockets.get(Linux.tag(events, i));
            if (socket != null) {
                receive(socket, now);
            }
            // What publishers send must not wait for all that viewers read.
            now = System.nanoTime();
            onDeadlines(now);
        }
        onDeadlines(now);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        busy += System.nanoTime() - begin;
        busyNanos = busy;
    }

    private void receive(PeerSocket socket, long now) {
        boolean more = true;
        while (more) {
            more = batch.receive(socket.fd());
            for (int i = 0; i < batch.count(); i++) {
                socket.owner().onDatagram(batch, i, now);
            }
            pieces += batch.pieces();
        }
        schedule(socket.owner());
    }

    private void onDeadlines(long now) {
        for (LoadPeer due = deadlines.pollDue(now); due != null; due = deadlines.pollDue(now)) {
            due.onDeadline(now);
            schedule(due);
        }
    }

    /** Takes note of the peer's next deadline. */
    void schedule(LoadPeer peer) {
        deadlines.set(peer, peer.nextDeadlineNanos());
    }

    /** Runs a task on the loop's thread, later and in order. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    int watch(PeerSocket socket) throws IOException {
        sockets.add(socket);
        Linux.watch(epoll, socket.fd(), sockets.size() - 1, scratch);
        return sockets.size() - 1;
    }

    void unwatch(PeerSocket socket) {
        sockets.set(socket.tag(), null);
        Linux.unwatch(epoll, socket.fd(), scratch);
        Linux.close(socket.fd());
    }

    void forget(LoadPeer peer) {
        deadlines.set(peer, Deadlines.NEVER);
    }

    /** For the arguments of system calls, on the loop's thread. */
    MemorySegment scratch() {
        return scratch;
    }

    boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    /** Time that the thread did not wait, since it started. */
    public long busyNanos() {
        return busyNanos;
    }

    /** Datagrams received, with what came uncut counted as one. On the loop's thread. */
    long pieces() {
        return pieces;
    }

    /**
     * Finds out whether the loop is alive.
     *
     * @throws IllegalStateException if the thread died
     */
    public void check() {
        Throwable thrown = failure;
        if (thrown != null) {
            throw new IllegalStateException("the load generator failed", thrown);
        }
    }

    boolean uncut() {
        return uncut;
    }

    SecureRandom random() {
        return random;
    }

    DtlsCertificate certificate() {
        return certificate;
    }

    DtlsHandshakes handshakes() {
        return handshakes;
    }

    CryptoProviders crypto() {
        return crypto;
    }

    WallClock wallClock() {
        return wallClock;
    }

    /** Stops the thread. The sockets go with the process. */
    @Override
    public void close() {
        stopping = true;
        handshakes.close();
    }
}
