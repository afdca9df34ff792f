package dev.sfu.signaling;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;

/** Failed HTTP requests as {@code application/problem+json} (RFC 9457). */
final class Problems {
    private static final int RETRY_SECONDS = 10;

    /** The RFC 9457 members used, and the code as WebSocket clients would see it. */
    private record Problem(String type, int status, ErrorCode code, String detail) {}

    private final MessageCodec codec;

    Problems(MessageCodec codec) {
        this.codec = codec;
    }

    /** Answers with a problem unless there was an answer already. */
    void send(RoutingContext ctx, int status, ErrorCode code, String detail) {
        if (ctx.response().ended() || ctx.response().closed()) {
            return;
        }
        var unused = ctx.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/problem+json")
                .putHeader("Cache-Control", "no-store")
                .end(codec.writePlain(new Problem("about:blank", status, code, detail)));
    }

    /** Answers with what made an engine call fail. */
    void send(RoutingContext ctx, Throwable failure) {
        EngineException refusal = EngineLoop.refusal(failure);
        int status = statusOf(refusal.code());
        if (status == 503 && !ctx.response().headWritten()) {
            ctx.response().putHeader("Retry-After", Integer.toString(RETRY_SECONDS));
        }
        send(ctx, status, refusal.code(), String.valueOf(refusal.getMessage()));
    }

    /** Answers for a route that failed in the router, such as a body over the limit. */
    void onFailure(RoutingContext ctx) {
        int status = ctx.failure() instanceof HttpException http ? http.getStatusCode() : ctx.statusCode();
        if (status >= 400 && status < 500) {
            send(ctx, status, ErrorCode.BAD_REQUEST, status == 413 ? "the body is too large" : "bad request");
        } else {
            Throwable failure = ctx.failure();
            send(ctx, failure == null ? new IllegalStateException("status " + status) : failure);
        }
    }

    private static int statusOf(ErrorCode code) {
        return switch (code) {
            case BAD_REQUEST, BAD_SDP -> 400;
            case NOT_FOUND -> 404;
            case INVALID_STATE, LEFT -> 409;
            case UNSUPPORTED, NO_COMMON_CODEC -> 422;
            case INTERNAL -> 500;
            case LIMIT_REACHED, SHUTTING_DOWN, CONNECTION_FAILED -> 503;
        };
    }
}
