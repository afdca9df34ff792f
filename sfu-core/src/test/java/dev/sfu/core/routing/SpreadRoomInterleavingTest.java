package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * People come, publish, mute, send and go in three parts of a room, while what the parts tell each other arrives whenever it
 * likes. In the end everybody has been told a story that makes sense and ends with what is, and nothing is left over.
 */
class SpreadRoomInterleavingTest {
    private static final int STEPS = 150;
    private static final int MOST = 8;

    private static List<Long> seeds() {
        List<Long> seeds = new ArrayList<>();
        for (long seed = 1; seed <= 60; seed++) {
            seeds.add(seed);
        }
        return seeds;
    }

    /** What a client makes of what it is told; fails where that makes no sense. */
    private static final class Told {
        private final Map<String, Map<String, TrackInfo>> people = new HashMap<>();

        Told(RoomInfo before) {
            before.participants().forEach(this::join);
        }

        private void join(ParticipantInfo participant) {
            assertNull(people.put(participant.id(), new HashMap<>()), participant.id() + " joins twice");
            participant.tracks().forEach(this::publish);
        }

        private void publish(TrackInfo track) {
            assertNull(tracksOf(track.participantId()).put(track.id(), track), track.id() + " is published twice");
        }

        private Map<String, TrackInfo> tracksOf(String id) {
            return Objects.requireNonNull(people.get(id), id + " is not here");
        }

        private void change(String id, String trackId, UnaryOperator<TrackInfo> change) {
            TrackInfo former = tracksOf(id).get(trackId);
            tracksOf(id).put(trackId, change.apply(Objects.requireNonNull(former, trackId + " is not here")));
        }

        void on(RoomEvent event) {
            switch (event) {
                case RoomEvent.ParticipantJoined joined -> join(joined.participant());
                case RoomEvent.ParticipantLeft left -> assertNotNull(people.remove(left.participantId()));
                case RoomEvent.TrackPublished published -> publish(published.track());
                case RoomEvent.TrackUnpublished ended ->
                    assertNotNull(tracksOf(ended.participantId()).remove(ended.trackId()));
                case RoomEvent.TrackMuted muted -> change(muted.participantId(), muted.trackId(), track -> new TrackInfo(
                        track.id(), track.participantId(), track.kind(), track.source(), muted.muted()));
                case RoomEvent.SlotsAssigned assigned -> assigned.slots().forEach(slot -> {
                    if (slot.trackId() != null) {
                        assertTrue(tracksOf(Objects.requireNonNull(slot.participantId())).containsKey(slot.trackId()));
                    }
                });
                default -> {}
            }
        }

        List<TrackInfo> tracks() {
            return people.values().stream().flatMap(tracks -> tracks.values().stream())
                    .sorted(Comparator.comparing(TrackInfo::id)).toList();
        }
    }

    private final Map<PublishedTrack, ScriptedStream> streams = new LinkedHashMap<>();
    private int nextGuest;
    private int nextSequence;

    @ParameterizedTest
    @MethodSource("seeds")
    void everybodySeesEverybodyInTheEnd(long seed) {
        Random random = new Random(seed);
        SpreadScene scene = new SpreadScene(3, seed);
        for (int i = 0; i < STEPS; i++) {
            step(scene, random);
            for (int arrivals = random.nextInt(4); arrivals > 0; arrivals--) {
                scene.deliverOne();
            }
        }
        scene.deliver();
        scene.guests.values().forEach(guest -> assertStoryIsTrue(scene, guest));
        scene.guests.values().forEach(guest -> assertSlotsPlay(scene, guest));
        assertEquals(0, scene.leaveAll());
        assertEquals(0, scene.pipes());
    }

    private void step(SpreadScene scene, Random random) {
        List<SpreadScene.Guest> there =
                scene.guests.values().stream().filter(guest -> guest.participant != null).toList();
        if (there.isEmpty() || (scene.guests.size() < MOST && random.nextInt(4) == 0)) {
            JoinRequest.Role[] roles = JoinRequest.Role.values();
            scene.ask("g" + nextGuest++, random.nextInt(3), roles[random.nextInt(roles.length)]);
            return;
        }
        SpreadScene.Guest guest = there.get(random.nextInt(there.size()));
        switch (random.nextInt(8)) {
            case 0 -> guest.leave();
            case 1, 2 -> guest.offer(
                    Offers.audio("a", random.nextBoolean() ? "sendonly" : "inactive"),
                    Offers.video("v", random.nextInt(3) > 0 ? "sendonly" : "inactive"),
                    Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"),
                    Offers.audio("a1", "recvonly"), Offers.video("v1", "recvonly"));
            case 3 -> guest.participant().setMuted("v", random.nextBoolean(), scene.now());
            case 4 -> guest.participant().published().forEach(track -> track.subscriptions()
                    .forEach(subscription -> subscription.requestKeyframe(0, scene.now())));
            default -> guest.participant().published().forEach(track -> send(guest, track, random.nextInt(5) == 0));
        }
    }

    private void send(SpreadScene.Guest guest, PublishedTrack track, boolean newStream) {
        ScriptedStream former = newStream ? streams.remove(track) : null;
        if (former != null) {
            former.end();
        }
        long now = guest.peer.now;
        ScriptedStream stream = streams.computeIfAbsent(track, key -> new ScriptedStream(
                guest.peer.receiver(key.mid()),
                nextSequence,
                null,
                key.kind() == MediaKind.VIDEO ? ScriptedStream.vp8() : ScriptedStream.opus()));
        nextSequence++;
        track.onRtp(
                stream.packet(nextSequence, nextSequence * 100L, now, ScriptedPeer.vp8(true, true, 1, 1, 50)), now);
    }

    private static void assertStoryIsTrue(SpreadScene scene, SpreadScene.Guest guest) {
        Told told = new Told(Objects.requireNonNull(guest.before));
        guest.events.forEach(told::on);
        List<SpreadScene.Guest> others =
                scene.guests.values().stream().filter(other -> other != guest).toList();
        assertEquals(
                others.stream().filter(other -> other.participant().visible()).map(other -> other.id).sorted().toList(),
                told.people.keySet().stream().sorted().toList());
        assertEquals(
                others.stream().flatMap(other -> other.participant().published().stream()).map(PublishedTrack::info)
                        .sorted(Comparator.comparing(TrackInfo::id)).toList(),
                told.tracks());
        RoomInfo room = guest.part.room().info(null);
        assertEquals(
                scene.guests.values().stream().filter(other -> !other.participant().visible()).count(), room.viewers());
        for (SpreadScene.Guest other : others) {
            assertEquals(other.part.room().info(null), room);
            assertEquals(
                    trackIds(other.part.room().groupsFor(other.participant()), guest, other),
                    trackIds(guest.part.room().groupsFor(guest.participant()), guest, other));
        }
    }

    /** In their order, those of third parties. */
    private static List<String> trackIds(List<TrackGroup> groups, SpreadScene.Guest a, SpreadScene.Guest b) {
        return groups.stream()
                .flatMap(group -> group.tracks().stream())
                .filter(track -> !track.publisher().id().equals(a.id) && !track.publisher().id().equals(b.id))
                .map(PublishedTrack::id)
                .toList();
    }

    /** Every track that has a subscriber elsewhere has a pipe there, and what is sent now reaches it. */
    private void assertSlotsPlay(SpreadScene scene, SpreadScene.Guest guest) {
        for (PublishedTrack track : guest.participant().published()) {
            long partsThatWatch = scene.parts.stream()
                    .filter(part -> part != guest.part)
                    .filter(part -> scene.guests.values().stream()
                            .filter(other -> other.part == part)
                            .anyMatch(other -> watches(other, track)))
                    .count();
            long before = scene.carried;
            guest.participant().setMuted(track.mid(), false, scene.now());
            send(guest, track, false);
            assertEquals(partsThatWatch, scene.carried - before, track.id());
            scene.deliver();
        }
    }

    private static boolean watches(SpreadScene.Guest guest, PublishedTrack track) {
        List<RoomEvent.SlotsAssigned> assigned = guest.told(RoomEvent.SlotsAssigned.class);
        return !assigned.isEmpty()
                && assigned.getLast().slots().stream().anyMatch(slot -> track.id().equals(slot.trackId()));
    }
}
