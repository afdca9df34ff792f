package dev.sfu.core.shard;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.api.ParticipantListener;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.srtp.CryptoSelection;
import dev.sfu.core.stats.StatsReport;
import dev.sfu.core.time.WallClock;
import dev.sfu.core.transport.EventLoops;
import dev.sfu.core.transport.SinglePort;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The media engine: its shards, and the way to them for other threads. Thread-safe. */
public final class Engine implements MediaEngine, AutoCloseable {
    static final String STOPPING = "the server is stopping";

    private static final int STOP_TIMEOUT_SECONDS = 5;

    /** Ciphers are measured when the work of starting is over. */
    private static final long CRYPTO_TRIAL_DELAY_MILLIS = 5_000;

    private final EngineResources resources;
    private final EventLoopGroup loops;
    private final List<Shard> shards;
    private final RoomPlacement placement;
    private final Thread cryptoTrial;
    private volatile boolean ready = true;
    private boolean closed;

    private Engine(EngineResources resources, EventLoopGroup loops, List<Shard> shards, RoomPlacement placement) {
        this.resources = resources;
        this.loops = loops;
        this.shards = shards;
        this.placement = placement;
        this.cryptoTrial = Thread.ofPlatform().daemon().name("crypto-trial").unstarted(this::tryCrypto);
    }

    /**
     * Binds the sockets and starts the loops.
     *
     * @throws IOException when a port cannot be had; the message names the setting
     */
    public static Engine start(EngineConfig config) throws IOException {
        return start(config, CryptoSelection.of("auto"));
    }

    /**
     * The same with the given providers for encryption.
     *
     * @throws IOException when a port cannot be had; the message names the setting
     */
    public static Engine start(EngineConfig config, CryptoSelection crypto) throws IOException {
        List<InetAddress> addresses = LocalAddresses.usable();
        SinglePort singlePort = ShardSockets.reserve(config, addresses);
        SecureRandom random = new SecureRandom();
        EngineResources resources = new EngineResources(
                config,
                System::nanoTime,
                WallClock.at(System.nanoTime(), Instant.now()),
                random,
                DtlsCertificate.generate(crypto.handshakes(), random, Instant.now()),
                new DtlsHandshakes(
                        crypto.handshakes(),
                        random,
                        config.limits().handshakesInFlight(),
                        16 * config.limits().handshakesInFlight()),
                crypto,
                singlePort);
        EventLoopGroup loops = EventLoops.create(config.shards());
        List<Shard> shards = new ArrayList<>();
        RoomPlacement placement = new RoomPlacement(
                config.shards(), config.limits(), index -> shards.get(index).load());
        try {
            for (int i = 0; i < config.shards(); i++) {
                EventLoop loop = loops.next();
                shards.add(new Shard(i, loop, resources, placement, addresses));
            }
        } catch (IOException e) {
            shards.forEach(Shard::close);
            resources.handshakes().close();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            throw e;
        }
        for (Shard shard : shards) {
            shard.rooms().connect(shards.stream().map(Shard::createCrossing).toList());
        }
        Engine engine = new Engine(resources, loops, List.copyOf(shards), placement);
        if (crypto.isOpen()) {
            engine.cryptoTrial.start();
        }
        return engine;
    }

    private void tryCrypto() {
        try {
            Thread.sleep(CRYPTO_TRIAL_DELAY_MILLIS);
            resources.crypto().measure(resources.nanoClock(), () -> !ready);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public CompletionStage<ParticipantHandle> join(JoinRequest request, ParticipantListener listener) {
        if (!ready) {
            return CompletableFuture.failedFuture(
                    new EngineException(ErrorCode.SHUTTING_DOWN, STOPPING));
        }
        RoomPlacement.Seat seat;
        try {
            seat = placement.enter(request.room());
        } catch (EngineException e) {
            return CompletableFuture.failedFuture(e);
        }
        Shard shard = shards.get(seat.shard());
        Runnable onEnded = () -> placement.leave(seat);
        return shard.join(request, listener, seat, onEnded).whenComplete((handle, failure) -> {
            if (failure != null) {
                onEnded.run();
            }
        });
    }

    @Override
    public CompletionStage<List<RoomInfo>> rooms() {
        return gather(shard -> shard.rooms().present()).thenApply(RoomViews::merge);
    }

    @Override
    public CompletionStage<List<ConnectionInfo>> connections() {
        return gather(Shard::connectionInfos).thenApply(lists -> lists.stream().flatMap(List::stream).toList());
    }

    @Override
    public CompletionStage<Optional<StatsReport>> stats(String connectionId) {
        return gather(shard -> Optional.ofNullable(shard.stats(connectionId)))
                .thenApply(found -> found.stream().flatMap(Optional::stream).findFirst());
    }

    @Override
    public CompletionStage<EngineCounters> counters() {
        return gather(Shard::totals).thenApply(parts -> {
            ShardTotals totals = new ShardTotals();
            parts.forEach(totals::add);
            totals.gauge("shards", shards.size());
            totals.gauge("rooms", placement.rooms());
            totals.gauge("handshakes_in_flight", resources.handshakes().inFlight());
            totals.gauge("crypto_native", resources.crypto().isNative() ? 1 : 0);
            return totals.toCounters();
        });
    }

    @Override
    public boolean ready() {
        return ready;
    }

    private <T> CompletableFuture<List<T>> gather(Function<Shard, T> question) {
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (Shard shard : shards) {
            answers.add(shard.submit(() -> question.apply(shard)));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
    }

    @Override
    public CompletionStage<@Nullable Void> endAll() {
        ready = false;
        return gather(shard -> {
            shard.endAll(ErrorCode.SHUTTING_DOWN, STOPPING);
            return true;
        }).<@Nullable Void>thenApply(ended -> null);
    }

    /** Ends every participant, says goodbye to the peers, closes the sockets and stops the loops; idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        cryptoTrial.interrupt();
        endAll()
                .toCompletableFuture()
                .orTimeout(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .exceptionally(failure -> null)
                .join();
        shards.forEach(Shard::close);
        resources.handshakes().close();
        loops.shutdownGracefully(0, STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
