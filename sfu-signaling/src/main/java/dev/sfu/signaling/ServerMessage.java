package dev.sfu.signaling;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EncodingDemand;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.api.SlotAssignment;
import dev.sfu.core.api.SlotPlayback;
import dev.sfu.core.api.TrackInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a browser is told over its WebSocket; {@code type} says which. Null members are left out. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ServerMessage.Joined.class, name = "joined"),
    @JsonSubTypes.Type(value = ServerMessage.Answer.class, name = "answer"),
    @JsonSubTypes.Type(value = ServerMessage.Candidate.class, name = "candidate"),
    @JsonSubTypes.Type(value = ServerMessage.ParticipantJoined.class, name = "participantJoined"),
    @JsonSubTypes.Type(value = ServerMessage.ParticipantLeft.class, name = "participantLeft"),
    @JsonSubTypes.Type(value = ServerMessage.TrackPublished.class, name = "trackPublished"),
    @JsonSubTypes.Type(value = ServerMessage.TrackUnpublished.class, name = "trackUnpublished"),
    @JsonSubTypes.Type(value = ServerMessage.TrackMuted.class, name = "trackMuted"),
    @JsonSubTypes.Type(value = ServerMessage.Slots.class, name = "slots"),
    @JsonSubTypes.Type(value = ServerMessage.SlotsNeeded.class, name = "slotsNeeded"),
    @JsonSubTypes.Type(value = ServerMessage.Playing.class, name = "playing"),
    @JsonSubTypes.Type(value = ServerMessage.Encodings.class, name = "encodings"),
    @JsonSubTypes.Type(value = ServerMessage.Speakers.class, name = "speakers"),
    @JsonSubTypes.Type(value = ServerMessage.Chat.class, name = "chat"),
    @JsonSubTypes.Type(value = ServerMessage.ConnectionChanged.class, name = "connectionState"),
    @JsonSubTypes.Type(value = ServerMessage.Notice.class, name = "notice"),
    @JsonSubTypes.Type(value = ServerMessage.Ended.class, name = "ended"),
    @JsonSubTypes.Type(value = ServerMessage.Failure.class, name = "error"),
    @JsonSubTypes.Type(value = ServerMessage.Pong.class, name = "pong")
})
sealed interface ServerMessage {
    /** The first message after a join. */
    record Joined(String participantId, String connectionId, RoomInfo room) implements ServerMessage {}

    /** The answer to the offer with the same id. */
    record Answer(String sdp, long id) implements ServerMessage {}

    /** The server's candidates are in its answers, so this only ever says that there are no more. */
    record Candidate(String candidate) implements ServerMessage {
        static final Candidate END_OF_CANDIDATES = new Candidate("");
    }

    /** Somebody came. */
    record ParticipantJoined(ParticipantInfo participant) implements ServerMessage {}

    /** Somebody went. */
    record ParticipantLeft(String participantId, String reason) implements ServerMessage {}

    /** Somebody publishes a track. */
    record TrackPublished(TrackInfo track) implements ServerMessage {}

    /** Somebody's track has ended. */
    record TrackUnpublished(String trackId, String participantId) implements ServerMessage {}

    /** Somebody's track was muted or is live again. */
    record TrackMuted(String trackId, String participantId, boolean muted) implements ServerMessage {}

    /** The whole table of what plays in which receiving m-section. */
    record Slots(List<SlotAssignment> slots) implements ServerMessage {}

    /** The client should have this many receiving m-sections in all, and offer again. */
    record SlotsNeeded(int audio, int video) implements ServerMessage {}

    /** Which video slots play and why others do not: all that have a track. */
    record Playing(List<SlotPlayback> slots) implements ServerMessage {}

    /** Which encodings of one of the client's own tracks are worth sending. */
    record Encodings(String mid, List<EncodingDemand> encodings) implements ServerMessage {}

    /** Who speaks. */
    record Speakers(@Nullable String dominantParticipantId, List<String> participantIds) implements ServerMessage {}

    /** Somebody wrote; perhaps the receiver itself. */
    record Chat(String participantId, String name, String text, long epochMillis) implements ServerMessage {}

    /** The state of the server's end of the receiver's peer connection. */
    record ConnectionChanged(ConnectionState state) implements ServerMessage {}

    /** Something to tell the user that ends nothing. */
    record Notice(ErrorCode code, String message) implements ServerMessage {}

    /** The participant is out; the server closes the connection next. */
    record Ended(ErrorCode code, String reason) implements ServerMessage {}

    /**
     * A client message failed; the connection stays.
     *
     * @param request the type of that message, when it could be read
     * @param id its id, when it was an offer
     */
    record Failure(
            ErrorCode code,
            String message,
            @JsonProperty("for") @Nullable String request,
            @Nullable Long id)
            implements ServerMessage {}

    /** Answers ping. */
    record Pong() implements ServerMessage {}

    /** What the engine told a participant, as a message. */
    static ServerMessage of(RoomEvent event) {
        return switch (event) {
            case RoomEvent.ParticipantJoined e -> new ParticipantJoined(e.participant());
            case RoomEvent.ParticipantLeft e -> new ParticipantLeft(e.participantId(), e.reason());
            case RoomEvent.TrackPublished e -> new TrackPublished(e.track());
            case RoomEvent.TrackUnpublished e -> new TrackUnpublished(e.trackId(), e.participantId());
            case RoomEvent.TrackMuted e -> new TrackMuted(e.trackId(), e.participantId(), e.muted());
            case RoomEvent.SlotsAssigned e -> new Slots(e.slots());
            case RoomEvent.SlotsNeeded e -> new SlotsNeeded(e.audio(), e.video());
            case RoomEvent.SlotsPlaying e -> new Playing(e.slots());
            case RoomEvent.EncodingsWanted e -> new Encodings(e.mid(), e.encodings());
            case RoomEvent.SpeakersChanged e -> new Speakers(e.dominantParticipantId(), e.participantIds());
            case RoomEvent.ChatMessage e -> new Chat(e.participantId(), e.name(), e.text(), e.epochMillis());
            case RoomEvent.ConnectionStateChanged e -> new ConnectionChanged(e.state());
            case RoomEvent.Notice e -> new Notice(e.code(), e.message());
            case RoomEvent.Ended e -> new Ended(e.code(), e.reason());
        };
    }
}
