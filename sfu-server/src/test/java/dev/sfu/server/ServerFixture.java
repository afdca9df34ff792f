package dev.sfu.server;

import dev.sfu.admin.AdminConfig;
import dev.sfu.admin.AdminServer;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.shard.Engine;
import dev.sfu.signaling.SignalingConfig;
import dev.sfu.signaling.SignalingServer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The whole server in this process: engine, signaling and admin on free ports, HTTP on loopback only. */
public final class ServerFixture implements AutoCloseable {
    private static final int START_SECONDS = 30;
    private static final int STOP_SECONDS = 10;

    private final Engine engine;
    private final Vertx vertx;
    private final SignalingServer signaling;
    private final AdminServer admin;
    private final int httpPort;
    private final int adminPort;

    private ServerFixture(Engine engine, Vertx vertx, SignalingConfig http) throws TimeoutException {
        this.engine = engine;
        this.vertx = vertx;
        signaling = new SignalingServer(vertx, engine, http);
        admin = new AdminServer(vertx, engine, new AdminConfig("127.0.0.1", 0, null));
        httpPort = signaling.start().await(START_SECONDS, TimeUnit.SECONDS);
        adminPort = admin.start().await(START_SECONDS, TimeUnit.SECONDS);
    }

    /** One shard, UDP and TCP, default limits. */
    public static ServerFixture start() throws IOException, TimeoutException {
        return start(rtc(1, true, EngineConfig.Limits.DEFAULT));
    }

    /** With an engine of that kind. */
    public static ServerFixture start(EngineConfig rtc) throws IOException, TimeoutException {
        return start(rtc, SignalingConfig.plain("127.0.0.1", 0));
    }

    /** With an engine and signaling of that kind. */
    public static ServerFixture start(EngineConfig rtc, SignalingConfig http) throws IOException, TimeoutException {
        Engine engine = Engine.start(rtc);
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setWorkerPoolSize(2));
        try {
            return new ServerFixture(engine, vertx, http);
        } catch (TimeoutException | RuntimeException failure) {
            vertx.close();
            engine.close();
            throw failure;
        }
    }

    /**
     * A configuration on free ports that advertises every address of this machine.
     *
     * @param shards event loops, each with its own port
     * @param tcp whether ICE-TCP is on
     * @param limits upper bounds
     */
    public static EngineConfig rtc(int shards, boolean tcp, EngineConfig.Limits limits) {
        return new EngineConfig(0, shards, tcp ? 0 : -1, List.of(), limits);
    }

    /** Where browsers go, ending with a slash; {@code localhost}, so that they give camera and microphone. */
    public String url() {
        return "http://localhost:" + httpPort + "/";
    }

    /** Where the admin interface is, ending with a slash. */
    public String adminUrl() {
        return "http://localhost:" + adminPort + "/";
    }

    /** The media engine, for its counters and statistics. */
    public MediaEngine engine() {
        return engine;
    }

    /** Stops signaling, admin and engine. */
    @Override
    public void close() throws TimeoutException {
        try {
            signaling.stop().await(STOP_SECONDS, TimeUnit.SECONDS);
            admin.stop().await(STOP_SECONDS, TimeUnit.SECONDS);
            vertx.close().await(STOP_SECONDS, TimeUnit.SECONDS);
        } finally {
            engine.close();
        }
    }
}
