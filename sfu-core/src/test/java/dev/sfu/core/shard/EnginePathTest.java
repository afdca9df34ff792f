package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.peer.UdpPeerSocket;
import dev.sfu.core.time.Deadlines;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Paths that change, and peers that end well or badly. */
class EnginePathTest {
    private static final int CONSENT_TIMEOUT_MILLIS = 3000;

    private final EngineScene scene = new EngineScene(1, CONSENT_TIMEOUT_MILLIS);
    private final SyntheticPeer ann = scene.talker("ann", 1);
    private final SyntheticPeer bob = scene.talker("bob", 1);
    private final SentStream bobsCamera = bob.tracks().get(1).stream();

    @AfterEach
    void stop() {
        scene.close();
    }

    private void awaitMediaBothWays() {
        scene.awaitExchange(20, ann, bob);
    }

    @Test
    void iceRestartKeepsMediaGoing() throws IOException {
        awaitMediaBothWays();
        String ufrag = ann.answer().credentials().ufrag();
        ann.restartIce();
        assertTrue(!ufrag.equals(ann.answer().credentials().ufrag()), "new credentials");
        awaitMediaBothWays();
        assertEquals(3, scene.gauge("ufrags"));
        int formerPort = ann.transport().socket().local().getPort();
        ann.checkWithNewCredentials(true);
        scene.loop.until("the new check succeeds", () -> ann.transport().ice().isConnected());
        assertTrue(formerPort != ann.transport().socket().local().getPort());
        awaitMediaBothWays();
        scene.awaitComplete(bob);
        assertEquals(java.util.List.of(), bob.faults());
    }

    @Test
    void checkedRequestFromNewPortMovesThePath() {
        awaitMediaBothWays();
        ann.rebind();
        scene.loop.until("checks succeed again", () -> ann.transport().ice().isConnected());
        awaitMediaBothWays();
        scene.assertFaultless();
    }

    @Test
    void mediaFromForeignPortMovesNothing() throws IOException {
        awaitMediaBothWays();
        long before = scene.drops("unknown_source");
        try (UdpPeerSocket foreign = new UdpPeerSocket(ann.answer().udp())) {
            byte[] datagram = ann.transport().lastDatagram();
            for (int i = 0; i < 20; i++) {
                foreign.send(datagram, 0, datagram.length);
            }
            scene.untilDrops("unknown_source", before + 20);
            awaitMediaBothWays();
            assertEquals(-1, foreign.receive(new byte[2048]), "nothing is sent to the foreign port");
        }
        scene.awaitComplete(ann, bob);
        scene.assertFaultless();
    }

    @Test
    void silentPeerIsGoneForOthersAfterTheConsentTimeout() {
        awaitMediaBothWays();
        ann.kill();
        bob.awaitEvent(RoomEvent.ParticipantLeft.class, event -> event.participantId().equals(ann.id()));
        RoomEvent.Ended ended = ann.awaitEvent(RoomEvent.Ended.class, event -> true);
        assertEquals(ErrorCode.CONNECTION_FAILED, ended.code());
        assertTrue(bob.slots().stream().allMatch(slot -> slot.trackId() == null));
        assertEquals(1, scene.gauge("connections"));
        SyntheticPeer cem = scene.listener("cem", 1);
        cem.awaitPackets(bobsCamera, 20);
    }

    @Test
    void closeNotifyEndsAtOnce() {
        awaitMediaBothWays();
        long start = System.nanoTime();
        ann.closeNotify();
        bob.awaitEvent(RoomEvent.ParticipantLeft.class, event -> event.participantId().equals(ann.id()));
        long elapsed = System.nanoTime() - start;
        assertEquals(ErrorCode.LEFT, ann.awaitEvent(RoomEvent.Ended.class, event -> true).code());
        assertTrue(elapsed < Deadlines.SECOND * CONSENT_TIMEOUT_MILLIS / 1000, "took " + elapsed + " ns");
    }
}
