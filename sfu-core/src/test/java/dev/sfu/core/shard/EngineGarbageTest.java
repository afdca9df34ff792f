package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.peer.PeerCodec;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.peer.TcpPeerSocket;
import dev.sfu.core.peer.UdpPeerSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A call goes on, and the counters tell why, while somebody sends what nobody should. */
class EngineGarbageTest {
    private static final int HEADER_BYTES = 12;

    private final EngineScene scene = new EngineScene();
    private final List<byte[]> sent = new ArrayList<>();
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private SyntheticPeer ann = scene.join("ann");
    private SyntheticPeer bob = scene.join("bob");

    @BeforeEach
    void call() {
        System.out.println("seed of " + getClass().getSimpleName() + ": " + seed);
        ann.transport().setTap(sent::add);
        for (SyntheticPeer peer : List.of(ann, bob)) {
            peer.sendAudio().setFlowing(true);
            peer.sendVideo().setFlowing(true);
            peer.receive(1, 1).connect();
        }
        scene.awaitExchange(5, ann, bob);
    }

    @AfterEach
    void callStillFlows() {
        scene.awaitExchange(20, ann, bob);
        scene.awaitComplete(ann, bob);
        scene.assertFaultless();
        scene.assertNothingLeft();
        scene.close();
    }

    private void fromForeignPort(List<byte[]> datagrams) throws IOException {
        long before = scene.drops("unknown_source");
        try (UdpPeerSocket foreign = new UdpPeerSocket(ann.answer().udp())) {
            int left = datagrams.size();
            for (byte[] datagram : datagrams) {
                foreign.send(datagram, 0, datagram.length);
                if (--left % 100 == 0) {
                    // So that the kernel's buffer does not overflow.
                    scene.counters();
                }
            }
            scene.untilDrops("unknown_source", before + datagrams.size() / 2);
            assertEquals(-1, foreign.receive(new byte[4096]), "nobody is answered");
        }
    }

    private void fromOwnPort(List<byte[]> datagrams) {
        int left = datagrams.size();
        for (byte[] datagram : datagrams) {
            ann.transport().send(datagram, 0, datagram.length);
            if (--left % 50 == 0) {
                scene.counters();
            }
        }
    }

    private long allDrops() {
        return scene.counters().drops().values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void randomBytes() throws IOException {
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(1500)];
            random.nextBytes(bytes);
            datagrams.add(bytes);
        }
        fromForeignPort(datagrams);
        long before = allDrops();
        fromOwnPort(datagrams);
        scene.loop.until("most is counted", () -> allDrops() >= before + 900);
        for (String reason : List.of("unknown_protocol", "srtp_auth_failed", "dtls_unexpected")) {
            assertTrue(scene.drops(reason) > 0, reason);
        }
    }

    @Test
    void mutationsOfWhatWasSent() throws IOException {
        List<byte[]> originals = new ArrayList<>(sent);
        assertTrue(originals.stream().anyMatch(bytes -> bytes[0] == 0), "connectivity checks");
        assertTrue(originals.stream().anyMatch(bytes -> bytes[0] == 22), "handshake records");
        List<byte[]> mutated = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            byte[] bytes = originals.get(random.nextInt(originals.size())).clone();
            switch (random.nextInt(4)) {
                case 0 -> bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
                case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(40));
                default -> {
                    for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                }
            }
            mutated.add(bytes);
        }
        long before = allDrops();
        fromOwnPort(mutated);
        scene.loop.until("most is counted", () -> allDrops() >= before + 1000);
        assertTrue(scene.drops("srtp_auth_failed") > 0);
        assertTrue(scene.drops("stun_malformed") + scene.drops("stun_unauthorized") > 0);
        // Not STUN: an unaltered part of it would be answered, and rightly so.
        fromForeignPort(mutated.stream().filter(bytes -> bytes[0] < 0 || bytes[0] > 3).toList());
    }

    @Test
    void replaysAndForeignClientHello() throws IOException {
        List<byte[]> handshake = sent.stream().filter(bytes -> bytes[0] >= 20 && bytes[0] <= 63).toList();
        List<byte[]> media = sent.stream().filter(bytes -> bytes[0] < 0).limit(100).toList();
        assertTrue(handshake.size() > 1 && media.size() > 20);
        List<byte[]> hellos = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            hellos.addAll(handshake);
        }
        fromForeignPort(hellos);
        long replayed = scene.drops("srtp_replayed");
        fromOwnPort(media);
        scene.untilDrops("srtp_replayed", replayed + media.size());
        long unexpected = scene.drops("dtls_unexpected");
        fromOwnPort(handshake);
        scene.untilDrops("dtls_unexpected", unexpected + 1);
        List<byte[]> checks = sent.stream().filter(bytes -> bytes[0] == 0).toList();
        fromForeignPort(media);
        long unauthorized = scene.drops("stun_unauthorized");
        try (UdpPeerSocket foreign = new UdpPeerSocket(ann.answer().udp())) {
            byte[] recent = checks.getLast();
            foreign.send(recent, 0, recent.length);
            scene.untilDrops("stun_unauthorized", unauthorized + 1);
            assertEquals(-1, foreign.receive(new byte[2048]), "a check that was seen elsewhere");
        }
    }

    @Test
    void badTagsAndTruncatedMedia() {
        byte[] datagram = ann.transport().lastDatagram();
        List<byte[]> badTags = new ArrayList<>();
        List<byte[]> truncated = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            byte[] bad = datagram.clone();
            // A sequence number ahead, for otherwise it would be a replay.
            Bytes.put16(bad, 2, Bytes.u16(bad, 2) + 200 + i);
            badTags.add(bad);
            truncated.add(Arrays.copyOf(datagram, 2 + i % 26));
        }
        fromOwnPort(badTags);
        scene.untilDrops("srtp_auth_failed", 50);
        fromOwnPort(truncated);
        scene.untilDrops("srtp_malformed", 50);
    }

    /** An RTP packet of ann's camera section with this header and payload. */
    private byte[] rtp(int payloadType, int sequence, int ssrc, byte[] payload) {
        byte[] packet = new byte[HEADER_BYTES + payload.length];
        packet[0] = (byte) 0x80;
        packet[1] = (byte) payloadType;
        Bytes.put16(packet, 2, sequence);
        Bytes.put32(packet, 8, ssrc);
        System.arraycopy(payload, 0, packet, HEADER_BYTES, payload.length);
        return packet;
    }

    @Test
    void authenticMediaThatMakesNoSense() {
        int rtxType = PeerCodec.VP8.rtxPayloadType();
        int rtxSsrc = ann.tracks().get(1).stream().rtxSsrc();
        for (int i = 0; i < 20; i++) {
            ann.transport().sendPlainRtp(rtp(rtxType, 100 + i, rtxSsrc, new byte[i % 3]), HEADER_BYTES);
        }
        scene.untilDrops("rtp_padding_only", 20);
        ann.transport().sendPlainRtp(rtp(rtxType, 1, 77, new byte[] {1, 2, 3}), HEADER_BYTES);
        ann.transport().sendPlainRtp(rtp(35, 1, 78, new byte[] {1, 2, 3}), HEADER_BYTES);
        scene.untilDrops("rtp_unrouted", 1);

        byte[] padding = rtp(PeerCodec.VP8.payloadType(), 1, 79, new byte[20]);
        padding[0] |= 0x20;
        padding[padding.length - 1] = (byte) 200;
        ann.transport().sendPlainRtp(padding, HEADER_BYTES);
        scene.untilDrops("rtp_malformed", 1);

        // One element that claims 16 bytes in a block of 4, and a block that claims more than the packet has.
        for (int words = 1; words <= 0xFFFF; words += 0x3FFF) {
            byte[] extension = rtp(PeerCodec.VP8.payloadType(), words, 80, new byte[60]);
            extension[0] |= 0x10;
            Bytes.put16(extension, HEADER_BYTES, 0xBEDE);
            Bytes.put16(extension, HEADER_BYTES + 2, words);
            extension[HEADER_BYTES + 4] = 0x4F;
            byte[] datagram = ann.transport().protect(extension, words == 1 ? HEADER_BYTES + 8 : HEADER_BYTES);
            ann.transport().send(datagram, 0, datagram.length);
        }
        scene.untilDrops("srtp_malformed", 4);
        ann.transport().sendPlainRtp(rtp(PeerCodec.VP8.payloadType(), 2, 81, new byte[] {(byte) 0x80}), HEADER_BYTES);
        scene.untilDrops("codec_malformed", 1);

        for (int length : new int[] {8, 12, 20, 28}) {
            byte[] compound = new byte[100];
            compound[0] = (byte) 0x9F;
            compound[1] = (byte) (200 + length % 7);
            Bytes.put16(compound, 2, length + 40);
            ann.transport().sendRtcp(compound, length);
        }
        scene.untilDrops("rtcp_malformed", 4);
    }

    @Test
    void floodOfStreams() {
        byte[] payload = new byte[100];
        payload[0] = 0x10;
        for (int i = 0; i < 2500; i++) {
            ann.transport().sendPlainRtp(
                    rtp(PeerCodec.VP8.payloadType(), 1, 0x10000 + i, payload), HEADER_BYTES);
            if (i % 100 == 0) {
                scene.counters();
            }
        }
        scene.untilDrops("srtp_stream_limit", 2000);
        long streams = scene.loop
                .await("stats", scene.engine.stats(ann.handle().connectionId()))
                .orElseThrow()
                .stats()
                .stream()
                .filter(stats -> "inbound-rtp".equals(stats.get("type")))
                .count();
        assertTrue(streams < 40, streams + " streams");
    }

    @Test
    void oversizeDatagrams() throws IOException {
        byte[] large = new byte[2048];
        byte[] huge = new byte[60_000];
        large[0] = (byte) 0x80;
        try (UdpPeerSocket foreign = new UdpPeerSocket(ann.answer().udp())) {
            for (int i = 0; i < 10; i++) {
                foreign.send(large, 0, large.length);
                foreign.send(huge, 0, huge.length);
                ann.transport().send(huge, 0, huge.length);
            }
        }
        scene.untilDrops("too_large", 30);
    }

    @Test
    void garbageOverTcp() throws IOException {
        var address = Objects.requireNonNull(ann.answer().tcp());
        List<TcpPeerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            sockets.add(new TcpPeerSocket(address));
        }
        byte[] in = new byte[65_536];
        byte[] frame = new byte[600];
        random.nextBytes(frame);
        for (int i = 0; i < 12; i++) {
            TcpPeerSocket socket = sockets.get(i);
            switch (i % 4) {
                // Whole frames of garbage, a frame too long for any packet, half a frame, half a length.
                case 0 -> socket.send(frame, 0, frame.length);
                case 1 -> socket.sendRaw(Arrays.copyOf(new byte[] {(byte) 0xFF, (byte) 0xFF, 1}, 3000));
                case 2 -> socket.sendRaw(Arrays.copyOf(new byte[] {2, 0, 0, 1}, 50));
                default -> socket.sendRaw(new byte[] {1});
            }
        }
        scene.untilDrops("unknown_source", 3);
        assertTrue(scene.gauge("tcp_connections") >= 6);
        scene.loop.until("all are closed", () -> {
            for (TcpPeerSocket socket : sockets) {
                try {
                    assertEquals(-1, socket.receive(in));
                } catch (IOException e) {
                    // A reset is an end too.
                    continue;
                }
                if (!socket.ended()) {
                    return false;
                }
            }
            return true;
        });
        scene.untilGauge("tcp_connections", 0);
        for (TcpPeerSocket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void malformedOffers() {
        SyntheticPeer eve = offering("eve");
        String offer = eve.offer();
        String endless = offer + "a=x:" + "y".repeat(10_000_000) + "\r\n";
        EngineException tooLong = assertThrows(EngineException.class, () -> offer(eve, endless));
        assertEquals(ErrorCode.BAD_SDP, tooLong.code());
        String manyLines = offer + "a=x\r\n".repeat(2_000_000);
        assertEquals(
                ErrorCode.BAD_SDP,
                assertThrows(EngineException.class, () -> offer(eve, manyLines)).code());
        offer(eve, offer);
        offerMutated(eve, offer);
        offer(eve, offer);
        offerMutated(offering("mallory"), offer);
    }

    /** Which is why a whole offer may be refused after mutated ones. */
    @Test
    void theFirstOfferMakesTheSections() {
        SyntheticPeer eve = offering("eve");
        String offer = eve.offer();
        assertFalse(offer(eve, offer.replaceFirst("m=[^\r]*\r\n", "")).isEmpty());
        EngineException refused = assertThrows(EngineException.class, () -> offer(eve, offer));
        assertEquals(ErrorCode.BAD_SDP, refused.code());
        assertEquals("a=mid of m-section 0: 0 (expected: 1)", refused.getMessage());
    }

    private SyntheticPeer offering(String name) {
        SyntheticPeer peer = scene.join(name);
        peer.sendAudio();
        peer.sendSimulcast("l", "h");
        return peer.receive(2, 2);
    }

    private void offerMutated(SyntheticPeer peer, String offer) {
        int accepted = 0;
        for (int i = 0; i < 300; i++) {
            try {
                String answer = offer(peer, mutate(offer));
                assertFalse(answer.isEmpty());
                accepted++;
            } catch (EngineException e) {
                assertNotEquals(ErrorCode.INTERNAL, e.code());
            }
        }
        System.out.println(accepted + " of 300 mutated offers accepted");
    }

    private String offer(SyntheticPeer peer, String sdp) {
        return scene.loop.await("answer", peer.handle().offer(sdp, List.of()));
    }

    private String mutate(String offer) {
        List<String> lines = new ArrayList<>(offer.lines().toList());
        int line = random.nextInt(lines.size());
        switch (random.nextInt(5)) {
            case 0 -> lines.remove(line);
            case 1 -> lines.add(line, lines.get(random.nextInt(lines.size())));
            case 2 -> lines.set(line, lines.get(line) + " 99999999999999999999");
            case 3 -> lines.set(line, lines.get(line).substring(0, random.nextInt(lines.get(line).length())));
            default -> {
                char[] characters = lines.get(line).toCharArray();
                characters[random.nextInt(characters.length)] = (char) (32 + random.nextInt(300));
                lines.set(line, new String(characters));
            }
        }
        return String.join("\r\n", lines) + "\r\n";
    }
}
