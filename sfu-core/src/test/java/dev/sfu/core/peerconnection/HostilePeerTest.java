package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.stats.DropReason;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a peer that has the keys does to harm the others on its shard. */
class HostilePeerTest {
    private static final long MS = ScriptedPeer.MS;
    private static final long SECOND = ScriptedPeer.SECOND;

    private static byte[] video(int sequence) {
        return ScriptedPeer.rtpPacket(
                7, 96, sequence, 3000L * sequence, ScriptedPeer.vp8(true, true, sequence, 0, 60), 4, "v");
    }

    /** Transport-wide feedback that says of 65,535 packets, in 40 bytes, that none of them arrived. */
    private static void longFeedback(ByteWriter out) {
        out.u8(0x8F).u8(205).u16(9).i32(1).i32(2).u16(1).u16(0xFFFF).u24(0).u8(0);
        for (int i = 0; i < 9; i++) {
            out.u16(0x1FFF);
        }
        out.u16(0);
    }

    @Test
    void feedbackOnMorePacketsThanAnybodySendsIsNotRead() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.video("v", "recvonly"));
        for (int i = 0; i < 100; i++) {
            peer.sendRtcp(out -> {
                for (int packet = 0; packet < 20; packet++) {
                    longFeedback(out);
                }
            });
        }
        assertTrue(peer.connection.drops().of(DropReason.RTCP_RATE_LIMITED) > 1990);
        assertEquals(0, peer.connection.drops().of(DropReason.RTCP_MALFORMED));
        long before = peer.connection.drops().of(DropReason.RTCP_RATE_LIMITED);
        peer.advance(SECOND);
        peer.sendRtcp(HostilePeerTest::longFeedback);
        assertEquals(before, peer.connection.drops().of(DropReason.RTCP_RATE_LIMITED));
    }

    @Test
    void requestsForMorePacketsThanAnybodySendsAreNotRead() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.video("v", "recvonly"));
        int ssrc = peer.connection.transceivers().getFirst().sender().ssrc();
        int[] numbers = new int[1000];
        Arrays.setAll(numbers, i -> i);
        for (int i = 0; i < 150; i++) {
            peer.sendRtcp(out -> RtcpWriter.nack(out, 1, ssrc, numbers, 0, numbers.length));
        }
        assertEquals(50, peer.connection.drops().of(DropReason.RTCP_RATE_LIMITED));
        peer.advance(100 * MS);
        peer.sendRtcp(out -> RtcpWriter.nack(out, 1, ssrc, numbers, 0, numbers.length));
        assertEquals(50, peer.connection.drops().of(DropReason.RTCP_RATE_LIMITED));
    }

    @Test
    void theBudgetFillsWithTime() {
        FeedbackBudget budget = new FeedbackBudget();
        assertTrue(budget.take(FeedbackBudget.PACKETS_PER_SECOND, 0));
        assertFalse(budget.take(1, 0));
        assertTrue(budget.take(FeedbackBudget.PACKETS_PER_SECOND / 10, 100 * MS));
        assertFalse(budget.take(FeedbackBudget.PACKETS_PER_SECOND / 10, 150 * MS));
        assertTrue(budget.take(0, 150 * MS));
    }

    /** A packet on which something fails, be it by a defect, takes no memory with it. */
    @Test
    void whatFailsCostsNoBuffer() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.video("v", "sendonly"));
        peer.receiver("v").setSink((packet, nowNanos) -> {
            throw new IllegalStateException("a defect");
        });
        assertThrows(IllegalStateException.class, () -> peer.sendRtp(video(1)));
        assertThrows(IllegalStateException.class, () -> peer.sendRtp(video(2)));
        assertEquals(0, peer.pool.outstanding());
    }

    /** An RTP header extension that says that nothing is sent at all, on a packet. */
    @Test
    void anAllocationOfNothingIsRead() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.video("v", "sendonly"));
        RtpReceiver receiver = peer.receiver("v");
        HeaderExtensionMap extensions = new HeaderExtensionMap();
        assertTrue(extensions.add(HeaderExtension.VIDEO_LAYERS_ALLOCATION, 9));
        peer.sendRtp(video(1));
        receiver.setExtensions(extensions);
        peer.sendRtp(ScriptedPeer.rtpPacket(
                7, 96, 2, 6000, ScriptedPeer.vp8(true, true, 2, 0, 60), 4, "v", 9, new byte[1]));
        assertEquals(0, receiver.drops().of(DropReason.CODEC_MALFORMED));
        assertEquals(0, peer.pool.outstanding());
    }
}
