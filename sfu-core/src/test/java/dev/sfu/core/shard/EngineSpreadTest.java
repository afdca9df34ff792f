package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.peer.ReceivedStream;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SentTrack;
import dev.sfu.core.peer.SyntheticPeer;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A room with one participant on each shard is like a room on one shard, and leaves as little behind. */
class EngineSpreadTest {
    private final EngineScene scene = EngineScene.spread(3, 1);

    @AfterEach
    void stop() {
        scene.close();
    }

    private void assertNothingWrongAndNothingLeft() {
        scene.assertFaultless();
        assertEquals(0, scene.drops("pipe_full"));
        scene.assertNothingLeft();
    }

    @Test
    void everybodyHearsEverybodyAcrossShards() {
        SyntheticPeer ann = scene.talker("ann", 2);
        SyntheticPeer bob = scene.talker("bob", 2);
        SyntheticPeer cem = scene.talker("cem", 2);
        assertNotEquals(ann.answer().udp(), bob.answer().udp());
        assertNotEquals(bob.answer().udp(), cem.answer().udp());
        scene.awaitExchange(30, ann, bob, cem);
        // Six tracks, each to two other shards.
        assertEquals(12, scene.gauge("shard_pipes"));
        assertEquals(3, scene.gauge("room_parts"));
        assertEquals(1, scene.gauge("rooms"));
        assertEquals(3, scene.gauge("participants"));
        assertEquals(6, scene.gauge("tracks"));
        assertEquals(12, scene.gauge("subscriptions"));
        scene.awaitComplete(ann, bob, cem);
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void onePacketIsHandedOverOncePerShardAndOnlyWhileItIsWatched() {
        try (EngineScene pair = EngineScene.spread(2, 3)) {
            SyntheticPeer ann = pair.publisher("ann");
            SentStream camera = ann.tracks().getFirst().stream();
            SyntheticPeer near = pair.listener("near", 1);
            pair.listener("near too", 1);
            near.awaitPackets(camera, 30);
            assertEquals(0, pair.counter("rtp_packets_carried"));
            assertEquals(0, pair.gauge("shard_pipes"));
            List<SyntheticPeer> far = List.of(pair.listener("f", 1), pair.listener("g", 1), pair.listener("h", 1));
            far.forEach(peer -> peer.awaitPackets(camera, 100));
            assertEquals(1, pair.gauge("shard_pipes"));
            long carried = pair.counter("rtp_packets_carried");
            assertTrue(carried >= 100 && carried <= camera.packetsSent(), carried + " carried");
            far.forEach(SyntheticPeer::leave);
            pair.untilGauge("shard_pipes", 0);
            pair.untilGauge("room_parts", 1);
            pair.awaitMore(near, camera, 30);
            pair.assertFaultless();
            pair.assertNothingLeft();
        }
    }

    @Test
    void membersAreToldOfEachOtherAcrossShards() {
        SyntheticPeer ann = scene.join("ann");
        SyntheticPeer bob = scene.join("bob");
        assertEquals(List.of("ann"), bob.handle().room().participants().stream().map(ParticipantInfo::name).toList());
        SyntheticPeer whep = scene.join("whep", JoinRequest.Role.VIEWER);
        assertEquals(2, whep.handle().room().participants().size());
        ann.awaitEvent(RoomEvent.ParticipantJoined.class, event -> event.participant().id().equals(bob.id()));
        SentTrack camera = bob.sendVideo();
        bob.connect();
        RoomEvent.TrackPublished published = ann.awaitEvent(RoomEvent.TrackPublished.class, event -> true);
        assertEquals(bob.id(), published.track().participantId());

        List<RoomInfo> rooms = scene.loop.await("rooms", scene.engine.rooms());
        assertEquals(1, rooms.size());
        assertEquals(1, rooms.getFirst().viewers());
        assertEquals(
                List.of("ann", "bob"),
                rooms.getFirst().participants().stream().map(ParticipantInfo::name).toList());
        assertEquals(List.of(published.track()), rooms.getFirst().participants().get(1).tracks());
        assertEquals(3, scene.loop.await("connections", scene.engine.connections()).size());

        SyntheticPeer dia = scene.join("dia");
        assertEquals(1, dia.handle().room().viewers());
        assertEquals(List.of(published.track()), dia.handle().room().participants().get(1).tracks());

        for (int i = 0; i < 20; i++) {
            scene.done((i % 2 == 0 ? ann : bob).handle().sendChat("line " + i));
        }
        for (SyntheticPeer peer : List.of(ann, bob, dia)) {
            peer.awaitEvent(RoomEvent.ChatMessage.class, event -> event.text().equals("line 19"));
            List<String> lines = peer.events().stream()
                    .filter(RoomEvent.ChatMessage.class::isInstance)
                    .map(event -> ((RoomEvent.ChatMessage) event).text())
                    .toList();
            assertEquals(20, lines.size());
            assertEquals("line 7", lines.get(7));
        }

        bob.sections().getFirst().setActive(false);
        bob.negotiate();
        ann.awaitEvent(RoomEvent.TrackUnpublished.class, event -> event.trackId().equals(published.track().id()));
        assertThrows(EngineException.class, () -> scene.done(bob.handle().setMuted(camera.mid(), true)));
        bob.leave();
        ann.awaitEvent(RoomEvent.ParticipantLeft.class, event -> event.participantId().equals(bob.id()));
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void lateJoinerOnAnotherShardGetsKeyframeAtOnce() {
        SyntheticPeer ann = scene.publisher("ann");
        SentStream camera = ann.tracks().getFirst().stream();
        scene.loop.until("much is sent", () -> camera.packetsSent() > 100);
        int keyframesBefore = camera.keyframesSent();
        SyntheticPeer bob = scene.listener("bob", 1);
        bob.awaitPackets(camera, 30);
        assertTrue(camera.keyframesSent() > keyframesBefore);
        assertEquals(1, bob.awaitPlaying(camera).keyframes());
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void keyframeRequestsTravelBack() {
        SyntheticPeer ann = scene.publisher("ann");
        SentStream camera = ann.tracks().getFirst().stream();
        SyntheticPeer bob = scene.listener("bob", 1);
        bob.awaitPackets(camera, 60);
        ReceivedStream slot = bob.awaitPlaying(camera);
        int before = camera.keyframeRequests();
        scene.loop.until("a keyframe comes on request", () -> {
            if (camera.keyframeRequests() == before) {
                bob.rtcp().sendPli(slot);
            }
            return slot.keyframes() > 1 && camera.keyframeRequests() > before;
        });
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void mutedTrackIsSilentOnTheOtherShardUntilItIsLiveAgain() {
        SyntheticPeer ann = scene.publisher("ann");
        SyntheticPeer bob = scene.listener("bob", 1);
        scene.assertMutedIsSilentUntilLiveAgain(ann, bob);
        scene.awaitComplete(ann, bob);
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void simulcastLayersAreFollowedAcrossShards() {
        SyntheticPeer ann = scene.join("ann");
        SentTrack camera = ann.sendSimulcast("l", "h");
        camera.stream("l").setFrame(1, 300);
        camera.stream("h").setFrame(4, 1000);
        camera.setFlowing(true);
        ann.connect();
        SyntheticPeer bob = scene.listener("bob", 1);
        ReceivedStream slot = bob.awaitPlaying(camera.stream("h"));
        scene.awaitMore(bob, camera.stream("h"), 60);
        camera.stream("h").setFlowing(false);
        assertSame(slot, bob.awaitPlaying(camera.stream("l")));
        scene.awaitMore(bob, camera.stream("l"), 30);
        camera.stream("h").setFlowing(true);
        assertSame(slot, bob.awaitPlaying(camera.stream("h")));
        scene.awaitComplete(ann, bob);
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void slotGoesOnWhenThePublisherOnAnotherShardLeaves() {
        SyntheticPeer ann = scene.talker("ann", 0);
        SyntheticPeer bob = scene.talker("bob", 0);
        SyntheticPeer cem = scene.listener("cem", 1);
        for (int i = 0; i < 2; i++) {
            cem.awaitPackets(ann.tracks().get(i).stream(), 30);
        }
        List<ReceivedStream> slots = List.copyOf(cem.received());
        ann.leave();
        for (int i = 0; i < 2; i++) {
            cem.awaitPackets(bob.tracks().get(i).stream(), 30);
            assertSame(slots.get(i), cem.awaitPlaying(bob.tracks().get(i).stream()));
        }
        scene.awaitComplete(bob, cem);
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void lostPacketsAreRepairedFromTheViewersShard() {
        SyntheticPeer ann = scene.publisher("ann");
        SentStream camera = ann.tracks().getFirst().stream();
        SyntheticPeer bob = scene.listener("bob", 1);
        bob.rtcp().setNacks(true);
        bob.awaitPackets(camera, 20);
        ReceivedStream slot = bob.awaitPlaying(camera);
        slot.setLost(index -> index % 10 == 3);
        scene.loop.until("lost packets are repaired", () -> slot.recovered() >= 5);
        assertEquals(0, camera.nacksReceived());
        slot.setLost(index -> false);
        scene.awaitComplete(ann, bob);
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void limitsHoldForTheWholeRoom() {
        for (int i = 0; i < 200; i++) {
            scene.join("peer" + i);
        }
        CompletionException refused = assertThrows(CompletionException.class, () -> scene.engine
                .join(new JoinRequest(EngineScene.ROOM, "one more", JoinRequest.Role.VIEWER), event -> {})
                .toCompletableFuture()
                .join());
        EngineException cause = assertInstanceOf(EngineException.class, refused.getCause());
        assertEquals(ErrorCode.LIMIT_REACHED, cause.code());
        assertEquals(1, scene.gauge("rooms"));
        assertNothingWrongAndNothingLeft();
    }

    @Test
    void stoppingEngineEndsEverybodyEverywhere() {
        SyntheticPeer ann = scene.talker("ann", 2);
        SyntheticPeer bob = scene.talker("bob", 2);
        SyntheticPeer cem = scene.talker("cem", 2);
        scene.awaitExchange(5, ann, bob, cem);
        scene.engine.close();
        for (SyntheticPeer peer : List.of(ann, bob, cem)) {
            RoomEvent.Ended ended = peer.awaitEvent(RoomEvent.Ended.class, event -> true);
            assertEquals(ErrorCode.SHUTTING_DOWN, ended.code());
            assertEquals(ended, peer.events().getLast());
        }
    }
}
