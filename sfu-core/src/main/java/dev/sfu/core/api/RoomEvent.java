package dev.sfu.core.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** Which of this participant's video slots play, and why others do not: all that have a track. */
    record SlotsPlaying(List<SlotPlayback> slots) implements RoomEvent {
        /** Copies the list. */
        public SlotsPlaying {
            slots = List.copyOf(slots);
        }
    }

    /**
     * Which encodings of one of this participant's own video tracks anybody receives: the others may be switched off to save
     * the publisher's uplink and processor, and are to be switched on again when they are wanted.
     *
     * @param mid the track's m-section
     */
    record EncodingsWanted(String mid, List<EncodingDemand> encodings) implements RoomEvent {
        /** Copies the list. */
        public EncodingsWanted {
            encodings = List.copyOf(encodings);
        }
    }

    /**
     * Who speaks.
     *
     * @param dominantParticipantId who leads the conversation, or spoke last; null as long as nobody has
     * @param participantIds who is heard now, at most 16, the dominant one first if he is
     */
    record SpeakersChanged(@Nullable String dominantParticipantId, List<String> participantIds) implements RoomEvent {
        /** Copies the list. */
        public SpeakersChanged {
            participantIds = List.copyOf(participantIds);
        }
    }

    /** Somebody (perhaps the receiver itself) wrote a chat message. */
    record ChatMessage(String participantId, String name, String text, long epochMillis) implements RoomEvent {}

    /** The participant's own peer connection changed state. */
    record ConnectionStateChanged(ConnectionState state) implements RoomEvent {}

    /** Something the user should know that ends nothing, such as no common codec with a publisher. */
    record Notice(ErrorCode code, String message) implements RoomEvent {}

    /** The participant is out; the last event. */
    record Ended(ErrorCode code, String reason) implements RoomEvent {}
}
