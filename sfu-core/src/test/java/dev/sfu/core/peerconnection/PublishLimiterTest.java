package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.Remb;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a publisher with limits is told, and what is counted when it does not listen. */
class PublishLimiterTest {
    private static final long MS = ScriptedPeer.MS;
    private static final long SECOND = ScriptedPeer.SECOND;
    private static final int PAYLOAD_BYTES = 1000;
    private static final String AUDIO = Offers.audio("a", "sendonly");
    private static final String VIDEO = Offers.video("v", "sendonly", "VP8/90000", "a=rtcp-fb:96 goog-remb\n");

    private int sequence;

    /** Packets of some 1000 bytes, evenly, for some seconds. */
    private void video(ScriptedPeer peer, int packetsPerSecond, int seconds) {
        for (int i = 0; i < packetsPerSecond * seconds; i++) {
            sequence++;
            peer.sendRtp(ScriptedPeer.rtpPacket(1, 96, sequence, 3000L * sequence,
                    ScriptedPeer.vp8(true, sequence == 1, sequence, 0, PAYLOAD_BYTES), 4, "v"));
            peer.advance(SECOND / packetsPerSecond);
        }
    }

    private static void audio(ScriptedPeer peer, int sequence) {
        peer.sendRtp(ScriptedPeer.rtpPacket(2, 111, sequence, 960L * sequence, new byte[] {1}, 4, "a"));
    }

    private static List<Remb> said(ScriptedPeer peer) {
        return peer.rtcpPackets(Remb.class);
    }

    /** The format has 18 bits for the number. */
    private static void assertSays(int bps, Remb remb) {
        assertEquals((double) bps, (double) remb.bitrateBps(), bps / 1000.0);
    }

    @Test
    void theParticipantsLimitIsRepeatedEverySecond() {
        ScriptedPeer peer = ScriptedPeer.limited(new PublishLimits(0, 0, 600_000), AUDIO, VIDEO);
        audio(peer, 1);
        video(peer, 10, 1);
        peer.rtcp.clear();
        video(peer, 10, 5);
        List<Remb> said = said(peer);
        assertEquals(5, said.size());
        for (Remb remb : said) {
            assertSays(600_000, remb);
            assertTrue(remb.ssrcs().containsAll(List.of(1, 2)), remb.toString());
        }
    }

    @Test
    void withoutReducedSizeItComesBehindAReport() {
        ScriptedPeer peer = ScriptedPeer.limited(
                new PublishLimits(0, 0, 600_000), VIDEO.replace("a=rtcp-rsize\n", ""));
        video(peer, 10, 2);
        byte[] compound = peer.rtcp.stream()
                .filter(bytes -> ScriptedPeer.read(bytes).stream().anyMatch(Remb.class::isInstance))
                .findFirst()
                .orElseThrow();
        assertInstanceOf(ReceiverReport.class, ScriptedPeer.read(compound).get(0));
    }

    @Test
    void theLimitsOfTracksAddUpWhereVideoFlows() {
        ScriptedPeer peer = ScriptedPeer.limited(new PublishLimits(500_000, 40_000, 0), AUDIO, VIDEO);
        audio(peer, 1);
        peer.advance(3 * SECOND);
        assertEquals(List.of(), said(peer), "video is to start from what the path carries");
        video(peer, 10, 2);
        assertSays(540_000, said(peer).getLast());
    }

    @Test
    void theLowerOfBothHolds() {
        ScriptedPeer peer = ScriptedPeer.limited(new PublishLimits(500_000, 0, 300_000), AUDIO, VIDEO);
        video(peer, 10, 2);
        assertSays(300_000, said(peer).getLast());
    }

    @Test
    void nothingIsSaidWithoutLimitsOrToWhoDoesNotUnderstand() {
        ScriptedPeer unlimited = ScriptedPeer.connected(VIDEO);
        video(unlimited, 100, 2);
        assertEquals(List.of(), said(unlimited));
        assertEquals(0, unlimited.connection.publishLimiter().bytesBeyondLimit());
        ScriptedPeer deaf = ScriptedPeer.limited(new PublishLimits(0, 0, 300_000), Offers.video("v", "sendonly"));
        video(deaf, 10, 2);
        assertEquals(List.of(), said(deaf));
    }

    @Test
    void whatComesBeyondIsForwardedAndCounted() {
        ScriptedPeer peer = ScriptedPeer.limited(new PublishLimits(400_000, 0, 0), VIDEO);
        int[] delivered = {0};
        peer.receiver("v").setSink((packet, now) -> delivered[0]++);
        video(peer, 50, 5);
        assertEquals(0, peer.connection.publishLimiter().bytesBeyondLimit(), "416 kbit/s with headers, which is near enough");
        video(peer, 100, 10);
        long beyond = peer.connection.publishLimiter().bytesBeyondLimit();
        // 832 kbit/s where 460 are let pass, for ten seconds.
        assertEquals(10 * (832_000.0 - 460_000) / 8, (double) beyond, 50_000.0);
        assertEquals(50 * 5 + 100 * 10, delivered[0]);
        Object reported = peer.connection.stats(peer.now + MS).stats().stream()
                .filter(stats -> "peer-connection".equals(stats.get("type")))
                .map(stats -> stats.get("bytesBeyondLimit"))
                .findFirst()
                .orElseThrow();
        assertEquals(beyond, reported);
    }
}
