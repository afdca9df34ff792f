package dev.sfu.core.api;

import java.util.List;

/** A participant as the others see it. */
public record ParticipantInfo(String id, String name, List<TrackInfo> tracks) {
    /** Copies the list. */
    public ParticipantInfo {
        tracks = List.copyOf(tracks);
    }
}
