package dev.sfu.core.routing;

import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A room, its participants and what they were told. */
final class RoutingScene {
    private final AtomicInteger numbers = new AtomicInteger();
    final Room room;
    final BufferPool pool = new BufferPool(256);
    final Map<String, List<RoomEvent>> events = new HashMap<>();
    private final Map<String, ScriptedPeer> peers = new LinkedHashMap<>();
    private final Random random = new Random(1);
    private int nextPort = 6000;

    /** Packets are forwarded as they come. */
    RoutingScene() {
        this(null);
    }

    /** Packets of video wait in a queue, if there is one. */
    RoutingScene(@Nullable ForwardQueue queue) {
        room = new Room("room", numbers::incrementAndGet, () -> {}, queue);
    }

    /** A participant that is not connected and not in the room. */
    Participant participant(String id) {
        return participant(id, JoinRequest.Role.PARTICIPANT, new ScriptedPeer(pool, nextPort++, true, true));
    }

    Participant participant(String id, JoinRequest.Role role, ScriptedPeer peer) {
        List<RoomEvent> told = new ArrayList<>();
        events.put(id, told);
        return new Participant(
                id, numbers.incrementAndGet(), new JoinRequest("room", id, role), room, peer.connection, told::add, random::nextInt);
    }

    /** Joins the room, offers and connects. */
    ScriptedPeer join(String id, JoinRequest.Role role, String... sections) {
        ScriptedPeer peer = new ScriptedPeer(
                pool, nextPort++, role != JoinRequest.Role.PUBLISHER, role != JoinRequest.Role.VIEWER);
        for (ScriptedPeer other : peers.values()) {
            peer.now = Math.max(peer.now, other.now);
        }
        Participant participant = participant(id, role, peer);
        peers.put(id, peer);
        room.add(participant);
        offer(id, sections);
        peer.connect();
        return peer;
    }

    ScriptedPeer join(String id, String... sections) {
        return join(id, JoinRequest.Role.PARTICIPANT, sections);
    }

    void offer(String id, String... sections) {
        ScriptedPeer peer = Objects.requireNonNull(peers.get(id));
        peer.offer(sections);
        Objects.requireNonNull(room.participant(id)).onNegotiated(List.of(), peer.now);
    }

    /** Lets time pass for everybody, a millisecond at a time. */
    void advance(long nanos) {
        for (long passed = 0; passed < nanos; passed += ScriptedPeer.MS) {
            peers.values().forEach(peer -> peer.advance(ScriptedPeer.MS));
            peers.values().forEach(peer -> room.onDeadline(peer.now));
        }
    }

    /** Ends everything. */
    void close() {
        room.participants().forEach(participant -> room.remove(participant, ErrorCode.SHUTTING_DOWN, "end", 0));
        peers.values().forEach(peer -> peer.connection.close());
    }

    RtpReceiver receiver(String mid, MediaKind kind) {
        return ScriptedStream.receiver(mid, kind);
    }

    /** What a participant was told of one kind, in order. */
    <T extends RoomEvent> List<T> told(String id, Class<T> kind) {
        return Objects.requireNonNull(events.get(id)).stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
