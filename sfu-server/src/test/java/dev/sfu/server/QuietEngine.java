package dev.sfu.server;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.api.ParticipantListener;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.stats.StatsReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Nobody joins it. */
final class QuietEngine implements MediaEngine {
    boolean closed;

    @Override
    public CompletionStage<ParticipantHandle> join(JoinRequest request, ParticipantListener listener) {
        return CompletableFuture.failedFuture(new EngineException(ErrorCode.UNSUPPORTED, "nobody joins here"));
    }

    @Override
    public CompletionStage<List<RoomInfo>> rooms() {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletionStage<List<ConnectionInfo>> connections() {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletionStage<Optional<StatsReport>> stats(String connectionId) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public CompletionStage<EngineCounters> counters() {
        return CompletableFuture.completedFuture(new EngineCounters(Map.of(), Map.of(), Map.of()));
    }

    @Override
    public CompletionStage<@Nullable Void> endAll() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public boolean ready() {
        return !closed;
    }

    void close() {
        closed = true;
    }
}
