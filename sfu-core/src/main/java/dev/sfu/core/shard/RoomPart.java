package dev.sfu.core.shard;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.routing.Room;
import dev.sfu.core.routing.RoomMessage;
import dev.sfu.core.routing.RoomPeer;
import dev.sfu.core.time.DeadlineQueue;
import java.util.ArrayDeque;

/** A shard's part of a room, with those who wait to get in until it knows the whole room. Only its shard looks inside. */
final class RoomPart extends DeadlineQueue.Member {
    /** Somebody who wants to get in. */
    interface Entrant {
        /** The part is complete. */
        void enter(Room room);

        /** The engine is stopping. */
        void refuse(EngineException reason);
    }

    private final ShardRooms rooms;
    private final Room room;
    private final ArrayDeque<Entrant> waiting = new ArrayDeque<>();

    RoomPart(ShardRooms rooms, RoomPlacement.Seat seat) {
        this.rooms = rooms;
        this.room = new Room(seat.room(), seat.trackNumbers(), () -> rooms.onDeadlineChanged(this), rooms.forwardQueue());
    }

    ShardRooms rooms() {
        return rooms;
    }

    Room room() {
        return room;
    }

    void letIn(Entrant entrant) {
        waiting.add(entrant);
        letInWhoWaits();
    }

    void onMessage(RoomPeer from, RoomMessage message, long nowNanos) {
        room.onMessage(from, message, nowNanos);
        letInWhoWaits();
    }

    private void letInWhoWaits() {
        while (!waiting.isEmpty() && room.complete()) {
            waiting.remove().enter(room);
        }
    }

    void refuseWhoWaits(EngineException reason) {
        while (!waiting.isEmpty()) {
            waiting.remove().refuse(reason);
        }
    }

    /** Whether nobody is in it and nobody waits. */
    boolean deserted() {
        return room.size() == 0 && waiting.isEmpty();
    }
}
