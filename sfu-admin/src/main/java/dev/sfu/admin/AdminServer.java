package dev.sfu.admin;

import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.stats.StatsReport;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin interface over HTTP.
 *
 * <table>
 * <caption>Routes; all but health and the page want the token, if there is one</caption>
 * <tr><th>path</th><th>what</th></tr>
 * <tr><td>{@code /health/live}</td><td>200 while the process serves</td></tr>
 * <tr><td>{@code /health/ready}</td><td>200 when the engine accepts participants, 503 otherwise</td></tr>
 * <tr><td>{@code /metrics}</td><td>Prometheus text format 0.0.4</td></tr>
 * <tr><td>{@code /api/rooms}</td><td>rooms, participants, tracks</td></tr>
 * <tr><td>{@code /api/connections}</td><td>every peer connection</td></tr>
 * <tr><td>{@code /api/connections/ID/stats}</td><td>its stats, keyed by stats id as {@code RTCStatsReport} is</td></tr>
 * <tr><td>{@code /api/connections/ID/stats/stream}</td><td>the same every second, as server-sent events</td></tr>
 * <tr><td>{@code /}</td><td>a page that shows the above live</td></tr>
 * </table>
 *
 * <p>Errors are {@code {"error": {"code": …, "message": …}}}.
 */
public final class AdminServer {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    /** An engine that does not answer for this long counts as stuck. */
    private static final long ENGINE_TIMEOUT_SECONDS = 5;

    private static final int IDLE_TIMEOUT_SECONDS = 60;

    private final Vertx vertx;
    private final MediaEngine engine;
    private final AdminConfig config;
    private final Access access;
    private final Metrics metrics = new Metrics();
    private final StatsStreams streams;
    private @Nullable String deployment;
    private int port;

    /** Does nothing yet; see {@link #start}. */
    public AdminServer(Vertx vertx, MediaEngine engine, AdminConfig config) {
        this.vertx = vertx;
        this.engine = engine;
        this.config = config;
        this.access = new Access(config);
        this.streams = new StatsStreams(vertx, this::stats);
    }

    /** Binds and serves; gives the port. Fails with {@link java.net.BindException} when the port is taken. */
    public Future<Integer> start() {
        return vertx.deployVerticle(new Endpoint()).map(id -> {
            deployment = id;
            return port;
        });
    }

    /** Ends open streams and closes the port. */
    public Future<Void> stop() {
        String running = deployment;
        deployment = null;
        return running == null ? Future.succeededFuture() : vertx.undeploy(running);
    }

    /** Puts start, requests and stop on one event loop. */
    private final class Endpoint extends VerticleBase {
        private @Nullable HttpServer server;

        @Override
        public Future<?> start() {
            HttpServerOptions options = new HttpServerOptions()
                    .setHost(config.host())
                    .setPort(config.port())
                    .setIdleTimeout(IDLE_TIMEOUT_SECONDS)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS);
            return vertx.createHttpServer(options).requestHandler(router()).listen().map(bound -> {
                server = bound;
                port = bound.actualPort();
                return bound;
            });
        }

        @Override
        public Future<?> stop() {
            streams.close();
            metrics.close();
            return server == null ? Future.succeededFuture() : server.close();
        }
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.route().handler(access::harden);
        router.get("/health/live").handler(ctx -> Answers.json(ctx, 200, new JsonObject().put("status", "live")));
        router.get("/health/ready").handler(this::ready);
        router.route("/metrics").handler(access::authorize);
        router.get("/metrics").handler(this::scrape);
        router.route("/api/*").handler(access::authorize);
        router.get("/api/rooms").handler(this::rooms);
        router.get("/api/connections").handler(this::connections);
        router.get("/api/connections/:id/stats").handler(this::connectionStats);
        router.get("/api/connections/:id/stats/stream").handler(streams::open);
        router.get("/*").handler(StaticHandler.create("dev/sfu/admin/web").setCachingEnabled(false));
        router.errorHandler(404, ctx -> Answers.error(ctx, 404, "not_found",
                "path: " + ctx.normalizedPath() + " (expected: /health, /metrics or /api)"));
        router.errorHandler(405, ctx -> Answers.error(ctx, 405, "bad_request",
                "method: " + ctx.request().method() + " (expected: GET)"));
        router.errorHandler(500, AdminServer::failed);
        return router;
    }

    private void ready(RoutingContext ctx) {
        boolean ready = engine.ready();
        Answers.json(ctx, ready ? 200 : 503, new JsonObject().put("status", ready ? "ready" : "not_ready"));
    }

    private void scrape(RoutingContext ctx) {
        onLoop(engine.counters())
                .onSuccess(counters -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                        .end(metrics.scrape(engine.ready(), counters)))
                .onFailure(ctx::fail);
    }

    private void rooms(RoutingContext ctx) {
        onLoop(engine.rooms())
                .onSuccess(rooms -> Answers.json(ctx, 200, new JsonArray(rooms.stream().map(Answers::room).toList())))
                .onFailure(ctx::fail);
    }

    private void connections(RoutingContext ctx) {
        onLoop(engine.connections())
                .onSuccess(all -> Answers.json(ctx, 200, new JsonArray(all.stream().map(Answers::connection).toList())))
                .onFailure(ctx::fail);
    }

    private void connectionStats(RoutingContext ctx) {
        String id = Answers.connectionId(ctx);
        stats(id)
                .onSuccess(found -> found.ifPresentOrElse(
                        report -> Answers.json(ctx, 200, Answers.report(report)),
                        () -> Answers.unknownConnection(ctx, id)))
                .onFailure(ctx::fail);
    }

    private Future<Optional<StatsReport>> stats(String id) {
        return onLoop(engine.stats(id));
    }

    /** Engine threads must not run our code: come back to the event loop that asked. */
    private <T> Future<T> onLoop(CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, vertx.getOrCreateContext())
                .timeout(ENGINE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private static void failed(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        if (failure instanceof TimeoutException) {
            Answers.error(ctx, 503, "engine_timeout",
                    "engine: no answer (expected: within " + ENGINE_TIMEOUT_SECONDS + " s)");
            return;
        }
        LOG.warn("{} failed", ctx.normalizedPath(), failure);
        Answers.error(ctx, 500, "internal", "the request failed; the server's log says why");
    }
}
