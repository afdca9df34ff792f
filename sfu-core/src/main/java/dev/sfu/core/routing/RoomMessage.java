package dev.sfu.core.routing;

import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.peerconnection.CarriedStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one shard's part of a room tells another's. Each part speaks for its own participants only, and all parts speak to
 * each other directly; so everything about one participant arrives in order everywhere.
 */
public sealed interface RoomMessage {
    /** The sender is new and knows nobody; {@link Present} answers it. */
    record Hello() implements RoomMessage {}

    /** Everybody at the sender. */
    record Present(List<Joined> members, int viewers) implements RoomMessage {
        /** Copies the list. */
        public Present {
            members = List.copyOf(members);
        }
    }

    /** The sender's part is no more. */
    record Farewell() implements RoomMessage {}

    /** Somebody has joined there. */
    record Joined(long joinNumber, ParticipantInfo participant) implements RoomMessage {}

    /** Somebody there has left. */
    record Left(String participantId, String reason) implements RoomMessage {}

    /** So many viewers are there now. */
    record Viewers(int count) implements RoomMessage {}

    /** A track is published there; {@link Settled} follows. */
    record Published(TrackInfo track) implements RoomMessage {}

    /** A track there has ended; {@link Settled} follows. */
    record Unpublished(String trackId) implements RoomMessage {}

    /** What a negotiation changed has been told: time to assign slots, once for all of it. */
    record Settled(String participantId) implements RoomMessage {}

    /** A track there was muted or is live again. */
    record Muted(String trackId, boolean muted) implements RoomMessage {}

    /** Somebody there wrote a chat message. */
    record Chat(RoomEvent.ChatMessage message) implements RoomMessage {}

    /** How much somebody at the sender speaks. */
    record Speaks(String trackId, Speech speech) {}

    /**
     * Who speaks there, and who leads the conversation as far as the sender knows. See {@link Speakers}.
     *
     * @param speakers everybody who is active; who is not named is silent
     * @param decision the number of the latest decision who leads
     * @param decided the track of who leads, or null as long as nobody has spoken
     */
    record Speaking(List<Speaks> speakers, long decision, @Nullable String decided) implements RoomMessage {
        /** Copies the list. */
        public Speaking {
            speakers = List.copyOf(speakers);
        }
    }

    /** The sender has subscribers of a track of the receiver. {@link PipeOpened} answers it, then packets come. */
    record OpenPipe(String trackId, PipeEnd end) implements RoomMessage {}

    /** The streams of a track as they are now. */
    record PipeOpened(String trackId, List<CarriedStream> streams) implements RoomMessage {
        /** Copies the list. */
        public PipeOpened {
            streams = List.copyOf(streams);
        }
    }

    /** The sender has no subscribers of the track any more. */
    record ClosePipe(String trackId) implements RoomMessage {}

    /** A stream of a carried track has ended. */
    record StreamEnded(String trackId, int stream) implements RoomMessage {}

    /** A stream of a carried track has been switched off, and may come back. */
    record StreamStopped(String trackId, int stream) implements RoomMessage {}

    /**
     * A subscriber at the sender needs a keyframe of a track of the receiver.
     *
     * @param stream which of its streams; a negative number when the sender knows none yet
     * @param roundTripNanos as in {@link dev.sfu.core.peerconnection.CarriedReceiver.Origin#requestKeyframe}
     */
    record KeyframeWanted(String trackId, int stream, long roundTripNanos) implements RoomMessage {}

    /**
     * How much of a track of the receiver the subscribers at the sender have a use for.
     *
     * @param stream as in {@link TrackDemand#set}
     */
    record LayersWanted(String trackId, int stream) implements RoomMessage {}
}
