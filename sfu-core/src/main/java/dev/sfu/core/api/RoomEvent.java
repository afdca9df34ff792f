package dev.sfu.core.api;

import java.util.List;

/** What a participant is told. */
public sealed interface RoomEvent {
    /** Somebody else has joined. */
    record ParticipantJoined(ParticipantInfo participant) implements RoomEvent {}

    /** Somebody else has left. */
    record ParticipantLeft(String participantId, String reason) implements RoomEvent {}

    /** Somebody else publishes a track. */
    record TrackPublished(TrackInfo track) implements RoomEvent {}

    /** Somebody else's track has ended. */
    record TrackUnpublished(String trackId, String participantId) implements RoomEvent {}

    /** Somebody else's track was muted or is live again. */
    record TrackMuted(String trackId, String participantId, boolean muted) implements RoomEvent {}

    /** What plays in this participant's slots now: the whole table, not a difference. */
    record SlotsAssigned(List<SlotAssignment> slots) implements RoomEvent {
        /** Copies the list. */
        public SlotsAssigned {
            slots = List.copyOf(slots);
        }
    }

    /**
     * There are more tracks than slots: the client should add receiving m-sections and offer again.
     *
     * @param audio audio slots to have in all
     * @param video video slots to have in all
     */
    record SlotsNeeded(int audio, int video) implements RoomEvent {}

    /** Somebody (perhaps the receiver itself) wrote a chat message. */
    record ChatMessage(String participantId, String name, String text, long epochMillis) implements RoomEvent {}

    /** The participant's own peer connection changed state. */
    record ConnectionStateChanged(ConnectionState state) implements RoomEvent {}

    /** Something the user should know that ends nothing, such as no common codec with a publisher. */
    record Notice(ErrorCode code, String message) implements RoomEvent {}

    /** The participant is out; the last event. */
    record Ended(ErrorCode code, String reason) implements RoomEvent {}
}
