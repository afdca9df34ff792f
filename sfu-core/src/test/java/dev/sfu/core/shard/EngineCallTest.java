package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.peer.SentTrack;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.srtp.SrtpProfile;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of synthetic peers through a started engine over real sockets: media in every direction. */
class EngineCallTest {
    private final EngineScene scene = new EngineScene();

    @AfterEach
    void stop() {
        scene.close();
    }

    private static void assertEverybodyHearsEverybody(EngineScene scene, List<SyntheticPeer> peers) {
        for (SyntheticPeer to : peers) {
            for (SyntheticPeer from : peers) {
                if (to != from) {
                    for (SentTrack track : from.tracks()) {
                        scene.awaitMore(to, track.stream(), 20);
                    }
                }
            }
        }
    }

    @Test
    void twoPeersExchangeAudioAndVideo() {
        SyntheticPeer ann = scene.talker("ann", 1);
        SyntheticPeer bob = scene.talker("bob", 1);
        assertEverybodyHearsEverybody(scene, List.of(ann, bob));
        scene.awaitComplete(ann, bob);
        scene.assertFaultless();
        assertEquals(SrtpProfile.AEAD_AES_128_GCM, ann.transport().srtpProfile());
    }
}
