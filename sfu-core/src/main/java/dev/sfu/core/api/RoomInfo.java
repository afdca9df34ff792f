package dev.sfu.core.api;

import java.util.List;

/** A room at a moment. Viewers are counted, not listed. */
public record RoomInfo(String name, List<ParticipantInfo> participants, int viewers) {
    /** Copies the list. */
    public RoomInfo {
        participants = List.copyOf(participants);
    }
}
