package dev.sfu.core.routing;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.peerconnection.CarriedPacket;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.ScriptedPeer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A room in parts, as on several shards, in one thread: what goes from part to part arrives when a test lets it. */
final class SpreadScene {
    /** Somebody who joined. */
    final class Guest {
        final String id;
        final Part part;
        final ScriptedPeer peer;
        final List<RoomEvent> events = new ArrayList<>();
        @Nullable RoomInfo before;
        @Nullable Participant participant;

        Guest(String id, Part part, JoinRequest.Role role) {
            this.id = id;
            this.part = part;
            this.peer = new ScriptedPeer(
                    part.pool, nextPort++, role != JoinRequest.Role.PUBLISHER, role != JoinRequest.Role.VIEWER);
            peer.now = now();
            long number = numbers.incrementAndGet();
            part.waiting.add(() -> {
                Participant entered = new Participant(
                        id,
                        number,
                        new JoinRequest("room", id, role),
                        part.room(),
                        peer.connection,
                        events::add,
                        random::nextInt);
                before = part.room().info(null);
                participant = entered;
                part.room().add(entered);
            });
            guests.put(id, this);
            part.letIn();
        }

        Participant participant() {
            return Objects.requireNonNull(participant, id + " is not in yet");
        }

        Guest offer(String... sections) {
            peer.now = now();
            peer.offer(sections);
            participant().onNegotiated(List.of(), peer.now);
            return this;
        }

        Guest connect() {
            peer.connect();
            participant().onConnectionState(ConnectionState.CONNECTED, peer.now);
            return this;
        }

        void leave() {
            guests.remove(id);
            part.room().remove(participant(), ErrorCode.LEFT, "leaves", now());
            peer.connection.close();
            part.closeIfDeserted();
        }

        PublishedTrack track(String mid) {
            return participant().published().stream()
                    .filter(track -> track.mid().equals(mid))
                    .findAny()
                    .orElseThrow();
        }

        <T extends RoomEvent> List<T> told(Class<T> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }
    }

    /** A part of the room with the memory of its shard; opens when somebody wants in and closes when nobody is there. */
    final class Part {
        final BufferPool pool = new BufferPool(512);
        final Deque<Runnable> waiting = new ArrayDeque<>();
        private @Nullable Room room;

        Room room() {
            return Objects.requireNonNull(room);
        }

        private void letIn() {
            if (room == null) {
                Room opened = new Room("room", trackNumbers::incrementAndGet, () -> {}, null);
                for (Part other : parts) {
                    Room there = other.room;
                    if (there != null) {
                        Link forth = new Link(this, other, there);
                        Link back = new Link(other, this, opened);
                        forth.back = back;
                        back.back = forth;
                        opened.greet(forth);
                    }
                }
                room = opened;
            }
            while (!waiting.isEmpty() && room().complete()) {
                waiting.remove().run();
            }
        }

        private void closeIfDeserted() {
            Room present = room;
            if (present != null && present.size() == 0 && waiting.isEmpty()) {
                room = null;
                present.close(now());
            }
        }
    }

    /** One direction between two parts. */
    private final class Link implements RoomPeer {
        private final Part from;
        private final Part to;
        private final Room room;
        private final Deque<Runnable> way;
        private Link back;

        Link(Part from, Part to, Room room) {
            this.from = from;
            this.to = to;
            this.room = room;
            this.way = ways.computeIfAbsent(parts.indexOf(from) + ">" + parts.indexOf(to), key -> new ArrayDeque<>());
            this.back = this;
        }

        @Override
        public void send(RoomMessage message) {
            sent.add(message);
            way.add(() -> {
                room.onMessage(back, message, now());
                if (to.room == room) {
                    to.letIn();
                }
            });
        }

        @Override
        public boolean carry(PipeEnd end, IncomingPacket packet, long nowNanos) {
            if (full) {
                return false;
            }
            carried++;
            CarriedPacket copy = new CarriedPacket();
            copy.take(packet, nowNanos);
            way.add(() -> {
                end.onCarried(copy, to.pool, now());
                copy.release();
            });
            return true;
        }

        @Override
        public String toString() {
            return parts.indexOf(from) + ">" + parts.indexOf(to);
        }
    }

    final List<Part> parts = new ArrayList<>();
    final Map<String, Guest> guests = new LinkedHashMap<>();
    /** Every message there was. */
    final List<RoomMessage> sent = new ArrayList<>();
    long carried;
    /** Whether no packet more fits between the parts. */
    boolean full;

    private final Map<String, Deque<Runnable>> ways = new HashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger trackNumbers = new AtomicInteger();
    private final Random random;
    private int nextPort = 7000;

    SpreadScene(int partCount, long seed) {
        random = new Random(seed);
        for (int i = 0; i < partCount; i++) {
            parts.add(new Part());
        }
    }

    long now() {
        long now = 5 * ScriptedPeer.SECOND;
        for (Guest guest : guests.values()) {
            now = Math.max(now, guest.peer.now);
        }
        return now;
    }

    /** Wants into a part; is there once the part knows the others. */
    Guest ask(String id, int part, JoinRequest.Role role) {
        return new Guest(id, parts.get(part), role);
    }

    /** Joins, offers and connects; everything under way has arrived then. */
    Guest join(String id, int part, JoinRequest.Role role, String... sections) {
        Guest guest = ask(id, part, role);
        deliver();
        guest.offer(sections).connect();
        deliver();
        return guest;
    }

    Guest join(String id, int part, String... sections) {
        return join(id, part, JoinRequest.Role.PARTICIPANT, sections);
    }

    /** Somebody who is there. */
    Guest guest(String id) {
        return Objects.requireNonNull(guests.get(id), id);
    }

    /** Everything under way arrives, and what that brings about too. */
    void deliver() {
        while (deliverOne()) {
            // until nothing is left
        }
    }

    /** The next of any one way arrives; false when nothing is under way. */
    boolean deliverOne() {
        List<Deque<Runnable>> busy = ways.values().stream().filter(way -> !way.isEmpty()).toList();
        if (busy.isEmpty()) {
            return false;
        }
        busy.get(random.nextInt(busy.size())).remove().run();
        return true;
    }

    /** Lets time pass for everybody, a millisecond at a time. */
    void advance(long nanos) {
        for (long passed = 0; passed < nanos; passed += ScriptedPeer.MS) {
            List.copyOf(guests.values()).forEach(guest -> guest.peer.advance(ScriptedPeer.MS));
            onDeadlines();
            deliver();
        }
    }

    void onDeadlines() {
        for (Part part : parts) {
            if (part.room != null) {
                part.room.onDeadline(now());
            }
        }
    }

    <T extends RoomMessage> List<T> sent(Class<T> kind) {
        return sent.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Pipes that exist. */
    int pipes() {
        return parts.stream().mapToInt(part -> part.room == null ? 0 : part.room().pipeCount()).sum();
    }

    /** Everybody leaves and everything arrives; gives the buffers that are still out. */
    int leaveAll() {
        deliver();
        List.copyOf(guests.values()).forEach(Guest::leave);
        deliver();
        return parts.stream().mapToInt(part -> part.pool.outstanding()).sum();
    }
}
