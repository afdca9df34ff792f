package dev.sfu.core.api;

import java.util.Map;

/**
 * Which limits publishers have, by room.
 *
 * @param everywhere the limits of rooms that have none of their own
 * @param byRoom the limits of rooms by their names
 */
public record PublishPolicy(PublishLimits everywhere, Map<String, PublishLimits> byRoom) {
    /** No limits anywhere. */
    public static final PublishPolicy UNLIMITED = new PublishPolicy(PublishLimits.NONE, Map.of());

    /** Copies the map. */
    public PublishPolicy {
        byRoom = Map.copyOf(byRoom);
    }

    /** The limits of a room. */
    public PublishLimits of(String room) {
        return byRoom.getOrDefault(room, everywhere);
    }
}
