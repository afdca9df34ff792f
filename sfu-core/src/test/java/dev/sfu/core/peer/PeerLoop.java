package dev.sfu.core.peer;

import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs synthetic peers on the calling thread: sockets, timers and tasks, for as long as something is waited for.
 *
 * <p>Everything but {@link #execute} belongs to one thread.
 */
public final class PeerLoop implements Executor, AutoCloseable {
    /** How long conditions are waited for; far more than any takes on a loaded machine. */
    public static final long PATIENCE_NANOS = 20 * Deadlines.SECOND;

    private static final int MAX_WAIT_MILLIS = 2;
    private static final int HANDSHAKES = 64;

    private final SecureRandom random = new SecureRandom();
    private final DtlsCertificate certificate = DtlsCertificate.generate(random, Instant.now());
    private final DtlsHandshakes handshakes = new DtlsHandshakes(random, HANDSHAKES, 1024);
    private final CryptoProviders crypto = CryptoProviders.select();
    private final WallClock wallClock = WallClock.at(System.nanoTime(), Instant.now());
    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<SyntheticPeer> peers = new ArrayList<>();
    private final List<PeerSocket> forgotten = new ArrayList<>();
    private final List<LongConsumer> everyTurn = new ArrayList<>();

    /** A loop without peers. */
    public PeerLoop() {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a task in the next turn; from any thread. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Runs turns until {@code condition} holds; fails when that takes longer than {@link #PATIENCE_NANOS}. */
    public void until(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new AssertionError("not within " + PATIENCE_NANOS / Deadlines.SECOND + " s: " + what + describe());
            }
            turn();
        }
    }

    /** Runs turns until the stage is complete and gives its value; what it failed with is thrown. */
    public <T extends @Nullable Object> T await(String what, CompletionStage<T> stage) {
        var future = stage.toCompletableFuture();
        until(what, future::isDone);
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Runs turns for a time that is itself the matter of a test, such as one in which nothing may happen. */
    public void during(long nanos) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos) {
            turn();
        }
    }

    /** Something to do in each turn besides the peers' own work, given the time. */
    public void everyTurn(LongConsumer action) {
        everyTurn.add(action);
    }

    private void turn() {
        try {
            if (tasks.isEmpty()) {
                selector.select(MAX_WAIT_MILLIS);
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        long now = System.nanoTime();
        for (int i = 0; i < peers.size(); i++) {
            peers.get(i).onTurn(now);
        }
        for (int i = 0; i < everyTurn.size(); i++) {
            everyTurn.get(i).accept(now);
        }
    }

    private String describe() {
        StringBuilder text = new StringBuilder();
        for (SyntheticPeer peer : peers) {
            text.append("\n  ").append(peer);
        }
        return text.toString();
    }

    void add(SyntheticPeer peer) {
        peers.add(peer);
    }

    /**
     * Keeps nothing of the peers but their sockets, so that the heap is the server's; from now on they are silent, and no
     * other peer gets their ports.
     */
    public void forgetPeers() {
        for (SyntheticPeer peer : peers) {
            forgotten.add(peer.transport().socket());
        }
        peers.clear();
    }

    void register(PeerSocket socket) {
        try {
            socket.channel().register(selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every peer made on this loop. */
    public List<SyntheticPeer> peers() {
        return List.copyOf(peers);
    }

    /** The DTLS identity of all peers. */
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

    RandomGenerator random() {
        return random;
    }

    /** Closes the peers' sockets without a word to the server. */
    @Override
    public void close() {
        peers.forEach(SyntheticPeer::abandon);
        handshakes.close();
        try {
            for (PeerSocket socket : forgotten) {
                socket.close();
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
