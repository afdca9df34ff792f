package dev.sfu.core.routing;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** A room, its participants and what they were told. */
final class RoutingScene {
    final Room room = new Room("room");
    final BufferPool pool = new BufferPool(256);
    final Map<String, List<RoomEvent>> events = new HashMap<>();
    private final Random random = new Random(1);
    private int nextPort = 6000;

    /** A participant that is not connected and not in the room. */
    Participant participant(String id) {
        return participant(id, JoinRequest.Role.PARTICIPANT, new ScriptedPeer(pool, nextPort++, true, true));
    }

    Participant participant(String id, JoinRequest.Role role, ScriptedPeer peer) {
        List<RoomEvent> told = new ArrayList<>();
        events.put(id, told);
        return new Participant(
                id, new JoinRequest("room", id, role), room, peer.connection, told::add, random::nextInt);
    }

    RtpReceiver receiver(String mid, MediaKind kind) {
        return ScriptedStream.receiver(mid, kind);
    }

    /** What a participant was told of one kind, in order. */
    <T extends RoomEvent> List<T> told(String id, Class<T> kind) {
        return Objects.requireNonNull(events.get(id)).stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
