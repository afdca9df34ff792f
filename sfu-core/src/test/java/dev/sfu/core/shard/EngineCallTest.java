package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.peer.ReceivedStream;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SentTrack;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.sdp.Direction;
import dev.sfu.core.srtp.SrtpProfile;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of synthetic peers through a started engine over real sockets: media in every direction. */
class EngineCallTest {
    private final EngineScene scene = new EngineScene(2, 25_000);

    @AfterEach
    void stop() {
        scene.close();
    }

    private void assertEverybodyHearsEverybody(SyntheticPeer... peers) {
        scene.awaitExchange(20, peers);
        scene.awaitComplete(peers);
        scene.assertFaultless();
    }

    @Test
    void twoPeersExchangeAudioAndVideo() {
        SyntheticPeer ann = scene.talker("ann", 1);
        SyntheticPeer bob = scene.talker("bob", 1);
        assertEverybodyHearsEverybody(ann, bob);
        assertEquals(SrtpProfile.AEAD_AES_128_GCM, ann.transport().srtpProfile());
        assertEquals(0, ann.transport().counts().srtpFailures() + ann.transport().counts().unknown());
    }

    @Test
    void threePeersExchangeAudioAndVideo() {
        assertEverybodyHearsEverybody(
                scene.talker("ann", 2), scene.talker("bob", 2), scene.talker("cem", 2));
    }

    @Test
    void sequenceNumbersWrap() {
        SyntheticPeer ann = scene.join("ann").withFirstSequence(65_520);
        ann.sendAudio().setFlowing(true);
        ann.sendVideo().setFlowing(true);
        ann.connect();
        SyntheticPeer bob = scene.listener("bob", 1);
        for (SentTrack track : ann.tracks()) {
            scene.loop.until("the sequence wraps", () -> track.stream().nextIndex() > 65_560);
            scene.awaitMore(bob, track.stream(), 20);
        }
        scene.awaitComplete(ann, bob);
        scene.assertFaultless();
    }

    @Test
    void peerThatInsistsOnBeingDtlsServerIsMet() {
        SyntheticPeer ann = scene.join("ann").withSetup("passive");
        SentTrack camera = ann.sendVideo();
        camera.setFlowing(true);
        ann.receive(1, 1).connect();
        SyntheticPeer bob = scene.talker("bob", 1);
        bob.awaitPackets(camera.stream(), 20);
        scene.awaitMore(ann, bob.tracks().getFirst().stream(), 20);
        scene.assertFaultless();
    }

    @Test
    void peersOnTcpAndUdpMeet() {
        SyntheticPeer ann = scene.join("ann").overTcp();
        ann.sendAudio().setFlowing(true);
        ann.sendVideo().setFlowing(true);
        ann.receive(1, 1).connect();
        assertEquals(1, scene.gauge("tcp_connections"));
        assertEverybodyHearsEverybody(ann, scene.talker("bob", 1));
        ann.leave();
        scene.untilGauge("tcp_connections", 0);
    }

    @Test
    void roomsOnDifferentShardsDoNotMix() {
        SyntheticPeer ann = SyntheticPeer.join(scene.loop, scene.engine, "a", "ann");
        SyntheticPeer bob = SyntheticPeer.join(scene.loop, scene.engine, "b", "bob");
        SyntheticPeer cem = SyntheticPeer.join(scene.loop, scene.engine, "a", "cem");
        SyntheticPeer dia = SyntheticPeer.join(scene.loop, scene.engine, "b", "dia");
        for (SyntheticPeer peer : List.of(ann, bob, cem, dia)) {
            peer.sendAudio().setFlowing(true);
            peer.sendVideo().setFlowing(true);
            peer.receive(2, 2).connect();
        }
        assertNotEquals(ann.answer().udp(), bob.answer().udp());
        assertEquals(ann.answer().udp(), cem.answer().udp());
        assertEverybodyHearsEverybody(ann, cem);
        assertEverybodyHearsEverybody(bob, dia);
        assertEquals(0, ann.packetsOf(bob.tracks().getFirst().stream()));
        assertEquals(2, scene.loop.await("rooms", scene.engine.rooms()).size());
        assertEquals(4, scene.loop.await("connections", scene.engine.connections()).size());
    }

    @Test
    void lateJoinerGetsKeyframeAtOnce() {
        SyntheticPeer ann = scene.publisher("ann");
        SentStream camera = ann.tracks().getFirst().stream();
        scene.loop.until("much is sent", () -> camera.packetsSent() > 100);
        int keyframesBefore = camera.keyframesSent();
        SyntheticPeer bob = scene.listener("bob", 1);
        bob.awaitPackets(camera, 30);
        assertTrue(camera.keyframesSent() > keyframesBefore);
        assertEquals(1, bob.awaitPlaying(camera).keyframes());
        scene.assertFaultless();
    }

    @Test
    void slotGoesOnWithoutBreakWhenAnotherPublisherTakesIt() {
        SyntheticPeer ann = scene.talker("ann", 0);
        SyntheticPeer bob = scene.talker("bob", 0);
        SyntheticPeer cem = scene.listener("cem", 1);
        for (int i = 0; i < 2; i++) {
            cem.awaitPackets(ann.tracks().get(i).stream(), 30);
            assertEquals(0, cem.packetsOf(bob.tracks().get(i).stream()));
        }
        List<ReceivedStream> slots = List.copyOf(cem.received());
        ann.leave();
        for (int i = 0; i < 2; i++) {
            cem.awaitPackets(bob.tracks().get(i).stream(), 30);
            assertSame(slots.get(i), cem.awaitPlaying(bob.tracks().get(i).stream()));
        }
        scene.awaitComplete(ann, bob, cem);
        scene.assertFaultless();
    }

    @Test
    void mutedTrackIsSilentUntilItIsLiveAgain() {
        SyntheticPeer ann = scene.publisher("ann");
        SyntheticPeer bob = scene.listener("bob", 1);
        scene.assertMutedIsSilentUntilLiveAgain(ann, bob);
        scene.awaitComplete(ann, bob);
        scene.assertFaultless();
    }

    @Test
    void highestFlowingSimulcastLayerPlays() {
        SyntheticPeer ann = scene.join("ann");
        SentTrack camera = ann.sendSimulcast("l", "m", "h");
        camera.stream("l").setFrame(1, 300);
        camera.stream("m").setFrame(2, 700);
        camera.stream("h").setFrame(4, 1000);
        camera.setFlowing(true);
        ann.connect();
        SyntheticPeer bob = scene.listener("bob", 1);
        ReceivedStream slot = bob.awaitPlaying(camera.stream("h"));
        scene.awaitMore(bob, camera.stream("h"), 100);

        camera.stream("h").setFlowing(false);
        assertSame(slot, bob.awaitPlaying(camera.stream("m")));
        scene.awaitMore(bob, camera.stream("m"), 50);
        camera.stream("m").setFlowing(false);
        assertSame(slot, bob.awaitPlaying(camera.stream("l")));
        scene.awaitMore(bob, camera.stream("l"), 20);
        camera.stream("h").setFlowing(true);
        assertSame(slot, bob.awaitPlaying(camera.stream("h")));
        scene.awaitMore(bob, camera.stream("h"), 50);
        assertTrue(scene.drops("layer_not_selected") > 0);
        scene.awaitComplete(ann, bob);
        scene.assertFaultless();
    }

    @Test
    void publisherOnlySendsAndViewerOnlyReceives() {
        SyntheticPeer publisher = scene.join("whip", JoinRequest.Role.PUBLISHER);
        SentTrack camera = publisher.sendVideo();
        camera.setFlowing(true);
        publisher.receive(1, 1).connect();
        SyntheticPeer viewer = scene.join("whep", JoinRequest.Role.VIEWER);
        SentTrack refused = viewer.sendVideo();
        refused.setFlowing(true);
        viewer.receive(1, 1).connect();
        SyntheticPeer bob = scene.talker("bob", 2);

        viewer.awaitPackets(camera.stream(), 30);
        bob.awaitPackets(camera.stream(), 30);
        viewer.awaitPackets(bob.tracks().getFirst().stream(), 0);
        assertEquals(0, publisher.received().size());
        assertTrue(publisher.answer().session().media().stream().noneMatch(section -> section.direction().sends()));
        assertTrue(viewer.answer().session().media().stream().noneMatch(section -> section.direction().receives()));
        assertEquals(Direction.SENDONLY, viewer.answer().session().media().get(1).direction());
        assertEquals(0, bob.packetsOf(refused.stream()));
        assertNull(bob.last(
                RoomEvent.ParticipantJoined.class, event -> event.participant().name().equals("whep")));
        assertEquals(1, scene.loop.await("rooms", scene.engine.rooms()).getFirst().viewers());
        assertEquals(List.of("whip"), bob.handle().room().participants().stream().map(p -> p.name()).toList());
        scene.assertFaultless();
    }
}
