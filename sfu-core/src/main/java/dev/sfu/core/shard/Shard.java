package dev.sfu.core.shard;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.api.ParticipantListener;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.routing.Participant;
import dev.sfu.core.routing.Room;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.stats.StatsReport;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.time.DeadlineQueue;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.transport.FlushQueue;
import dev.sfu.core.transport.PacketReceiver;
import dev.sfu.core.transport.PathOwner;
import dev.sfu.core.transport.SocketPath;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop with its sockets, clock and timers; owns the connections placed on it and the parts of rooms they are in.
 *
 * <p>Everything happens in turns: a batch of datagrams, a task from another thread or a deadline is the input; {@link
 * #endTurn} then forwards what has gathered, ends participants whose connection failed, sets deadlines, flushes what was produced and
 * arms the timer. Under load forwarding and flushing wait for more, see {@link Departure}.
 */
final class Shard implements PacketReceiver {
    private static final Logger log = LoggerFactory.getLogger(Shard.class);

    private static final int MAX_IDLE_BUFFERS = 8192;
    /** What one deadline adds at most to the sum of delays. */
    private static final long MAX_DELAY_NANOS = Deadlines.SECOND;

    private final int index;
    private final EventLoop loop;
    private final EngineResources resources;
    private final BufferPool pool = new BufferPool(MAX_IDLE_BUFFERS);
    private final DropCounters drops = new DropCounters();
    private final FlushQueue flushQueue = new FlushQueue(drops);
    private final ShardSockets sockets;
    private final ShardRooms rooms;
    private final Map<String, ShardConnection> connections = new LinkedHashMap<>();
    private final Map<String, ShardConnection> byLocalUfrag = new HashMap<>();
    private final DeadlineQueue<ShardConnection> deadlines = new DeadlineQueue<>();
    private final List<ShardConnection> touched = new ArrayList<>();
    private final ShardTotals closedTotals = new ShardTotals();
    private long turnStartNanos;
    private long turnNanos;
    private final LongSupplier time = this::now;
    private boolean inTurn;
    private boolean stopping;
    private @Nullable ScheduledFuture<?> timer;
    private final WakeUp wakeUp = new WakeUp();
    private final Departure departure;

    private long deadlinesMet;
    private long deadlineDelayNanos;

    /** Binds the shard's sockets; called off the loop. */
    Shard(
            int index,
            EventLoop loop,
            EngineResources resources,
            RoomPlacement placement,
            List<InetAddress> addresses)
            throws IOException {
        this.index = index;
        this.loop = loop;
        this.resources = resources;
        this.rooms = new ShardRooms(index, placement, this::later);
        this.departure = new Departure(loop, resources.nanoClock(), rooms.forwardQueue(), flushQueue, this::endTurn);
        this.sockets = ShardSockets.bind(index, resources, addresses, loop, pool, this, flushQueue);
    }

    // ---- turns ------------------------------------------------------------------------------------------------------

    /** The time of this turn: one reading of the clock for all its packets, unless it takes long. */
    long now() {
        assert loop.inEventLoop();
        if (!inTurn) {
            inTurn = true;
            turnNanos = resources.nanoClock().getAsLong();
            turnStartNanos = turnNanos;
        }
        return turnNanos;
    }

    /** The time read anew, from now on the turn's: for what has been sent to many, or to the last of many. */
    private long later() {
        turnNanos = resources.nanoClock().getAsLong();
        return turnNanos;
    }

    /** Milliseconds since 1970. */
    long epochMillis() {
        return resources.wallClock().epochNanos(now()) / Deadlines.MILLISECOND;
    }

    /** Runs a task in a turn of this shard, from any thread. */
    void execute(Runnable task) {
        loop.execute(() -> {
            try {
                now();
                task.run();
            } catch (RuntimeException e) {
                log.error("shard {}: a task failed", index, e);
            } finally {
                endTurn();
            }
        });
    }

    /** Computes something in a turn of this shard, from any thread. */
    <T extends @Nullable Object> CompletableFuture<T> submit(Supplier<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            loop.execute(() -> {
                try {
                    now();
                    complete(result, task);
                } finally {
                    endTurn();
                }
            });
        } catch (java.util.concurrent.RejectedExecutionException e) {
            result.completeExceptionally(new EngineException(ErrorCode.SHUTTING_DOWN, Engine.STOPPING));
        }
        return result;
    }

    private <T extends @Nullable Object> void complete(CompletableFuture<T> result, Supplier<T> task) {
        try {
            result.complete(task.get());
        } catch (EngineException e) {
            result.completeExceptionally(e);
        } catch (RuntimeException e) {
            log.error("shard {}: a request failed", index, e);
            result.completeExceptionally(new EngineException(ErrorCode.INTERNAL, "internal error"));
        }
    }

    /** The way from another shard to this one. */
    Crossing createCrossing() {
        Crossing[] crossing = new Crossing[1];
        Runnable drain = () -> {
            try {
                rooms.drain(crossing[0], pool, time);
            } finally {
                endTurn();
            }
        };
        crossing[0] = new Crossing(() -> {
            try {
                loop.execute(drain);
            } catch (java.util.concurrent.RejectedExecutionException e) {
                log.debug("shard {}: has stopped before another that had something for it", index);
            }
        });
        return crossing[0];
    }

    /** The connection's deadline may have changed: look again when the turn ends. */
    void touch(ShardConnection connection) {
        if (!connection.touched()) {
            connection.setTouched(true);
            touched.add(connection);
        }
    }

    @Override
    public void onBatchEnd() {
        endTurn();
    }

    private void endTurn() {
        // A batch that was all for other shards has not asked for the time; with that of the turn before, all since would count as
        // busy, and rooms would avoid a shard that does nothing.
        now();
        boolean leaves = departure.isDue(turnNanos);
        if (leaves) {
            rooms.forward();
        }
        // Ending one participant may touch others, which are appended here and looked at in the same pass.
        for (int i = 0; i < touched.size(); i++) {
            ShardConnection connection = touched.get(i);
            connection.setTouched(false);
            try {
                if (connection.failed()) {
                    end(connection, connection.endCode(), connection.connection().failureReason());
                }
                deadlines.set(connection, connection.connection().nextDeadlineNanos());
            } catch (RuntimeException e) {
                // A defect in one connection must not stop the shard's clock for the others.
                log.error("shard {}: a connection's turn failed", index, e);
            }
        }
        touched.clear();
        // First, so that the other shards work while this one writes to its sockets.
        rooms.endTurn();
        if (leaves || departure.isDue(turnNanos)) {
            departure.flush();
        }
        armTimer();
        inTurn = false;
        departure.onTurnEnd(turnStartNanos);
    }

    private void armTimer() {
        long next = Math.min(deadlines.nextDeadlineNanos(), rooms.nextDeadlineNanos());
        if (!wakeUp.moves(next, turnNanos)) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timer = loop.schedule(this::onTimer, wakeUp.nanos() - turnNanos, TimeUnit.NANOSECONDS);
    }

    private void onTimer() {
        timer = null;
        wakeUp.onTimer();
        long now = now();
        long deadline = deadlines.nextDeadlineNanos();
        ShardConnection due = deadlines.pollDue(now);
        while (due != null) {
            touch(due);
            long met = later();
            deadlinesMet++;
            deadlineDelayNanos += Math.clamp(met - deadline, 0, MAX_DELAY_NANOS);
            try {
                due.connection().onDeadline(met);
            } catch (RuntimeException e) {
                // A defect in one connection must not keep the others from their deadlines.
                log.error("shard {}: a deadline failed", index, e);
            }
            deadline = deadlines.nextDeadlineNanos();
            due = deadlines.pollDue(now);
        }
        rooms.onDeadline(now());
        endTurn();
    }

    // ---- packets ----------------------------------------------------------------------------------------------------

    @Override
    public void onUnclaimed(SocketPath path, PacketBuffer datagram) {
        ShardConnection connection = addressee(datagram);
        if (connection == null) {
            drops.count(DropReason.UNKNOWN_SOURCE);
            datagram.release();
        } else {
            connection.onDatagram(path, datagram);
        }
    }

    @Override
    public boolean isForAnother(PathOwner owner, PacketBuffer datagram) {
        ShardConnection connection = addressee(datagram);
        return connection != null && connection != owner;
    }

    /** The connection whose username fragment a STUN message has, which proves nothing yet; or null. */
    private @Nullable ShardConnection addressee(PacketBuffer datagram) {
        byte[] array = datagram.array();
        if (!StunMessage.looksLikeStun(array, datagram.offset(), datagram.length())) {
            return null;
        }
        String ufrag = StunMessage.localUfrag(array, datagram.offset(), datagram.length());
        return ufrag == null ? null : byLocalUfrag.get(ufrag);
    }

    // ---- rooms ------------------------------------------------------------------------------------------------------

    /** This shard's parts of rooms. */
    ShardRooms rooms() {
        return rooms;
    }

    /**
     * Lets a participant into its room, which is made when it is not there; from any thread.
     *
     * @param onEnded run when the participant that was let in has ended
     */
    CompletableFuture<ParticipantHandle> join(
            JoinRequest request, ParticipantListener listener, RoomPlacement.Seat seat, Runnable onEnded) {
        CompletableFuture<ParticipantHandle> joined = new CompletableFuture<>();
        RoomPart.Entrant entrant = new RoomPart.Entrant() {
            @Override
            public void enter(Room room) {
                complete(joined, () -> admit(room, request, listener, seat, onEnded));
                rooms.closeIfDeserted(room, now());
            }

            @Override
            public void refuse(EngineException reason) {
                joined.completeExceptionally(reason);
            }
        };
        CompletableFuture<Boolean> asked = submit(() -> {
            if (stopping) {
                throw new EngineException(ErrorCode.SHUTTING_DOWN, Engine.STOPPING);
            }
            rooms.letIn(seat, entrant);
            return true;
        });
        return asked.thenCompose(done -> joined);
    }

    private ParticipantSession admit(
            Room room, JoinRequest request, ParticipantListener listener, RoomPlacement.Seat seat, Runnable onEnded) {
        ShardConnection connection = new ShardConnection(this, resources, pool, request, onEnded);
        Participant participant = new Participant(
                resources.newId("p"),
                seat.number(),
                request,
                room,
                connection.connection(),
                new GuardedListener(listener),
                () -> resources.random().nextInt());
        connection.setParticipant(participant);
        connections.put(connection.connection().id(), connection);
        RoomInfo before = room.info(null);
        room.add(participant);
        touch(connection);
        return new ParticipantSession(this, connection, participant, before);
    }

    /** Takes a participant out of its room and closes its connection; does nothing the second time. */
    void end(ShardConnection connection, ErrorCode code, String reason) {
        assert loop.inEventLoop();
        if (connections.remove(connection.connection().id()) == null) {
            return;
        }
        Participant participant = connection.participant();
        Room room = participant.room();
        room.remove(participant, code, reason, now());
        connection.connection().close();
        connection.releasePaths();
        closedTotals.add(connection.connection());
        deadlines.set(connection, Deadlines.NEVER);
        rooms.closeIfDeserted(room, now());
        connection.onEnded();
    }

    /** Ends everybody, and lets no goodbye wait. */
    void endAll(ErrorCode code, String reason) {
        stopping = true;
        rooms.endAll(new EngineException(code, reason), now());
        for (ShardConnection connection : List.copyOf(connections.values())) {
            end(connection, code, reason);
        }
        flushQueue.flush();
    }

    void addUfrag(String ufrag, ShardConnection connection) {
        byLocalUfrag.put(ufrag, connection);
    }

    void removeUfrag(String ufrag, ShardConnection connection) {
        byLocalUfrag.remove(ufrag, connection);
    }

    // ---- views ------------------------------------------------------------------------------------------------------

    List<ConnectionInfo> connectionInfos() {
        return connections.values().stream().map(ShardConnection::info).toList();
    }

    @Nullable StatsReport stats(String connectionId) {
        ShardConnection connection = connections.get(connectionId);
        return connection == null ? null : connection.connection().stats(now());
    }

    /** This shard's part of the engine's counters. */
    ShardTotals totals() {
        ShardTotals totals = new ShardTotals();
        totals.add(closedTotals);
        totals.add(drops);
        for (ShardConnection connection : connections.values()) {
            totals.add(connection.connection());
        }
        rooms.addTotals(totals);
        totals.gauge("connections", connections.size());
        totals.gauge("ufrags", byLocalUfrag.size());
        totals.gauge("deadlines", deadlines.size());
        totals.gauge("paths", sockets.claimedPaths());
        totals.gauge("tcp_connections", sockets.tcpConnections());
        totals.gauge("buffers_outstanding", pool.outstanding() - sockets.heldBuffers());
        totals.counter("deadlines_met", deadlinesMet);
        totals.counter("deadline_delay_micros", deadlineDelayNanos / 1000);
        totals.counter("datagrams_received", sockets.packetsReceived());
        totals.counter("datagrams_handed_off", sockets.packetsHandedOff());
        totals.counter("tcp_connections_handed_off", sockets.connectionsHandedOff());
        totals.counter("bytes_received", sockets.bytesReceived());
        totals.counter("datagrams_sent", flushQueue.packetsSent());
        totals.counter("bytes_sent", flushQueue.bytesSent());
        totals.counter("writes", flushQueue.writes());
        totals.counter("segmentation_failures", flushQueue.segmentationFailures());
        return totals;
    }

    int index() {
        return index;
    }

    /** The share of time the shard is busy, 0 to 1; from any thread. */
    double load() {
        return departure.loadAt(resources.nanoClock().getAsLong());
    }

    ShardSockets sockets() {
        return sockets;
    }

    FlushQueue flushQueue() {
        return flushQueue;
    }

    void close() {
        sockets.close();
    }
}
