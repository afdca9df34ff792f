package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** RFC 9143 section 9.2 and what browsers make of it. */
class RtpDemuxerTest {
    private static final int MID = 4;
    private static final int RID = 10;
    private static final int REPAIRED_RID = 11;
    private static final String SIMULCAST = "a=rid:q send\na=rid:f send\na=simulcast:send q;f\n";

    private final DropCounters drops = new DropCounters();
    private final RtpDemuxer demuxer = new RtpDemuxer(drops);
    private final RtpTransport transport = new RtpTransport(
            new BufferPool(4),
            (path, datagram) -> datagram.release(),
            new SendBandwidth(EngineConfig.Bandwidth.DEFAULT, () -> {}));
    private final SessionNegotiator negotiator = new SessionNegotiator(
            (mid, kind) -> new RtpTransceiver(mid, kind, new RtpReceiver(mid, kind, () -> {}),
                    new RtpSender(mid, kind, mid.hashCode(), -mid.hashCode(), 0, transport)),
            true, true, "cname", PublishLimits.NONE, 1);
    private long now = Deadlines.SECOND;

    private void offer(String... sections) {
        Negotiation negotiation = negotiator.negotiate(Offers.read(Offers.offer(sections)));
        negotiator.commit(negotiation);
        demuxer.negotiated(negotiator.transceivers(), negotiation.extensions(), negotiation.signalledSsrcs(),
                negotiation.primaryOfRtx());
    }

    private static String audio(String mid) {
        return Offers.audio(mid, "sendonly");
    }

    private static String video(String mid) {
        return Offers.video(mid, "sendonly");
    }

    private RtpDemuxer.@Nullable Route route(int ssrc, int payloadType, Object... extensions) {
        RtpPacket packet = new RtpPacket();
        byte[] bytes = ScriptedPeer.rtpPacket(ssrc, payloadType, 1, 1, new byte[] {1, 2, 3, 4}, extensions);
        assertTrue(packet.parse(bytes, 0, bytes.length));
        return demuxer.route(packet, now);
    }

    private String mid(int ssrc, int payloadType, Object... extensions) {
        RtpDemuxer.Route route = route(ssrc, payloadType, extensions);
        return route == null ? "none" : route.stream().receiver().mid();
    }

    private IncomingStream stream(int ssrc, int payloadType, Object... extensions) {
        IncomingStream stream = Objects.requireNonNull(route(ssrc, payloadType, extensions)).stream();
        IncomingPacket packet = new IncomingPacket();
        byte[] bytes = ScriptedPeer.rtpPacket(ssrc, payloadType, 1, 1, new byte[] {1});
        assertTrue(packet.rtp().parse(bytes, 0, bytes.length));
        packet.set(dev.sfu.core.buffer.PacketBuffer.wrap(bytes), stream,
                Objects.requireNonNull(stream.receiver().payloadTypes().of(payloadType)), 1, 1, now);
        stream.onAccepted(packet, false, now);
        return stream;
    }

    @Test
    void midSaysWhereAndTheSsrcIsRemembered() {
        offer(audio("a"), audio("b"), video("v"), video("w"));
        assertEquals("b", mid(1, 111, MID, "b"));
        assertEquals("b", mid(1, 111));
        assertEquals("w", mid(2, 96, MID, "w"));
        assertEquals("w", mid(2, 96));
        assertEquals("none", mid(3, 111, MID, "x"));
        assertEquals("none", mid(3, 111));
        assertEquals(2, drops.of(DropReason.RTP_UNROUTED));
    }

    @Test
    void signalledSsrcsNeedNoMid() {
        offer(audio("a"), audio("b") + "a=ssrc:7 cname:x\n");
        assertEquals("b", mid(7, 111));
        // MID is stronger than what the offer said.
        offer(audio("a"), audio("b") + "a=ssrc:8 cname:x\n");
        assertEquals("a", mid(8, 111, MID, "a"));
    }

    @Test
    void aPayloadTypeOfOneSectionOnlySaysWhere() {
        offer(audio("a"), video("v"));
        assertEquals("a", mid(1, 111));
        assertEquals("v", mid(2, 96));
        offer(audio("a"), video("v"), audio("b"));
        assertEquals("none", mid(3, 111));
        assertEquals("v", mid(4, 96));
        assertEquals("none", mid(5, 50));
        assertEquals("none", mid(6, 50, MID, "a"));
        assertEquals(1, drops.of(DropReason.RTP_PAYLOAD_TYPE));
    }

    @Test
    void simulcastNeedsAKnownRid() {
        offer(video("v") + SIMULCAST);
        assertEquals("none", mid(1, 96, MID, "v"));
        assertEquals("none", mid(1, 96, MID, "v", RID, "x"));
        IncomingStream low = stream(1, 96, MID, "v", RID, "q");
        IncomingStream high = stream(2, 96, MID, "v", RID, "f");
        assertEquals("q", low.rid());
        assertEquals("f", high.rid());
        assertSame(high, Objects.requireNonNull(route(2, 96)).stream());
    }

    @Test
    void retransmissionsFollowTheRepairedRid() {
        offer(video("v") + SIMULCAST);
        assertNull(route(11, 97, MID, "v", REPAIRED_RID, "q"));
        assertEquals(1, drops.of(DropReason.RTX_UNROUTED));
        IncomingStream low = stream(1, 96, MID, "v", RID, "q");
        stream(2, 96, MID, "v", RID, "f");
        RtpDemuxer.Route route = Objects.requireNonNull(route(11, 97, MID, "v", REPAIRED_RID, "q"));
        assertSame(low, route.stream());
        assertTrue(route.rtx());
        assertNull(route(12, 97, MID, "v"), "which of two?");
        assertNull(route(13, 97, MID, "v", REPAIRED_RID, "x"));
        // A new RTX stream replaces the old one.
        assertNotNull(route(14, 97, MID, "v", REPAIRED_RID, "q"));
        assertNull(demuxer.known(11));
        assertEquals(14, low.rtxSsrc());
    }

    @Test
    void retransmissionsOfTheOnlyStreamNeedNothing() {
        offer(video("v"));
        assertNull(route(11, 97, MID, "v"));
        IncomingStream only = stream(1, 96, MID, "v");
        assertSame(only, Objects.requireNonNull(route(11, 97, MID, "v")).stream());
    }

    @Test
    void retransmissionsFollowTheOffersGroups() {
        offer(video("v") + "a=ssrc-group:FID 1 11\na=ssrc-group:FID 2 12\n"
                + "a=ssrc:1 cname:x\na=ssrc:11 cname:x\na=ssrc:2 cname:x\na=ssrc:12 cname:x\n");
        assertNull(route(12, 97));
        IncomingStream first = stream(1, 96);
        IncomingStream second = stream(2, 96);
        assertSame(second, Objects.requireNonNull(route(12, 97)).stream());
        assertSame(first, Objects.requireNonNull(route(11, 97)).stream());
    }

    @Test
    void silentStreamsMakeRoom() {
        offer(video("v"));
        for (int ssrc = 1; ssrc <= RtpReceiver.MAX_STREAMS; ssrc++) {
            stream(ssrc, 96);
        }
        assertNull(route(100, 96));
        assertEquals(1, drops.of(DropReason.SRTP_STREAM_LIMIT));
        now += 3 * Deadlines.SECOND;
        IncomingStream oldest = negotiator.transceivers().get(0).receiver().streams().get(0);
        assertNotNull(route(100, 96));
        assertTrue(oldest.ended());
        assertNull(demuxer.known(oldest.ssrc()));
        assertEquals(RtpReceiver.MAX_STREAMS, demuxer.size());
    }

    @Test
    void sectionsThatStopForgetTheirStreams() {
        offer(audio("a"), video("v"));
        IncomingStream voice = stream(1, 111, MID, "a");
        IncomingStream picture = stream(2, 96, MID, "v");
        assertNotNull(route(12, 97, MID, "v"));
        offer(audio("a"), Offers.video("v", "inactive"));
        assertTrue(picture.ended());
        assertFalse(voice.ended());
        assertEquals(1, demuxer.size());
        assertEquals("none", mid(2, 96, MID, "v"));
        offer(audio("a"), video("v"));
        assertEquals("v", mid(2, 96, MID, "v"));
    }

    @Test
    void aFloodOfSsrcsStaysBounded() {
        offer(audio("a"), video("v") + SIMULCAST);
        Random random = new Random(3);
        String[] names = {"a", "v", "q", "f", "", "x", "a-mid-longer"};
        for (int i = 0; i < 50_000; i++) {
            now += 1000;
            Object[] extensions = {MID, names[random.nextInt(4)], RID, names[2 + random.nextInt(2)], REPAIRED_RID, "q"};
            route(random.nextInt(), random.nextInt(128), extensions);
        }
        assertTrue(demuxer.size() <= 4 * RtpReceiver.MAX_STREAMS, demuxer.size() + " routes");
        assertEquals(2, List.copyOf(negotiator.transceivers()).size());
    }
}
