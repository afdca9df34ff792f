package dev.sfu.core.shard;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Which shard owns which room. A new room goes to the shard with the fewest participants. Thread-safe. */
final class RoomPlacement {
    private record Place(int shard, int participants) {}

    private final ConcurrentMap<String, Place> places = new ConcurrentHashMap<>();
    private final AtomicIntegerArray load;
    private final int maxRooms;
    private final int maxParticipants;

    RoomPlacement(int shards, int maxRooms, int maxParticipants) {
        this.load = new AtomicIntegerArray(shards);
        this.maxRooms = maxRooms;
        this.maxParticipants = maxParticipants;
    }

    /**
     * Takes a place in a room and gives its shard; {@link #leave} gives the place back.
     *
     * @throws EngineException {@link ErrorCode#LIMIT_REACHED}
     */
    int enter(String room) {
        Place place = places.compute(room, (name, present) -> {
            if (present == null) {
                if (places.size() >= maxRooms) {
                    throw new EngineException(ErrorCode.LIMIT_REACHED, "rooms: " + maxRooms + " (expected: fewer)");
                }
                return new Place(leastLoaded(), 1);
            }
            if (present.participants() >= maxParticipants) {
                throw new EngineException(
                        ErrorCode.LIMIT_REACHED, "participants in the room: " + maxParticipants + " (expected: fewer)");
            }
            return new Place(present.shard(), present.participants() + 1);
        });
        load.incrementAndGet(place.shard());
        return place.shard();
    }

    /** Gives a place back; the last one forgets the room. */
    void leave(String room) {
        places.computeIfPresent(room, (name, present) -> {
            load.decrementAndGet(present.shard());
            return present.participants() == 1 ? null : new Place(present.shard(), present.participants() - 1);
        });
    }

    int rooms() {
        return places.size();
    }

    private int leastLoaded() {
        int best = 0;
        for (int i = 1; i < load.length(); i++) {
            if (load.get(i) < load.get(best)) {
                best = i;
            }
        }
        return best;
    }
}
