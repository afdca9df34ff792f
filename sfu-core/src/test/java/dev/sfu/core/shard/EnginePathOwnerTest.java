package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * 5-tuples that change hands: a NAT gives the port of a client that vanished to another while the server, which waits 25 s for
 * a silent peer, still holds it for the first.
 */
class EnginePathOwnerTest {
    private final Random random = new Random(11);

    @Test
    void aNewClientIsHeardOnTheFiveTupleOfOneThatVanished() {
        try (EngineScene scene = new EngineScene()) {
            SyntheticPeer ann = scene.talker("ann", 2);
            SyntheticPeer bob = scene.talker("bob", 2);
            scene.awaitExchange(10, ann, bob);
            SyntheticPeer cem = successor(scene, EngineScene.ROOM, "cem", ann);
            scene.awaitExchange(20, bob, cem);
            assertEquals(3, scene.gauge("connections"));
            assertEquals(2, scene.gauge("paths"));
            scene.assertFaultless();
            scene.assertNothingLeft();
        }
    }

    private static SyntheticPeer successor(EngineScene scene, String room, String name, SyntheticPeer former) {
        SyntheticPeer peer = SyntheticPeer.join(scene.loop, scene.engine, room, name);
        peer.sendAudio().setFlowing(true);
        peer.sendVideo().setFlowing(true);
        return peer.receive(2, 2).inPlaceOf(former).connect();
    }

    /** The former owner is on another shard, and the kernel gives the datagrams to the one or the other. */
    @Test
    void aFiveTupleMayGoToAnotherShardBehindOnePort() {
        // A room's second participant goes to the other shard.
        try (EngineScene scene = new EngineScene(2, 25_000, true, 1)) {
            int strayed = 0;
            int straight = 0;
            for (int i = 0; i < 64 && (strayed == 0 || straight == 0); i++) {
                SyntheticPeer former = SyntheticPeer.join(scene.loop, scene.engine, "room" + i, "former");
                former.sendVideo().setFlowing(true);
                former.connect();
                SyntheticPeer cem = successor(scene, "room" + i, "cem", former);
                assertTrue(shard(former) != shard(cem), "on different shards");
                scene.untilGauge("paths", 1);
                long handedOff = scene.counter("datagrams_handed_off");
                long received = scene.counter("rtp_packets_received");
                scene.until("media comes", counters ->
                        counters.counters().getOrDefault("rtp_packets_received", 0L) >= received + 50);
                boolean strays = scene.counter("datagrams_handed_off") - handedOff >= 50;
                strayed += strays ? 1 : 0;
                straight += strays ? 0 : 1;
                cem.leave();
                former.leave();
                scene.untilGauge("connections", 0);
            }
            assertTrue(strayed > 0 && straight > 0, strayed + " strayed, " + straight + " did not");
            scene.assertNothingLeft();
        }
    }

    private static char shard(SyntheticPeer peer) {
        return peer.answer().credentials().ufrag().charAt(0);
    }

    @Test
    void aCheckThatIsNotAuthenticTakesNothing() {
        try (EngineScene scene = new EngineScene()) {
            SyntheticPeer ann = scene.talker("ann", 1);
            SyntheticPeer bob = scene.talker("bob", 1);
            scene.awaitExchange(10, ann, bob);
            long before = scene.drops("stun_unauthorized");
            IceCredentials bobs = bob.answer().credentials();
            for (int i = 0; i < 20; i++) {
                send(ann, check(bobs.ufrag() + ":" + bob.credentials().ufrag(), "notThePasswordOfAnybody"));
            }
            // Nobody's: it stays with the owner of the 5-tuple.
            send(ann, check("nobodyHere:them", bobs.password()));
            scene.untilDrops("stun_unauthorized", before + 21);
            assertEquals(2, scene.gauge("paths"));
            assertTrue(ann.transport().ice().isConnected());
            scene.awaitExchange(20, ann, bob);
            scene.awaitComplete(ann, bob);
            scene.assertFaultless();
        }
    }

    /** Whoever can send from another's address and is let into a room may take a 5-tuple; its owner's next check ends that. */
    @Test
    void aLivingOwnerTakesItBack() {
        try (EngineScene scene = new EngineScene()) {
            SyntheticPeer ann = scene.talker("ann", 1);
            SyntheticPeer bob = scene.talker("bob", 1);
            scene.awaitExchange(10, ann, bob);
            long before = scene.drops("srtp_auth_failed");
            IceCredentials bobs = bob.answer().credentials();
            String username = bobs.ufrag() + ":" + bob.credentials().ufrag();
            // Ann's own check may come before any media that is misled.
            scene.loop.until("ann's media is misled", () -> {
                send(ann, check(username, bobs.password()));
                return scene.drops("srtp_auth_failed") > before;
            });
            scene.awaitExchange(20, ann, bob);
            assertEquals(2, scene.gauge("paths"));
            scene.assertNothingLeft();
        }
    }

    private static void send(SyntheticPeer from, byte[] datagram) {
        from.transport().send(datagram, 0, datagram.length);
    }

    private byte[] check(String username, String password) {
        byte[] buffer = new byte[256];
        byte[] transaction = new byte[12];
        random.nextBytes(transaction);
        StunWriter writer = new StunWriter(buffer);
        writer.begin(StunClass.REQUEST, StunMessage.BINDING, transaction)
                .username(username.getBytes(StandardCharsets.US_ASCII))
                .integrity(StunIntegrity.ofPassword(password))
                .fingerprint();
        return Arrays.copyOf(buffer, writer.length());
    }
}
