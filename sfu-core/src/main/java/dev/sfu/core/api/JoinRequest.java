package dev.sfu.core.api;

/**
 * A wish to join.
 *
 * @param room the room's name, 1 to 128 characters
 * @param name the participant's display name, up to 128 characters
 * @param role what the participant is for
 * @param fromLoopback whether the client's signaling comes from this host's loopback, so that loopback candidates reach it
 */
public record JoinRequest(String room, String name, Role role, boolean fromLoopback) {
    /** What a participant may do. */
    public enum Role {
        /** Publishes and receives; over WebSocket. */
        PARTICIPANT,
        /** Only publishes; WHIP. */
        PUBLISHER,
        /** Only receives, and is not shown to others; WHEP. */
        VIEWER
    }

    /** A request from another host. */
    public JoinRequest(String room, String name, Role role) {
        this(room, name, role, false);
    }

    /** Checks lengths. */
    public JoinRequest {
        if (room.isBlank() || room.length() > 128) {
            throw new EngineException(ErrorCode.BAD_REQUEST, "room: " + room.length() + " characters (expected: 1 to 128)");
        }
        if (name.length() > 128) {
            throw new EngineException(ErrorCode.BAD_REQUEST, "name: " + name.length() + " characters (expected: at most 128)");
        }
    }
}
