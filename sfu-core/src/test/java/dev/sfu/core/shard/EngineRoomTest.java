package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.TrackDeclaration;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.peer.PeerCodec;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SentTrack;
import dev.sfu.core.peer.SyntheticPeer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What members of a room are told, and how slots follow who is there. */
class EngineRoomTest {
    private final EngineScene scene = new EngineScene();

    @AfterEach
    void stop() {
        scene.close();
    }

    @Test
    void membersAreToldOfEachOther() {
        SyntheticPeer ann = scene.join("ann");
        SyntheticPeer bob = scene.join("bob");
        assertEquals(List.of("ann"), bob.handle().room().participants().stream().map(p -> p.name()).toList());
        ann.awaitEvent(RoomEvent.ParticipantJoined.class, event -> event.participant().id().equals(bob.id()));
        SentTrack microphone = bob.sendAudio();
        SentTrack screen = bob.sendVideo();
        bob.declare(new TrackDeclaration(screen.mid(), TrackSource.SCREEN, true));
        bob.connect();
        RoomEvent.TrackPublished published = ann.awaitEvent(
                RoomEvent.TrackPublished.class, event -> event.track().source() == TrackSource.SCREEN);
        assertEquals(bob.id(), published.track().participantId());
        assertEquals(MediaKind.VIDEO, published.track().kind());
        assertTrue(published.track().muted());
        ann.awaitEvent(RoomEvent.TrackPublished.class, event -> event.track().source() == TrackSource.MICROPHONE);

        bob.sections().stream()
                .filter(section -> section.mid().equals(screen.mid()))
                .forEach(section -> section.setActive(false));
        bob.negotiate();
        ann.awaitEvent(
                RoomEvent.TrackUnpublished.class,
                event -> event.trackId().equals(published.track().id()));
        assertThrows(EngineException.class, () -> scene.done(bob.handle().setMuted(screen.mid(), true)));
        scene.done(bob.handle().setMuted(microphone.mid(), true));

        bob.leave();
        ann.awaitEvent(RoomEvent.ParticipantLeft.class, event -> event.participantId().equals(bob.id()));
        RoomEvent.Ended ended = bob.awaitEvent(RoomEvent.Ended.class, event -> true);
        assertEquals(ErrorCode.LEFT, ended.code());
        assertEquals(ended, bob.events().getLast());
        EngineException late = assertThrows(EngineException.class, bob::negotiate);
        assertEquals(ErrorCode.INVALID_STATE, late.code());
    }

    @Test
    void chatReachesEverybodyInOrder() {
        SyntheticPeer ann = scene.join("ann");
        SyntheticPeer bob = scene.join("bob");
        for (int i = 0; i < 20; i++) {
            scene.done((i % 2 == 0 ? ann : bob).handle().sendChat("line " + i));
        }
        for (SyntheticPeer peer : List.of(ann, bob)) {
            peer.awaitEvent(RoomEvent.ChatMessage.class, event -> event.text().equals("line 19"));
            List<String> lines = peer.events().stream()
                    .filter(RoomEvent.ChatMessage.class::isInstance)
                    .map(event -> ((RoomEvent.ChatMessage) event).text())
                    .toList();
            assertEquals(20, lines.size());
            assertEquals("line 7", lines.get(7));
        }
        assertThrows(EngineException.class, () -> scene.done(ann.handle().sendChat(" ")));
    }

    @Test
    void slotsGrowOnDemandAndAreFreedAgain() {
        List<SyntheticPeer> publishers = List.of(
                scene.publisher("ann"), scene.publisher("bob"), scene.publisher("cem"));
        SyntheticPeer dia = scene.listener("dia", 1);
        RoomEvent.SlotsNeeded needed = dia.awaitEvent(RoomEvent.SlotsNeeded.class, event -> true);
        assertEquals(3, needed.video());
        SentStream first = publishers.getFirst().tracks().getFirst().stream();
        dia.awaitPackets(first, 20);
        String firstMid = dia.awaitPlaying(first).mid();

        dia.receive(needed.audio(), needed.video()).negotiate();
        for (SyntheticPeer publisher : publishers) {
            dia.awaitPackets(publisher.tracks().getFirst().stream(), 20);
        }
        assertEquals(firstMid, dia.awaitPlaying(first).mid());
        assertEquals(3, dia.slots().stream().filter(slot -> slot.trackId() != null).count());

        publishers.getFirst().leave();
        scene.loop.until(
                "the slot is free",
                () -> dia.slots().stream().anyMatch(slot -> slot.mid().equals(firstMid) && slot.trackId() == null));
        scene.awaitComplete(publishers.toArray(SyntheticPeer[]::new));
        scene.awaitComplete(dia);
        scene.assertFaultless();
        assertEquals(2, scene.gauge("subscriptions"));
    }

    @Test
    void missingCodecIsToldAndCounted() {
        SyntheticPeer ann = scene.join("ann").withVideoCodec(PeerCodec.VP9);
        SentTrack microphone = ann.sendAudio();
        SentTrack camera = ann.sendVideo();
        microphone.setFlowing(true);
        camera.setFlowing(true);
        ann.connect();
        SyntheticPeer bob = scene.listener("bob", 1);
        RoomEvent.Notice notice =
                bob.awaitEvent(RoomEvent.Notice.class, event -> event.code() == ErrorCode.NO_COMMON_CODEC);
        assertTrue(notice.message().contains("ann") && notice.message().contains("VP9"), notice.message());
        bob.awaitPackets(microphone.stream(), 20);
        assertTrue(scene.drops("no_common_codec") > 0);
        assertEquals(0, bob.packetsOf(camera.stream()));
        assertEquals(1, bob.events().stream().filter(RoomEvent.Notice.class::isInstance).count());
        scene.assertFaultless();
    }

    @Test
    void stoppingEngineEndsEverybody() {
        SyntheticPeer ann = scene.talker("ann", 1);
        SyntheticPeer bob = scene.talker("bob", 1);
        scene.awaitMore(ann, bob.tracks().getFirst().stream(), 5);
        scene.done(scene.engine.endAll());
        assertFalse(scene.engine.ready());
        for (SyntheticPeer peer : List.of(ann, bob)) {
            RoomEvent.Ended ended = peer.awaitEvent(RoomEvent.Ended.class, event -> true);
            assertEquals(ErrorCode.SHUTTING_DOWN, ended.code());
            assertTrue(peer.events().stream().noneMatch(RoomEvent.ParticipantLeft.class::isInstance));
            scene.loop.until("close_notify", peer.transport()::dtlsClosed);
        }
        scene.assertNothingLeft();
        EngineException refused = assertThrows(EngineException.class, () -> scene.join("late"));
        assertEquals(ErrorCode.SHUTTING_DOWN, refused.code());
    }
}
