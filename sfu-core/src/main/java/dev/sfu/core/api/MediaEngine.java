package dev.sfu.core.api;

import dev.sfu.core.stats.StatsReport;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The media engine as the rest of the server sees it. Thread-safe. */
public interface MediaEngine {
    /**
     * Adds a participant to a room; the first one makes the room.
     *
     * <p>Fails with {@link EngineException} when the room or the engine is full or stopping.
     *
     * @param listener called on an engine thread, in order, until it has got a {@link RoomEvent.Ended}; must only
     *     hand over and return
     */
    CompletionStage<ParticipantHandle> join(JoinRequest request, ParticipantListener listener);

    /** The rooms that exist now. */
    CompletionStage<List<RoomInfo>> rooms();

    /** Every peer connection that exists now. */
    CompletionStage<List<ConnectionInfo>> connections();

    /** The statistics of one connection as {@code RTCPeerConnection.getStats()} gives them; empty when unknown. */
    CompletionStage<Optional<StatsReport>> stats(String connectionId);

    /** Engine-wide totals, for metrics. Cheap: callable every few seconds. */
    CompletionStage<EngineCounters> counters();

    /**
     * Ends everybody at once and lets nobody in any more. Each is told so with {@link RoomEvent.Ended} and {@link
     * ErrorCode#SHUTTING_DOWN}; that the others leave as well they are not told.
     *
     * @return completes when all have been told
     */
    CompletionStage<@Nullable Void> endAll();

    /** Whether the engine accepts participants. */
    boolean ready();
}
