package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.ice.TestPath;
import dev.sfu.core.rtcp.Nack;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.Setup;
import dev.sfu.core.sdp.TransportAttributes;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signaling, the guard before DTLS and SRTP, and the W3C connection states. */
class PeerConnectionTest {
    private static final String AUDIO = Offers.audio("a", "sendrecv");
    private static final String VIDEO = Offers.video("v", "sendrecv");

    private static TransportAttributes transport(SdpSession answer, String mid) {
        return answer.transportOf(Objects.requireNonNull(answer.section(mid)));
    }

    @ParameterizedTest
    @CsvSource({"actpass, PASSIVE, SERVER", "active, PASSIVE, SERVER", "passive, ACTIVE, CLIENT"})
    void answersTheSetupOffered(String offered, Setup answered, DtlsRole role) {
        ScriptedPeer peer = new ScriptedPeer();
        SdpSession answer = peer.connection.acceptOffer(
                Offers.read(peer.offerText(AUDIO).replace("setup:actpass", "setup:" + offered)), peer.now);
        assertEquals(answered, transport(answer, "a").setup());
        assertEquals(role, Objects.requireNonNull(peer.connection.dtls()).role());
        assertTrue(answer.iceLite());
        // A re-offer does not change who is who (RFC 8842 section 5.5).
        SdpSession again = peer.connection.acceptOffer(Offers.read(peer.offerText(AUDIO)), peer.now);
        assertEquals(answered, transport(again, "a").setup());
    }

    @Test
    void theFirstAcceptedSectionHasTheCandidates() {
        ScriptedPeer peer = new ScriptedPeer();
        SdpSession answer = peer.offer(Offers.dataChannel("d"), AUDIO, VIDEO);
        assertEquals(List.of(false, true, false), answer.media().stream().map(MediaSection::endOfCandidates).toList());
        assertEquals(transport(answer, "a"), transport(answer, "v"));
    }

    @Test
    void newCredentialsRestartIceAndTheSameDoNot() {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO);
        TransportAttributes first = peer.remoteTransport();
        assertEquals(first, transport(peer.offer(AUDIO, VIDEO), "v"));
        DtlsTransport dtls = peer.connection.dtls();
        IceCredentials fresh = IceCredentials.create(peer.random);
        String offer = peer.offerText(AUDIO, VIDEO)
                .replaceAll("a=ice-ufrag:.*", "a=ice-ufrag:" + fresh.ufrag())
                .replaceAll("a=ice-pwd:.*", "a=ice-pwd:" + fresh.password());
        TransportAttributes restarted = transport(peer.connection.acceptOffer(Offers.read(offer), peer.now), "a");
        assertNotEquals(first.iceUfrag(), restarted.iceUfrag());
        assertNotEquals(first.icePwd(), restarted.icePwd());
        assertEquals(first.fingerprints(), restarted.fingerprints());
        assertSame(dtls, peer.connection.dtls());
        assertEquals(ConnectionState.CONNECTED, peer.connection.connectionState());
        assertEquals(2, peer.events.stream().filter("ufrag"::equals).count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=ice-ufrag:.*\n", "a=ice-pwd:.*\n", "a=fingerprint:.*\n", "a=group:.*\n"})
    void anOfferWithoutTransportChangesNothing(String missing) {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO, VIDEO);
        String before = describe(peer);
        String offer = peer.offerText(Offers.audio("a", "inactive"), Offers.video("v", "inactive"), AUDIO.replace(
                "mid:a", "mid:b")).replaceAll(missing, "");
        assertThrows(EngineException.class, () -> peer.connection.acceptOffer(Offers.read(offer), peer.now));
        assertEquals(before, describe(peer));
    }

    @Test
    void anotherCertificateIsRefused() {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO, VIDEO);
        String before = describe(peer);
        String offer = peer.offerText(Offers.audio("a", "inactive"), VIDEO)
                .replaceAll("a=fingerprint:sha-256 ..", "a=fingerprint:sha-256 "
                        + (peer.offerText(AUDIO).contains("sha-256 00") ? "01" : "00"));
        EngineException refused = assertThrows(
                EngineException.class, () -> peer.connection.acceptOffer(Offers.read(offer), peer.now));
        assertEquals(ErrorCode.UNSUPPORTED, refused.code());
        assertEquals(before, describe(peer));
    }

    @Test
    void aRefusedFirstOfferLeavesANewConnection() {
        ScriptedPeer peer = new ScriptedPeer();
        String offer = peer.offerText(AUDIO).replaceAll("a=ice-pwd:.*", "a=ice-pwd:short");
        try {
            peer.connection.acceptOffer(Offers.read(offer), peer.now);
            throw new AssertionError("accepted");
        } catch (EngineException e) {
            assertEquals(ErrorCode.BAD_SDP, e.code());
        } catch (AssertionError e) {
            // The reader refuses it first.
            assertTrue(e.getCause() instanceof dev.sfu.core.sdp.SdpException, String.valueOf(e));
        }
        assertEquals(List.of(), peer.connection.transceivers());
        assertEquals(ConnectionState.NEW, peer.connection.connectionState());
        peer.offer(AUDIO);
        peer.connect();
        assertEquals(ConnectionState.CONNECTED, peer.connection.connectionState());
    }

    private static String describe(ScriptedPeer peer) {
        StringBuilder text = new StringBuilder(peer.connection.connectionState().toString());
        text.append(peer.connection.ice().localCredentials().ufrag());
        for (RtpTransceiver transceiver : peer.connection.transceivers()) {
            text.append(transceiver.mid()).append(transceiver.currentDirection()).append(transceiver.slotNumber())
                    .append(System.identityHashCode(transceiver.receiver().payloadTypes()));
        }
        return text.toString();
    }

    /** RFC 7983 section 7: the whole table, from a path that nobody has validated and from one that is. */
    @Test
    void onlyAValidatedPathSpeaksMoreThanStun() {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO);
        TestPath stranger = TestPath.udp(6666);
        for (int first = 0; first < 256; first++) {
            byte[] datagram = new byte[40];
            datagram[0] = (byte) first;
            // Not RTCP, which SRTP tells apart by the second byte.
            datagram[1] = 111;
            assertEquals(
                    first <= 3 ? Map.of(DropReason.STUN_MALFORMED, 1L) : Map.of(DropReason.PATH_NOT_VALIDATED, 1L),
                    dropsOf(peer, stranger, datagram), "first byte " + first);
            DropReason expected = first <= 3
                    ? DropReason.STUN_MALFORMED
                    : first >= 20 && first <= 63
                            ? DropReason.DTLS_UNEXPECTED
                            : first >= 128 && first <= 191 ? null : DropReason.UNKNOWN_PROTOCOL;
            Map<DropReason, Long> counted = dropsOf(peer, peer.path, datagram);
            if (expected == null) {
                assertTrue(counted.keySet().iterator().next().name().startsWith("SRTP_"), counted.toString());
            } else {
                assertEquals(Map.of(expected, 1L), counted, "first byte " + first);
            }
        }
        assertEquals(ConnectionState.CONNECTED, peer.connection.connectionState());
        assertEquals(List.of(), peer.rtp);
    }

    private static Map<DropReason, Long> dropsOf(ScriptedPeer peer, TestPath from, byte[] datagram) {
        Map<DropReason, Long> before = peer.connection.drops().toMap();
        peer.receive(from, datagram);
        Map<DropReason, Long> after = peer.connection.drops().toMap();
        before.forEach((reason, count) -> after.computeIfPresent(
                reason, (key, now) -> now.equals(count) ? null : Long.valueOf(now - count)));
        return after;
    }

    @Test
    void mediaFromAStrangersPathIsDroppedThoughItsKeysAreRight() {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO);
        byte[] packet = peer.protect(ScriptedPeer.rtpPacket(1, 111, 1, 1, new byte[] {1}, 4, "a"));
        assertEquals(Map.of(DropReason.PATH_NOT_VALIDATED, 1L), dropsOf(peer, TestPath.udp(6666), packet));
        assertEquals(Map.of(), dropsOf(peer, peer.path, packet));
        assertEquals(Map.of(DropReason.SRTP_REPLAYED, 1L), dropsOf(peer, peer.path, packet));
        assertEquals(1, peer.connection.transceivers().get(0).receiver().streams().size());
    }

    private static Map<String, Long> totalsOf(ScriptedPeer peer) {
        Map<String, Long> totals = new TreeMap<>();
        peer.connection.addTotals((name, value) -> totals.merge(name, value, Long::sum), new DropCounters());
        return totals;
    }

    @Test
    void totalsDoNotFallWhenASectionGoes() {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO, VIDEO);
        for (int sequence : List.of(1, 2, 5, 9)) {
            peer.sendRtp(ScriptedPeer.rtpPacket(
                    7, 96, sequence, sequence, ScriptedPeer.vp8(true, sequence == 1, sequence, 0, 50), 4, "v"));
        }
        peer.advance(100 * ScriptedPeer.MS);
        Map<String, Long> before = totalsOf(peer);
        assertEquals(5, before.get("rtp_packets_lost"));
        // Messages, each for several packets.
        assertEquals(peer.rtcpPackets(Nack.class).size(), before.get("nacks_sent"));
        peer.offer(AUDIO, VIDEO.replace("m=video 9 ", "m=video 0 "));
        peer.offer(AUDIO, Offers.video("w", "sendrecv"));
        assertEquals(List.of("a", "w"), peer.connection.transceivers().stream().map(RtpTransceiver::mid).toList());
        assertEquals(before, totalsOf(peer));
    }

    @Test
    void shortAndEmptyDatagramsAreCounted() {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO);
        assertEquals(Map.of(DropReason.UNKNOWN_PROTOCOL, 1L), dropsOf(peer, peer.path, new byte[0]));
        assertEquals(Map.of(DropReason.SRTP_MALFORMED, 1L), dropsOf(peer, peer.path, new byte[] {(byte) 0x80}));
        assertEquals(0, peer.pool.outstanding());
    }

    @Test
    void goesThroughTheStatesOfALife() {
        ScriptedPeer peer = new ScriptedPeer();
        assertEquals(ConnectionState.NEW, peer.connection.connectionState());
        peer.offer(AUDIO);
        assertEquals(ConnectionState.CONNECTING, peer.connection.connectionState());
        peer.startIce();
        peer.startDtls();
        peer.awaitDtls();
        assertEquals(ConnectionState.CONNECTED, peer.connection.connectionState());
        peer.advance(60 * ScriptedPeer.SECOND);
        assertEquals(ConnectionState.CONNECTED, peer.connection.connectionState());
        peer.fallSilent();
        peer.advance(10 * ScriptedPeer.SECOND);
        assertEquals(ConnectionState.DISCONNECTED, peer.connection.connectionState());
        peer.startIce();
        assertEquals(ConnectionState.CONNECTED, peer.connection.connectionState());
        peer.fallSilent();
        peer.advance(30 * ScriptedPeer.SECOND);
        assertEquals(ConnectionState.FAILED, peer.connection.connectionState());
        assertFalse(peer.connection.failureReason().isEmpty());
        assertFalse(peer.connection.closedByPeer());
        assertThrows(EngineException.class, () -> peer.offer(AUDIO));
        // Nothing spins in the meantime, although reports are due and there is nowhere to send them.
        peer.advance(30 * ScriptedPeer.SECOND);
        peer.connection.close();
        assertEquals(ConnectionState.CLOSED, peer.connection.connectionState());
        assertEquals(List.of("CONNECTING", "CONNECTED", "DISCONNECTED", "CONNECTED", "DISCONNECTED", "FAILED", "CLOSED"),
                peer.events.stream().filter(event -> event.equals(event.toUpperCase(java.util.Locale.ROOT))).toList());
    }

    @Test
    void neverConnectedIsFailed() {
        ScriptedPeer peer = new ScriptedPeer();
        peer.offer(AUDIO);
        peer.advance(40 * ScriptedPeer.SECOND);
        assertEquals(ConnectionState.FAILED, peer.connection.connectionState());
    }

    @Test
    void aPeerThatSaysGoodbyeByDtlsClosesInGoodOrder() {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO);
        peer.dtls().close();
        peer.runTasks();
        assertTrue(peer.connection.closedByPeer());
        assertEquals(ConnectionState.FAILED, peer.connection.connectionState());
    }

    @Test
    void closingTellsThePeerOnceAndTakesNothingMore() {
        ScriptedPeer peer = ScriptedPeer.connected(AUDIO);
        peer.connection.close();
        peer.runTasks();
        assertTrue(peer.events.contains("close_notify"));
        peer.connection.close();
        assertEquals(1, peer.events.stream().filter("CLOSED"::equals).count());
        assertEquals(Map.of(DropReason.UNKNOWN_PROTOCOL, 1L), dropsOf(peer, peer.path, new byte[] {(byte) 0x80, 111}));
        peer.connection.onDeadline(peer.now);
        assertEquals(dev.sfu.core.time.Deadlines.NEVER, peer.connection.nextDeadlineNanos());
        assertThrows(EngineException.class, () -> peer.offer(AUDIO));
        assertEquals(0, peer.pool.outstanding());
    }
}
