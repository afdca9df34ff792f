package dev.sfu.core.shard;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntSupplier;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which shards hold which room, and where newcomers go. Thread-safe.
 *
 * <p>The rule. A room stays on the shards it is on as long as one of them has room for it: it is less than {@link
 * #BUSY_LOAD} busy and holds fewer than {@link EngineConfig.Limits#participantsPerShard} of its participants; of several the
 * one that it came to first. Otherwise the newcomer opens a part of the room on the least loaded shard that it is not on yet,
 * if that is not busy too. Otherwise it goes to the least loaded shard. Loads are compared in steps of a tenth, and what is
 * equal then by participants: load follows joins only after a while, and a crowd that comes at once must not end up in one
 * place. Nobody is moved later.
 */
final class RoomPlacement {
    /** What a shard with more to do than this does not take on if another can. */
    static final double BUSY_LOAD = 0.7;

    private static final int STEPS = 10;

    /**
     * A place in a room.
     *
     * @param room the room's name
     * @param shard where
     * @param number who came earlier to the room has the lower number
     * @param trackNumbers numbers the tracks of the whole room
     */
    record Seat(String room, int shard, long number, IntSupplier trackNumbers) {}

    /** One room; changed only inside an atomic operation of the map. */
    private static final class Place {
        final AtomicInteger trackNumbers = new AtomicInteger();
        final int[] participants;
        final List<Integer> shards = new ArrayList<>();
        final List<RoomPart> parts = new ArrayList<>();
        int size;
        long joins;

        Place(int shardCount) {
            participants = new int[shardCount];
        }
    }

    private final ConcurrentMap<String, Place> places = new ConcurrentHashMap<>();
    private final AtomicIntegerArray participants;
    private final IntToDoubleFunction loads;
    private final EngineConfig.Limits limits;

    /** {@code loads} gives the share of time, 0 to 1, that a shard is busy; called from any thread. */
    RoomPlacement(int shards, EngineConfig.Limits limits, IntToDoubleFunction loads) {
        this.participants = new AtomicIntegerArray(shards);
        this.limits = limits;
        this.loads = loads;
    }

    /**
     * Takes a place in a room; {@link #leave} gives it back.
     *
     * @throws EngineException {@link ErrorCode#LIMIT_REACHED}
     */
    Seat enter(String room) {
        Seat[] seat = new Seat[1];
        places.compute(room, (name, present) -> {
            Place place = present;
            if (place == null) {
                if (places.size() >= limits.rooms()) {
                    throw new EngineException(
                            ErrorCode.LIMIT_REACHED, "rooms: " + limits.rooms() + " (expected: fewer)");
                }
                place = new Place(participants.length());
            } else if (place.size >= limits.participantsPerRoom()) {
                throw new EngineException(
                        ErrorCode.LIMIT_REACHED,
                        "participants in the room: " + limits.participantsPerRoom() + " (expected: fewer)");
            }
            int shard = shardFor(place);
            if (place.participants[shard]++ == 0) {
                place.shards.add(shard);
            }
            place.size++;
            participants.incrementAndGet(shard);
            seat[0] = new Seat(name, shard, ++place.joins, place.trackNumbers::incrementAndGet);
            return place;
        });
        return seat[0];
    }

    /** Gives a place back; the last one forgets the room. */
    void leave(Seat seat) {
        places.computeIfPresent(seat.room(), (name, place) -> {
            if (--place.participants[seat.shard()] == 0) {
                place.shards.remove((Integer) seat.shard());
            }
            participants.decrementAndGet(seat.shard());
            return --place.size == 0 ? null : place;
        });
    }

    private int shardFor(Place place) {
        for (int shard : place.shards) {
            if (place.participants[shard] < limits.participantsPerShard() && loads.applyAsDouble(shard) < BUSY_LOAD) {
                return shard;
            }
        }
        int other = leastLoaded(place.shards, place);
        return other >= 0 && (place.size == 0 || loads.applyAsDouble(other) < BUSY_LOAD)
                ? other
                : leastLoaded(List.of(), place);
    }

    /** Gives -1 when all are excluded. */
    private int leastLoaded(List<Integer> excluded, Place place) {
        int best = -1;
        for (int shard = 0; shard < participants.length(); shard++) {
            if (!excluded.contains(shard) && (best < 0 || compare(shard, best, place) < 0)) {
                best = shard;
            }
        }
        return best;
    }

    private int compare(int a, int b, Place place) {
        int byLoad = Integer.compare(step(a), step(b));
        if (byLoad != 0) {
            return byLoad;
        }
        int byRoom = Integer.compare(place.participants[a], place.participants[b]);
        return byRoom != 0 ? byRoom : Integer.compare(participants.get(a), participants.get(b));
    }

    private int step(int shard) {
        return (int) (loads.applyAsDouble(shard) * STEPS);
    }

    /** Makes a part known, which somebody with a seat is about to enter; gives those that were there before. */
    List<RoomPart> open(RoomPart part) {
        List<RoomPart> others = new ArrayList<>();
        @Nullable Place place = places.computeIfPresent(part.room().name(), (name, present) -> {
            others.addAll(present.parts);
            present.parts.add(part);
            return present;
        });
        assert place != null;
        return others;
    }

    /** Forgets a part, before the last one who was in it gives the seat back. */
    void close(RoomPart part) {
        places.computeIfPresent(part.room().name(), (name, place) -> {
            place.parts.remove(part);
            return place;
        });
    }

    /** Rooms in which somebody has a place. */
    int rooms() {
        return places.size();
    }
}
