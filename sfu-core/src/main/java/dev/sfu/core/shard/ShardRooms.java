package dev.sfu.core.shard;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.routing.ForwardQueue;
import dev.sfu.core.routing.Room;
import dev.sfu.core.routing.RoomMessage;
import dev.sfu.core.time.DeadlineQueue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One shard's parts of rooms, and the ways to the other shards. Used on the shard's loop, but for what says otherwise. */
final class ShardRooms {
    private static final Logger log = LoggerFactory.getLogger(ShardRooms.class);

    private final int index;
    private final RoomPlacement placement;
    private final Map<String, RoomPart> parts = new LinkedHashMap<>();
    private final DeadlineQueue<RoomPart> deadlines = new DeadlineQueue<>();
    private final ForwardQueue forwardQueue;
    private List<Crossing> crossings = List.of();
    /** Those that hold buffers of this shard or have packets nobody was told of. */
    private final List<Crossing> touched = new ArrayList<>();

    /**
     * No room yet.
     *
     * @param clock reads the shard's time anew
     */
    ShardRooms(int index, RoomPlacement placement, LongSupplier clock) {
        this.index = index;
        this.placement = placement;
        this.forwardQueue = new ForwardQueue(clock);
    }

    /** The tracks here that have packets to forward. */
    ForwardQueue forwardQueue() {
        return forwardQueue;
    }

    /** Sets the ways to all shards, in their order, the own one included; called once, before the first room. */
    void connect(List<Crossing> ways) {
        crossings = List.copyOf(ways);
    }

    /** The way from here to another shard; from any thread. */
    Crossing crossingTo(ShardRooms other) {
        return crossings.get(other.index);
    }

    // ---- rooms ------------------------------------------------------------------------------------------------------

    /** Lets somebody into the part of a room, which is made when it is not there, once the part knows the whole room. */
    void letIn(RoomPlacement.Seat seat, RoomPart.Entrant entrant) {
        RoomPart part = parts.get(seat.room());
        if (part == null) {
            part = open(seat);
        }
        part.letIn(entrant);
    }

    private RoomPart open(RoomPlacement.Seat seat) {
        RoomPart part = new RoomPart(this, seat);
        parts.put(seat.room(), part);
        // Of two parts one registers first, and the other then greets it: each pair gets to know each other exactly once.
        for (RoomPart other : placement.open(part)) {
            part.room().greet(RoomLink.between(part, other));
        }
        return part;
    }

    /** Closes the part of a room when nobody is in it any more. */
    void closeIfDeserted(Room room, long nowNanos) {
        RoomPart part = parts.get(room.name());
        if (part != null && part.room() == room && part.deserted()) {
            parts.remove(room.name());
            placement.close(part);
            room.close(nowNanos);
        }
    }

    void onDeadlineChanged(RoomPart part) {
        deadlines.set(part, part.room().nextDeadlineNanos());
    }

    /** The earliest deadline of any room, or {@link dev.sfu.core.time.Deadlines#NEVER}. */
    long nextDeadlineNanos() {
        return deadlines.nextDeadlineNanos();
    }

    /** Calls the rooms whose deadline has come. */
    void onDeadline(long nowNanos) {
        RoomPart due = deadlines.pollDue(nowNanos);
        while (due != null) {
            try {
                due.room().onDeadline(nowNanos);
            } catch (RuntimeException e) {
                log.error("shard {}: a room's deadline failed", index, e);
            }
            due = deadlines.pollDue(nowNanos);
        }
    }

    /** Ends everybody, who are then to be taken out, and refuses everybody who waits to get in. */
    void endAll(EngineException reason, long nowNanos) {
        for (RoomPart part : List.copyOf(parts.values())) {
            part.refuseWhoWaits(reason);
            part.room().endAll(reason.code(), String.valueOf(reason.getMessage()), nowNanos);
            closeIfDeserted(part.room(), nowNanos);
        }
    }

    /** Who of which room is on this shard. */
    Map<String, RoomMessage.Present> present() {
        Map<String, RoomMessage.Present> present = new LinkedHashMap<>();
        parts.forEach((name, part) -> present.put(name, part.room().present()));
        return present;
    }

    void addTotals(ShardTotals totals) {
        for (RoomPart part : parts.values()) {
            Room room = part.room();
            totals.gauge("tracks", room.trackCount());
            totals.gauge("subscriptions", room.subscriptionCount());
            totals.gauge("participants", room.size());
            totals.gauge("shard_pipes", room.pipeCount());
        }
        totals.gauge("room_parts", parts.size());
        for (Crossing crossing : crossings) {
            totals.counter("rtp_packets_carried", crossing.packetsCarried());
        }
    }

    /** Forwards what has gathered. */
    void forward() {
        forwardQueue.forward(failure -> log.error("shard {}: a track's packets failed", index, failure));
    }

    // ---- crossings --------------------------------------------------------------------------------------------------

    /** Packets go this way in this turn. */
    void touch(Crossing crossing) {
        if (crossing.touch()) {
            touched.add(crossing);
        }
    }

    /** Wakes the shards for which this turn had packets, and takes back what they have copied. */
    void endTurn() {
        for (int i = touched.size() - 1; i >= 0; i--) {
            if (!touched.get(i).endTurn()) {
                touched.remove(i);
            }
        }
    }

    /** Takes what has come on the way from another shard. */
    void drain(Crossing from, BufferPool pool, LongSupplier time) {
        from.drain(pool, time, failure ->
                log.error("shard {}: a packet or message from another shard failed", index, failure));
    }
}
