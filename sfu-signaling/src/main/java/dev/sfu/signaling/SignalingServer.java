package dev.sfu.signaling;

import dev.sfu.core.api.MediaEngine;
import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.ext.web.AllowForwardHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server that browsers and WHIP/WHEP clients talk to: WebSocket signaling at {@code /ws}, WHIP and WHEP, the
 * browser client and the demo page. Everything runs on one event loop of the given Vert.x.
 */
public final class SignalingServer {
    private static final Logger log = LoggerFactory.getLogger(SignalingServer.class);
    private static final int CLOSING_SECONDS = 2;
    private static final int STOP_MILLIS = 1_000;

    private static final String CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' data:; "
            + "media-src 'self' blob: mediastream:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
            + "form-action 'self'";
    private static final String PERMISSIONS_POLICY =
            "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), geolocation=()";

    private final Vertx vertx;
    private final Context context;
    private final MediaEngine engine;
    private final SignalingConfig config;
    private final LongSupplier nanoClock;
    private final EngineLoop loop;
    private final MessageCodec codec;
    private final JoinLimiter joins;
    private final WhipWhep whipWhep;
    private final Set<WebSocketSession> sessions = new HashSet<>();
    private @Nullable HttpServer http;
    private @Nullable CertificateWatch certificateWatch;
    private long heartbeatTimer = -1;
    private boolean stopping;

    /** A server that is not started yet. */
    public SignalingServer(Vertx vertx, MediaEngine engine, SignalingConfig config) {
        this(vertx, engine, config, System::nanoTime);
    }

    SignalingServer(Vertx vertx, MediaEngine engine, SignalingConfig config, LongSupplier nanoClock) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.engine = engine;
        this.config = config;
        this.nanoClock = nanoClock;
        loop = new EngineLoop(context);
        codec = new MessageCodec(config.limits().webSocketMessageBytes());
        joins = new JoinLimiter(config.limits().joinsPerMinutePerAddress());
        whipWhep = new WhipWhep(engine, loop, joins, codec, this::accepting, nanoClock);
    }

    /**
     * Starts to listen; to be called once.
     *
     * @return completes with the port in use; fails when the port cannot be bound or a certificate cannot be read
     */
    public Future<Integer> start() {
        return onLoop(() -> {
            HttpServer server = vertx.createHttpServer(options());
            http = server;
            return server.requestHandler(router()).listen().map(listening -> {
                heartbeatTimer = vertx.setPeriodic(
                        config.timing().ping().toMillis(), timer -> List.copyOf(sessions).forEach(WebSocketSession::beat));
                if (config.tls() instanceof SignalingConfig.Tls.Pem pem) {
                    certificateWatch = new CertificateWatch(vertx, server, pem, config.timing().certificateCheck());
                }
                return listening.actualPort();
            });
        });
    }

    /**
     * Ends all participants of the engine, tells every client that the server stops, and closes the port; idempotent.
     *
     * @return completes when all is closed, also if clients do not close in order within a second; never fails
     */
    public Future<Void> stop() {
        return onLoop(() -> {
            HttpServer server = http;
            if (stopping || server == null) {
                return Future.succeededFuture();
            }
            stopping = true;
            vertx.cancelTimer(heartbeatTimer);
            if (certificateWatch != null) {
                certificateWatch.close();
            }
            // Who has joined learns it from the engine, before its answer comes here.
            return loop.call(engine::endAll)
                    .otherwiseEmpty()
                    .compose(ended -> Future.join(
                            List.copyOf(sessions).stream().map(WebSocketSession::stop).toList()))
                    .timeout(STOP_MILLIS, TimeUnit.MILLISECONDS)
                    .transform(closed -> {
                        if (closed.failed()) {
                            log.debug("not every client closed in order: {}", closed.cause().getMessage());
                        }
                        List.copyOf(sessions).forEach(session -> session.cut("server stopping"));
                        return server.close();
                    })
                    .otherwiseEmpty();
        });
    }

    /** How many WebSocket connections and WHIP/WHEP sessions there are now. */
    public Future<Integer> connections() {
        return onLoop(() -> Future.succeededFuture(sessions.size() + whipWhep.size()));
    }

    private <T> Future<T> onLoop(Supplier<Future<T>> task) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(nothing -> {
            try {
                task.get().onComplete(promise);
            } catch (RuntimeException e) {
                promise.fail(e);
            }
        });
        return promise.future();
    }

    private HttpServerOptions options() {
        int idleMillis = (int) Math.min(Integer.MAX_VALUE, config.timing().silence().toMillis() * 3 / 2);
        HttpServerOptions options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setTcpNoDelay(true)
                .setMaxWebSocketFrameSize(config.limits().webSocketMessageBytes())
                .setMaxWebSocketMessageSize(config.limits().webSocketMessageBytes())
                .setWebSocketClosingTimeout(CLOSING_SECONDS)
                // Both directions: a client that sends but never reads would otherwise hold its close frame for ever.
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setReadIdleTimeout(idleMillis)
                .setWriteIdleTimeout(idleMillis);
        return switch (config.tls()) {
            case SignalingConfig.Tls.None none -> options;
            case SignalingConfig.Tls.SelfSigned selfSigned ->
                options.setSsl(true).setKeyCertOptions(CertificateWatch.selfSigned());
            case SignalingConfig.Tls.Pem pem -> options.setSsl(true).setKeyCertOptions(CertificateWatch.pem(pem));
        };
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.allowForward(
                config.trustForwardedFor() ? AllowForwardHeaders.X_FORWARD : AllowForwardHeaders.NONE);
        router.route().handler(SignalingServer::securityHeaders);
        router.get("/ws").handler(this::onUpgrade);
        whipWhep.mount(router, config.limits().bodyBytes());
        StaticFiles.mount(router);
        return router;
    }

    private static void securityHeaders(RoutingContext ctx) {
        ctx.response()
                .putHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .putHeader("Permissions-Policy", PERMISSIONS_POLICY)
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("X-Content-Type-Options", "nosniff");
        ctx.next();
    }

    private boolean accepting() {
        return !stopping && sessions.size() + whipWhep.size() < config.limits().connections();
    }

    private void onUpgrade(RoutingContext ctx) {
        if (!"websocket".equalsIgnoreCase(ctx.request().getHeader("Upgrade"))) {
            var unused = ctx.response().setStatusCode(426).putHeader("Upgrade", "websocket").end();
        } else if (!accepting()) {
            var unused = ctx.response().setStatusCode(503).putHeader("Retry-After", "10").end();
        } else {
            String address = ctx.request().remoteAddress().hostAddress();
            Channel channel = ((HttpServerConnection) ctx.request().connection())
                    .channelHandlerContext()
                    .channel();
            ctx.request()
                    .toWebSocket()
                    .onComplete(
                            socket -> open(socket, channel, address),
                            failure -> log.debug("WebSocket upgrade: {}", failure.getMessage()));
        }
    }

    private void open(ServerWebSocket socket, Channel channel, String address) {
        // From the first handler on, so past Vert.x's own, which would try a closing handshake.
        Runnable cut = () -> {
            var unused = channel.pipeline().firstContext().close();
        };
        WebSocketSession session =
                new WebSocketSession(socket, cut, address, engine, loop, codec, joins, config, nanoClock);
        sessions.add(session);
        session.open(() -> sessions.remove(session));
    }
}
