package dev.sfu.admin;

import dev.sfu.core.stats.StatsReport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Stats once a second as server-sent events: {@code stats} events with the report, then one {@code end} event when the
 * connection is gone. A client that does not read misses reports instead of piling them up.
 *
 * <p>Belongs to the server's event loop.
 */
final class StatsStreams {
    static final int MAX_CLIENTS = 32;
    private static final long PERIOD_MILLIS = 1_000;

    private final Vertx vertx;
    private final Function<String, Future<Optional<StatsReport>>> stats;
    private final Set<Stream> open = new HashSet<>();

    StatsStreams(Vertx vertx, Function<String, Future<Optional<StatsReport>>> stats) {
        this.vertx = vertx;
        this.stats = stats;
    }

    void open(RoutingContext ctx) {
        if (open.size() >= MAX_CLIENTS) {
            Answers.error(ctx, 503, "limit_reached",
                    "streams: " + MAX_CLIENTS + " are open (expected: fewer than " + MAX_CLIENTS + ")");
            return;
        }
        String id = Answers.connectionId(ctx);
        Stream stream = new Stream(id, ctx.response());
        open.add(stream);
        ctx.response().closeHandler(closed -> stream.close());
        ctx.response().exceptionHandler(failure -> stream.close());
        stats.apply(id)
                .onSuccess(found -> found.ifPresentOrElse(stream::begin, () -> {
                    stream.close();
                    Answers.unknownConnection(ctx, id);
                }))
                .onFailure(failure -> {
                    stream.close();
                    ctx.fail(failure);
                });
    }

    void close() {
        List.copyOf(open).forEach(Stream::end);
    }

    /** One client. */
    private final class Stream {
        private final String id;
        private final HttpServerResponse response;
        private long timer = -1;
        private boolean asking;
        private boolean closed;

        Stream(String id, HttpServerResponse response) {
            this.id = id;
            this.response = response;
        }

        void begin(StatsReport first) {
            if (closed) {
                return;
            }
            response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                    .putHeader("X-Accel-Buffering", "no")
                    .setChunked(true);
            report(first);
            timer = vertx.setPeriodic(PERIOD_MILLIS, tick -> ask());
        }

        private void ask() {
            if (asking || closed || response.writeQueueFull()) {
                return;
            }
            asking = true;
            stats.apply(id).onComplete(result -> {
                asking = false;
                if (!closed && result.succeeded()) {
                    result.result().ifPresentOrElse(this::report, this::end);
                }
            });
        }

        private void report(StatsReport report) {
            event("stats", Answers.report(report).encode());
        }

        void end() {
            if (timer >= 0 && !closed) {
                event("end", "{}");
                response.end();
            }
            close();
        }

        void close() {
            closed = true;
            open.remove(this);
            if (timer >= 0) {
                vertx.cancelTimer(timer);
            }
        }

        private void event(String name, String data) {
            response.write("event: " + name + "\ndata: " + data + "\n\n");
        }
    }
}
