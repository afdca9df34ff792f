package dev.sfu.admin;

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
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Says what a test told it to say. */
final class ScriptedEngine implements MediaEngine {
    final Map<String, StatsReport> reports = new ConcurrentHashMap<>();
    volatile boolean ready = true;
    volatile List<RoomInfo> rooms = List.of();
    volatile List<ConnectionInfo> connections = List.of();
    volatile CompletionStage<EngineCounters> counters =
            CompletableFuture.completedFuture(new EngineCounters(Map.of(), Map.of(), Map.of()));

    @Override
    public CompletionStage<ParticipantHandle> join(JoinRequest request, ParticipantListener listener) {
        return CompletableFuture.failedFuture(new EngineException(ErrorCode.UNSUPPORTED, "nobody joins here"));
    }

    @Override
    public CompletionStage<List<RoomInfo>> rooms() {
        return CompletableFuture.completedFuture(rooms);
    }

    @Override
    public CompletionStage<List<ConnectionInfo>> connections() {
        return CompletableFuture.completedFuture(connections);
    }

    @Override
    public CompletionStage<Optional<StatsReport>> stats(String connectionId) {
        // Answers from another thread, as the engine does.
        return CompletableFuture.supplyAsync(() -> Optional.ofNullable(reports.get(connectionId)));
    }

    @Override
    public CompletionStage<EngineCounters> counters() {
        return counters;
    }

    @Override
    public CompletionStage<@Nullable Void> endAll() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public boolean ready() {
        return ready;
    }
}
