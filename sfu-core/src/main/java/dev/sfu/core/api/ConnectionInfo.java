package dev.sfu.core.api;

/**
 * A peer connection in a list.
 *
 * @param id names it in {@link MediaEngine#stats}
 * @param room the room's name
 * @param participantId its participant
 * @param participantName the participant's display name
 * @param role what the participant is for
 * @param state the connection's state
 * @param createdEpochMillis when it was made
 */
public record ConnectionInfo(
        String id,
        String room,
        String participantId,
        String participantName,
        JoinRequest.Role role,
        ConnectionState state,
        long createdEpochMillis) {}
