package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.peer.TcpPeerSocket;
import dev.sfu.core.peer.UdpPeerSocket;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two shards behind one port: the kernel gives about half of the 5-tuples to the wrong one. */
class EngineSinglePortTest {
    private static final int PEERS = 10;
    private static final int CONSENT_TIMEOUT_MILLIS = 4000;

    private final EngineScene scene = new EngineScene(2, CONSENT_TIMEOUT_MILLIS, true);

    @AfterEach
    void stop() {
        scene.close();
    }

    /** A new room goes to the shard with the fewest participants. */
    private SyntheticPeer join(int number) {
        return SyntheticPeer.join(scene.loop, scene.engine, "room" + number % 2, "peer" + number);
    }

    private List<SyntheticPeer> talkers(boolean tcp) {
        List<SyntheticPeer> peers = new ArrayList<>();
        for (int i = 0; i < PEERS; i++) {
            SyntheticPeer peer = join(i);
            if (tcp) {
                peer.overTcp();
            }
            peer.sendAudio().setFlowing(true);
            peer.sendVideo().setFlowing(true);
            peers.add(peer.receive(PEERS / 2 - 1, PEERS / 2 - 1).connect());
        }
        return peers;
    }

    private void exchange(List<SyntheticPeer> peers) {
        for (int room = 0; room < 2; room++) {
            int parity = room;
            scene.awaitExchange(20, IntStream.range(0, peers.size())
                    .filter(i -> i % 2 == parity)
                    .mapToObj(peers::get)
                    .toArray(SyntheticPeer[]::new));
        }
    }

    @Test
    void udpPeersMeetWhereverTheKernelPutsThem() {
        List<SyntheticPeer> peers = talkers(false);
        assertEquals(1, peers.stream().map(peer -> peer.answer().udp()).distinct().count());
        exchange(peers);
        long received = scene.counter("datagrams_received");
        long handedOff = scene.counter("datagrams_handed_off");
        assertTrue(handedOff > 100 && handedOff < received, handedOff + " of " + received + " handed off");
        assertEquals(PEERS, scene.gauge("paths"));
        assertEquals(0, scene.drops("hand_off_full"));
        scene.awaitComplete(peers.toArray(SyntheticPeer[]::new));
        scene.assertFaultless();
        scene.assertNothingLeft();
    }

    @Test
    void tcpConnectionsMoveToTheirShard() {
        List<SyntheticPeer> peers = talkers(true);
        assertEquals(1, peers.stream().map(peer -> peer.answer().tcp()).distinct().count());
        exchange(peers);
        long handedOff = scene.counter("tcp_connections_handed_off");
        assertTrue(handedOff > 0 && handedOff < PEERS, handedOff + " of " + PEERS + " handed off");
        assertEquals(PEERS, scene.gauge("tcp_connections"));
        assertEquals(0, scene.counter("datagrams_handed_off"));
        scene.awaitComplete(peers.toArray(SyntheticPeer[]::new));
        scene.assertFaultless();
        scene.assertNothingLeft();
    }

    /** From some of the new ports the checks come to another shard than before. */
    @Test
    void aPathMayMoveToAnotherShardsSocket() {
        SyntheticPeer ann = scene.talker("ann", 1);
        SyntheticPeer bob = scene.talker("bob", 1);
        scene.awaitExchange(20, ann, bob);
        int strayed = 0;
        int straight = 0;
        for (int i = 0; i < 64 && (strayed == 0 || straight == 0); i++) {
            bob.tracks().forEach(track -> track.setFlowing(false));
            ann.rebind();
            scene.loop.until("checks succeed again", () -> ann.transport().ice().isConnected());
            long before = scene.counter("datagrams_handed_off");
            long target = bob.packetsOf(ann.tracks().get(1).stream()) + 50;
            bob.awaitPackets(ann.tracks().get(1).stream(), target);
            bob.tracks().forEach(track -> track.setFlowing(true));
            scene.awaitExchange(5, ann, bob);
            if (scene.counter("datagrams_handed_off") - before >= 50) {
                strayed++;
            } else {
                straight++;
            }
        }
        assertTrue(strayed > 0 && straight > 0, strayed + " strayed, " + straight + " did not");
        scene.assertFaultless();
        scene.assertNothingLeft();
    }

    @Test
    void iceRestartStaysOnItsShard() {
        SyntheticPeer ann = scene.talker("ann", 1);
        SyntheticPeer bob = scene.talker("bob", 1);
        scene.awaitExchange(20, ann, bob);
        char shard = ann.answer().credentials().ufrag().charAt(0);
        ann.restartIce();
        assertEquals(shard, ann.answer().credentials().ufrag().charAt(0));
        ann.checkWithNewCredentials(true);
        scene.loop.until("the new check succeeds", () -> ann.transport().ice().isConnected());
        scene.awaitExchange(20, ann, bob);
        scene.assertFaultless();
    }

    @Test
    void whatNobodyKnowsLeavesNoTrace() throws IOException {
        SyntheticPeer ann = scene.talker("ann", 1);
        SyntheticPeer bob = scene.talker("bob", 1);
        scene.awaitExchange(20, ann, bob);
        Random random = new Random(7);
        String known = ann.answer().credentials().ufrag();
        List<byte[]> flood = new ArrayList<>();
        for (int shard = 0; shard < 64; shard++) {
            flood.add(check(IceCredentials.iceChar(shard) + "nobodyHere", random));
        }
        flood.add(check(known.charAt(0) + "nobodyHere", random));
        flood.add(new byte[] {22, (byte) 0xFE, (byte) 0xFD, 0, 0});
        flood.add(ann.transport().lastDatagram());
        flood.add(new byte[] {0});
        InetSocketAddress server = ann.answer().udp();
        int sent = 0;
        for (int source = 0; source < 16; source++) {
            try (UdpPeerSocket foreign = new UdpPeerSocket(server)) {
                for (byte[] datagram : flood) {
                    foreign.send(datagram, 0, datagram.length);
                    sent++;
                }
                scene.untilDrops("unknown_source", sent);
                assertEquals(-1, foreign.receive(new byte[2048]), "nothing is answered");
            }
        }
        // Right ufrag, wrong key: to the owning shard, and no further.
        for (int source = 0; source < 16; source++) {
            try (UdpPeerSocket foreign = new UdpPeerSocket(server)) {
                byte[] forged = check(known, random);
                foreign.send(forged, 0, forged.length);
                scene.untilDrops("stun_unauthorized", source + 1);
                foreign.send(new byte[] {(byte) 0x80, 1}, 0, 2);
                scene.untilDrops("unknown_source", ++sent);
            }
        }
        assertEquals(2, scene.gauge("paths"));
        scene.awaitExchange(20, ann, bob);
        scene.assertFaultless();
        scene.assertNothingLeft();
    }

    @Test
    void tcpConnectionsWithoutACheckGoToNoOtherShard() throws IOException {
        SyntheticPeer ann = join(0);
        ann.receive(1, 1).connect();
        InetSocketAddress server = ann.answer().tcp();
        assertNotNull(server);
        List<TcpPeerSocket> sockets = new ArrayList<>();
        byte[] unknown = check("Anobody", new Random(8));
        for (int i = 0; i < 8; i++) {
            TcpPeerSocket noFrame = new TcpPeerSocket(server);
            noFrame.sendRaw(new byte[] {5, (byte) 0xDC, 1, 2, 3});
            TcpPeerSocket noCheck = new TcpPeerSocket(server);
            noCheck.send(new byte[] {22, 1, 2}, 0, 3);
            TcpPeerSocket tooLong = new TcpPeerSocket(server);
            tooLong.sendRaw(new byte[] {(byte) 0xFF, (byte) 0xFF, 1, 2, 3});
            TcpPeerSocket nobodys = new TcpPeerSocket(server);
            // In pieces: the first frame is put together before it is judged.
            nobodys.sendRaw(new byte[] {0});
            nobodys.sendRaw(new byte[] {(byte) unknown.length});
            nobodys.sendRaw(Arrays.copyOf(unknown, 10));
            nobodys.sendRaw(Arrays.copyOfRange(unknown, 10, unknown.length));
            sockets.addAll(List.of(noFrame, noCheck, nobodys));
            scene.loop.until("too long a frame ends it", () -> ended(tooLong));
        }
        scene.untilDrops("unknown_source", 16);
        assertEquals(sockets.size(), scene.gauge("tcp_connections"));
        assertEquals(1, scene.gauge("paths"));
        for (TcpPeerSocket socket : sockets) {
            socket.close();
        }
        scene.untilGauge("tcp_connections", 0);
        scene.assertNothingLeft();
    }

    private static boolean ended(TcpPeerSocket socket) {
        try {
            socket.receive(new byte[100]);
            return socket.ended();
        } catch (IOException e) {
            // Closed with unread bytes: a reset instead of an end.
            return true;
        }
    }

    @Test
    void aTakenPortIsSaid() {
        SyntheticPeer ann = join(0);
        ann.receive(1, 1).negotiate();
        int port = ann.answer().udp().getPort();
        for (int shards = 1; shards <= 2; shards++) {
            EngineConfig config =
                    new EngineConfig(port, shards, -1, true, List.of(), EngineConfig.Limits.DEFAULT);
            IOException failure = assertThrows(IOException.class, () -> Engine.start(config).close());
            assertTrue(String.valueOf(failure.getMessage()).startsWith("rtc.port: " + port), failure::toString);
        }
    }

    private static byte[] check(String ufrag, Random random) {
        byte[] buffer = new byte[256];
        byte[] transaction = new byte[12];
        random.nextBytes(transaction);
        StunWriter writer = new StunWriter(buffer);
        writer.begin(StunClass.REQUEST, StunMessage.BINDING, transaction)
                .username((ufrag + ":them").getBytes(StandardCharsets.US_ASCII))
                .integrity(StunIntegrity.ofPassword("notThePasswordOfAnybody"))
                .fingerprint();
        return Arrays.copyOf(buffer, writer.length());
    }
}
