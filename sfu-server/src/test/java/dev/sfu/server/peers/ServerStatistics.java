package dev.sfu.server.peers;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.stats.StatsReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Questions to the engine's statistics. */
record ServerStatistics(MediaEngine engine) {
    private static final int ANSWER_SECONDS = 5;

    /** The stats objects of that type; empty when the connection is unknown. */
    List<Map<String, Object>> ofType(String connectionId, String type) throws Exception {
        return get(engine.stats(connectionId))
                .map(StatsReport::stats)
                .orElse(List.of())
                .stream()
                .filter(s -> type.equals(s.get("type")))
                .toList();
    }

    /** The MIME types of the streams that have arrived. */
    List<String> receivedMimeTypes(String connectionId) throws Exception {
        Map<Object, String> mimeTypes = new HashMap<>();
        for (Map<String, Object> codec : ofType(connectionId, "codec")) {
            mimeTypes.put(required(codec, "id"), required(codec, "mimeType").toString());
        }
        List<String> received = new ArrayList<>();
        for (Map<String, Object> stream : ofType(connectionId, "inbound-rtp")) {
            received.add(mimeTypes.getOrDefault(required(stream, "codecId"), "unknown"));
        }
        return received;
    }

    /** A member that has to be there. */
    static Object required(Map<String, Object> stats, String member) {
        return Objects.requireNonNull(stats.get(member), () -> member + " is missing in " + stats);
    }

    /** A number that has to be there. */
    static long number(Map<String, Object> stats, String member) {
        return ((Number) required(stats, member)).longValue();
    }

    /** The one transport. */
    Map<String, Object> transport(String connectionId) throws Exception {
        List<Map<String, Object>> transports = ofType(connectionId, "transport");
        return transports.isEmpty() ? Map.of() : transports.getFirst();
    }

    /** The connections in a room. */
    List<ConnectionInfo> connections(String room) throws Exception {
        return get(engine.connections()).stream().filter(c -> c.room().equals(room)).toList();
    }

    private static <T> T get(CompletionStage<T> stage) throws ExecutionException, InterruptedException, TimeoutException {
        return stage.toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }
}
