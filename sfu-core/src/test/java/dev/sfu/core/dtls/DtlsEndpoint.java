package dev.sfu.core.dtls;

import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.stats.DropReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A {@link DtlsTransport} whose events a test thread can wait for. */
public final class DtlsEndpoint implements DtlsTransport.Output {
    private static final long PATIENCE_SECONDS = 20;

    private final ExecutorService owner;
    private final DtlsTransport transport;
    private final CompletableFuture<SrtpKeys> connected = new CompletableFuture<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private final CompletableFuture<String> failed = new CompletableFuture<>();
    private final BlockingQueue<byte[]> applicationData = new LinkedBlockingQueue<>();
    private final List<DropReason> drops = new ArrayList<>();
    private Consumer<byte[]> outgoing = datagram -> {};

    /** All calls happen on {@code owner}, which must have one thread. */
    public DtlsEndpoint(DtlsConfig config, DtlsHandshakes handshakes, ExecutorService owner) {
        this.owner = owner;
        this.transport = new DtlsTransport(config, handshakes, owner, this);
    }

    /** Where outgoing datagrams go; called on the owner's thread. */
    public void outgoing(Consumer<byte[]> to) {
        outgoing = to;
    }

    /** Joins two endpoints of one owner; every delivery is a task of its own. */
    public static void join(DtlsEndpoint a, DtlsWire aToB, DtlsEndpoint b, DtlsWire bToA) {
        a.outgoing(datagram -> aToB.send(datagram, arrived -> a.owner.execute(() -> b.receive(arrived))));
        b.outgoing(datagram -> bToA.send(datagram, arrived -> a.owner.execute(() -> a.receive(arrived))));
    }

    /** On the owner's thread: gives a datagram to the transport. */
    public @Nullable DropReason receive(byte[] datagram) {
        DropReason reason = transport.onDatagram(datagram, 0, datagram.length);
        if (reason != null) {
            drops.add(reason);
        }
        return reason;
    }

    /** Runs on the owner's thread and waits for the result. */
    public <T extends @Nullable Object> T call(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        owner.execute(future);
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the owner's task did not end well", e);
        }
    }

    /** Runs on the owner's thread and waits. */
    public void run(Runnable task) {
        FutureTask<Boolean> future = new FutureTask<>(task, true);
        owner.execute(future);
        await(future, "task");
    }

    public DtlsTransport transport() {
        return transport;
    }

    public List<DropReason> drops() {
        return call(() -> List.copyOf(drops));
    }

    public DtlsTransportState state() {
        return call(transport::state);
    }

    public SrtpKeys awaitConnected() {
        return await(CompletableFuture.anyOf(connected, failed, closed).thenApply(result -> {
            if (result instanceof SrtpKeys keys) {
                return keys;
            }
            throw new AssertionError("not connected but " + result);
        }), "connected");
    }

    public String awaitFailed() {
        return await(failed, "failed");
    }

    public void awaitClosed() {
        await(closed, "closed");
    }

    public byte[] awaitApplicationData() {
        try {
            byte[] data = applicationData.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (data == null) {
                throw new AssertionError("no application data");
            }
            return data;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** True if nothing but the connection itself has been reported. */
    public boolean undisturbed() {
        return call(() -> !failed.isDone() && !closed.isDone() && applicationData.isEmpty());
    }

    public boolean connected() {
        return connected.isDone();
    }

    private static <T> T await(Future<T> future, String what) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("not " + what, e);
        }
    }

    @Override
    public void sendDtls(byte[] array, int offset, int length) {
        outgoing.accept(Arrays.copyOfRange(array, offset, offset + length));
    }

    @Override
    public void onDtlsConnected(SrtpKeys keys) {
        connected.complete(keys);
    }

    @Override
    public void onDtlsClosed() {
        closed.complete(true);
    }

    @Override
    public void onDtlsFailed(String reason) {
        failed.complete(reason);
    }

    @Override
    public void onDtlsApplicationData(byte[] array, int offset, int length) {
        applicationData.add(Arrays.copyOfRange(array, offset, offset + length));
    }
}
