package dev.sfu.signaling;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.ParticipantListener;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.api.SlotAssignment;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.api.TrackDeclaration;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.stats.StatsReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An engine without media: rooms, participants, tracks, slots and chat as signaling sees them, on a thread of its own.
 *
 * <p>Scripted by what it is asked: an SDP without {@code v=0} is {@code BAD_SDP}; one with {@code x-unsupported} is
 * {@code UNSUPPORTED}; the room {@code full} is full; the name {@code crash} meets a defect; a mid {@code 99} is unknown.
 */
final class ScriptedEngine implements MediaEngine, AutoCloseable {
    static final String ANSWER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n";

    private final ExecutorService thread = Executors.newSingleThreadExecutor(Thread.ofPlatform()
            .name("scripted-engine")
            .daemon()
            .factory());
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final List<String> calls = new ArrayList<>();
    private @Nullable CompletableFuture<Void> heldJoins;
    private @Nullable CompletableFuture<Void> heldOffers;
    private int nextId = 1;

    @Override
    public CompletionStage<ParticipantHandle> join(JoinRequest request, ParticipantListener listener) {
        return onThread(() -> {
            if (request.room().equals("full")) {
                throw new EngineException(ErrorCode.LIMIT_REACHED, "room: full");
            }
            if (request.name().equals("crash")) {
                throw new IllegalStateException("a secret detail");
            }
            RoomInfo room = roomInfo(request.room());
            Member member = new Member("p" + nextId++, request, listener, room);
            calls.add("join " + request.room() + " " + request.name() + " " + request.role());
            if (request.role() != JoinRequest.Role.VIEWER) {
                others(member).forEach(other -> other.tell(new RoomEvent.ParticipantJoined(member.info())));
            }
            members.put(member.id, member);
            return (ParticipantHandle) member;
        }).thenCompose(member -> after(heldJoins, member));
    }

    @Override
    public CompletionStage<List<RoomInfo>> rooms() {
        return onThread(() -> members.values().stream()
                .map(member -> member.request.room())
                .distinct()
                .map(this::roomInfo)
                .toList());
    }

    @Override
    public CompletionStage<List<ConnectionInfo>> connections() {
        return onThread(() -> members.values().stream()
                .map(member -> new ConnectionInfo(
                        member.connectionId(),
                        member.request.room(),
                        member.id,
                        member.request.name(),
                        member.request.role(),
                        ConnectionState.CONNECTED,
                        0))
                .toList());
    }

    @Override
    public CompletionStage<Optional<StatsReport>> stats(String connectionId) {
        return CompletableFuture.completedStage(Optional.empty());
    }

    @Override
    public CompletionStage<EngineCounters> counters() {
        return onThread(() -> new EngineCounters(Map.of("participants", (long) members.size()), Map.of(), Map.of()));
    }

    @Override
    public CompletionStage<@Nullable Void> endAll() {
        return done(() -> {
            List<Member> all = List.copyOf(members.values());
            members.clear();
            all.forEach(member -> {
                calls.add("end " + member.request.name());
                member.tell(new RoomEvent.Ended(ErrorCode.SHUTTING_DOWN, "the engine is stopping"));
            });
        });
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** What was asked so far, in order. */
    List<String> calls() {
        return onThread(() -> List.copyOf(calls)).toCompletableFuture().join();
    }

    /** Names of who is in. */
    List<String> names() {
        return onThread(() -> members.values().stream().map(m -> m.request.name()).toList())
                .toCompletableFuture()
                .join();
    }

    /** Lets joins take until the future completes. */
    void holdJoins(CompletableFuture<Void> until) {
        run(() -> heldJoins = until);
    }

    /** Lets offers take until the future completes. */
    void holdOffers(CompletableFuture<Void> until) {
        run(() -> heldOffers = until);
    }

    /** Tells the participant with that name. */
    void tell(String name, RoomEvent event) {
        run(() -> byName(name).tell(event));
    }

    /** The same, but nobody is told when there is no such participant. */
    void tellIfThere(String name, RoomEvent event) {
        run(() -> members.values().stream()
                .filter(member -> member.request.name().equals(name))
                .forEach(member -> member.tell(event)));
    }

    /** Ends the participant with that name. */
    void end(String name, ErrorCode code, String reason) {
        run(() -> remove(byName(name), code, reason));
    }

    private void run(Runnable task) {
        onThread(() -> {
            task.run();
            return "";
        }).toCompletableFuture().join();
    }

    private <T> CompletionStage<T> onThread(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, thread);
    }

    private CompletionStage<@Nullable Void> done(Runnable task) {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        thread.execute(() -> {
            try {
                task.run();
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static <T> CompletionStage<T> after(@Nullable CompletableFuture<Void> gate, T value) {
        return gate == null ? CompletableFuture.completedStage(value) : gate.thenApply(nothing -> value);
    }

    private Member byName(String name) {
        return members.values().stream()
                .filter(member -> member.request.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<Member> others(Member member) {
        return members.values().stream()
                .filter(other -> other != member && other.request.room().equals(member.request.room()))
                .toList();
    }

    private RoomInfo roomInfo(String room) {
        List<Member> inRoom = members.values().stream()
                .filter(member -> member.request.room().equals(room))
                .toList();
        int viewers = (int) inRoom.stream()
                .filter(member -> member.request.role() == JoinRequest.Role.VIEWER)
                .count();
        return new RoomInfo(
                room,
                inRoom.stream()
                        .filter(member -> member.request.role() != JoinRequest.Role.VIEWER)
                        .map(Member::info)
                        .toList(),
                viewers);
    }

    private void remove(Member member, ErrorCode code, String reason) {
        if (members.remove(member.id) != null) {
            calls.add("end " + member.request.name() + " " + reason);
            member.tell(new RoomEvent.Ended(code, reason));
            others(member).forEach(other -> other.tell(new RoomEvent.ParticipantLeft(member.id, reason)));
        }
    }

    private final class Member implements ParticipantHandle {
        private final String id;
        private final JoinRequest request;
        private final ParticipantListener listener;
        private final RoomInfo room;
        private final Map<String, TrackInfo> tracks = new LinkedHashMap<>();

        Member(String id, JoinRequest request, ParticipantListener listener, RoomInfo room) {
            this.id = id;
            this.request = request;
            this.listener = listener;
            this.room = room;
        }

        void tell(RoomEvent event) {
            listener.onEvent(event);
        }

        ParticipantInfo info() {
            return new ParticipantInfo(id, request.name(), List.copyOf(tracks.values()));
        }

        @Override
        public String participantId() {
            return id;
        }

        @Override
        public String connectionId() {
            return "c-" + id;
        }

        @Override
        public RoomInfo room() {
            return room;
        }

        @Override
        public CompletionStage<String> offer(String sdp, List<TrackDeclaration> declarations) {
            if (!sdp.startsWith("v=0")) {
                throw new EngineException(ErrorCode.BAD_SDP, "sdp: no version line");
            }
            return onThread(() -> {
                if (sdp.contains("x-unsupported")) {
                    throw new EngineException(ErrorCode.UNSUPPORTED, "x-unsupported");
                }
                calls.add("offer " + request.name() + " " + declarations);
                declarations.forEach(this::publish);
                tell(new RoomEvent.SlotsAssigned(List.of(new SlotAssignment("7", null, null))));
                return ANSWER;
            }).thenCompose(answer -> after(heldOffers, answer));
        }

        private void publish(TrackDeclaration declaration) {
            TrackSource source = declaration.source();
            MediaKind kind = source == TrackSource.CAMERA || source == TrackSource.SCREEN
                    ? MediaKind.VIDEO
                    : MediaKind.AUDIO;
            TrackInfo track = new TrackInfo(id + "-" + declaration.mid(), id, kind, source, declaration.muted());
            if (tracks.put(declaration.mid(), track) == null) {
                others(this).forEach(other -> other.tell(new RoomEvent.TrackPublished(track)));
            }
        }

        @Override
        public CompletionStage<@Nullable Void> addIceCandidate(
                @Nullable String candidate, @Nullable String mid, @Nullable String usernameFragment) {
            return done(() -> calls.add("candidate " + candidate + " " + mid + " " + usernameFragment));
        }

        @Override
        public CompletionStage<@Nullable Void> setMuted(String mid, boolean muted) {
            return done(() -> {
                TrackInfo track = tracks.get(mid);
                if (track == null) {
                    throw new EngineException(ErrorCode.NOT_FOUND, "mid: " + mid);
                }
                tracks.put(mid, new TrackInfo(track.id(), id, track.kind(), track.source(), muted));
                others(this).forEach(other -> other.tell(new RoomEvent.TrackMuted(track.id(), id, muted)));
            });
        }

        @Override
        public CompletionStage<@Nullable Void> setSlotWishes(List<SlotWish> wishes) {
            return done(() -> {
                for (SlotWish wish : wishes) {
                    if (wish.mid().equals("99")) {
                        throw new EngineException(ErrorCode.NOT_FOUND, "mid: 99 (expected: that of a video slot)");
                    }
                }
                calls.add("wishes " + wishes);
            });
        }

        @Override
        public CompletionStage<@Nullable Void> setPage(@Nullable List<String> participantIds) {
            return done(() -> calls.add("page " + participantIds));
        }

        @Override
        public CompletionStage<@Nullable Void> sendChat(String text) {
            if (text.length() > MAX_CHAT_CHARACTERS) {
                return CompletableFuture.failedFuture(new EngineException(ErrorCode.BAD_REQUEST, "text: too long"));
            }
            return done(() -> {
                RoomEvent message = new RoomEvent.ChatMessage(id, request.name(), text, 1_000);
                tell(message);
                others(this).forEach(other -> other.tell(message));
            });
        }

        @Override
        public CompletionStage<@Nullable Void> leave(String reason) {
            return done(() -> remove(this, ErrorCode.LEFT, reason));
        }
    }
}
