package dev.sfu.signaling;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.ParticipantListener;
import dev.sfu.core.api.RoomEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what the engine says on its threads to the one event loop that signaling runs on. */
final class EngineLoop {
    private static final Logger log = LoggerFactory.getLogger(EngineLoop.class);

    private final Context context;

    EngineLoop(Context context) {
        this.context = context;
    }

    /**
     * Calls the engine; the future completes on the loop, and a call that throws is a failed one. A result never
     * overtakes an event that the engine told before: both go through the loop's queue, even when the stage is
     * complete already.
     */
    <T extends @Nullable Object> Future<T> call(Supplier<CompletionStage<T>> call) {
        CompletionStage<T> stage;
        try {
            stage = call.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
        Promise<T> promise = Promise.promise();
        stage.whenComplete((value, failure) -> context.runOnContext(nothing -> {
            if (failure == null) {
                promise.complete(value);
            } else {
                promise.fail(failure);
            }
        }));
        return promise.future();
    }

    /** A listener that hands each event to the loop, in order. */
    ParticipantListener listener(Consumer<RoomEvent> onLoop) {
        return event -> {
            try {
                context.runOnContext(nothing -> onLoop.accept(event));
            } catch (RejectedExecutionException e) {
                // The loop ended before the engine did: its clients are gone and nobody is left to tell.
                log.debug("not told after the end: {}", event);
            }
        };
    }

    /** The refusal behind a failed call; anything but an {@link EngineException} is a defect, logged and not shown. */
    static EngineException refusal(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof EngineException refusal) {
            return refusal;
        }
        log.error("engine call failed", cause);
        return new EngineException(ErrorCode.INTERNAL, "internal error");
    }
}
