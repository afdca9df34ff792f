package dev.sfu.core.peerconnection;

import static dev.sfu.core.peerconnection.ScriptedPeer.MS;
import static dev.sfu.core.peerconnection.ScriptedPeer.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.bwe.LimitedBy;
import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.rtcp.ReportBlock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a connection makes of what leaves and of what its receiver says. */
class SendBandwidthTest {
    private static final long START_BPS = EngineConfig.Bandwidth.DEFAULT.startBps();
    private static final String REMB = "a=rtcp-fb:96 goog-remb\n";
    private static final String RFC_8888 = "a=rtcp-fb:96 ack ccfb\n";
    private static final int SSRC = 77;
    private static final int PACKET_BYTES = 1000;

    private final SendBandwidth bandwidth = new SendBandwidth(EngineConfig.Bandwidth.DEFAULT, () -> {});
    private final List<Long> told = new ArrayList<>();
    private long now = SECOND;
    private long sequence;

    private void sendVideo(int packets) {
        for (int i = 0; i < packets; i++) {
            bandwidth.onSent(SSRC, sequence++, PACKET_BYTES, MediaKind.VIDEO, true, ProbeCluster.NONE, now);
            now += 10 * MS;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "recvonly, transport-cc, TRANSPORT_WIDE",
        "recvonly, ack ccfb, CONGESTION_CONTROL",
        "recvonly, goog-remb, REMB",
        "recvonly, nack, REPORTS",
        "sendonly, transport-cc, REPORTS",
        "sendrecv, ack ccfb, REPORTS"
    })
    void feedbackIsWhatWasNegotiatedForVideoThatLeaves(String direction, String feedback, BandwidthFeedback expected) {
        ScriptedPeer peer = new ScriptedPeer();
        String section = Offers.video("v", direction, "VP8/90000", "").replace("transport-cc", feedback);
        peer.offer(Offers.audio("a", "sendrecv"), section);
        assertEquals(expected, peer.connection.transport().bandwidth().feedback());
    }

    /** What says more wins, and RFC 8888 is not promised together with what is preferred to it. */
    @Test
    void transportWideFeedbackIsPreferred() {
        ScriptedPeer peer = new ScriptedPeer();
        String answer = peer.offer(Offers.video("v", "recvonly", "VP8/90000", RFC_8888 + REMB)).toString();
        assertEquals(BandwidthFeedback.TRANSPORT_WIDE, peer.connection.transport().bandwidth().feedback());
        assertTrue(answer.contains("transport-cc") && answer.contains("goog-remb"), answer);
        assertFalse(answer.contains("ccfb"), answer);
    }

    @Test
    void theStartIsTheTargetUntilSomethingIsKnown() {
        bandwidth.setListener((bps, when) -> told.add(bps));
        assertEquals(START_BPS, bandwidth.targetBps());
        bandwidth.setNextLayerBps(900_000, now);
        assertEquals(LimitedBy.START, bandwidth.estimate().limitedBy());
        assertEquals(900_000, bandwidth.estimate().nextLayerBps());
        sendVideo(10);
        assertEquals(START_BPS, bandwidth.targetBps());
        assertEquals(900_000, bandwidth.estimate().nextLayerBps());
    }

    @Test
    void soundAloneMakesNoEstimatorButIsMeasured() {
        for (int i = 0; i < 100; i++) {
            bandwidth.onSent(SSRC, sequence++, 172, MediaKind.AUDIO, true, ProbeCluster.NONE, now);
            now += 20 * MS;
        }
        bandwidth.onRemb(50_000, now);
        assertEquals(START_BPS, bandwidth.targetBps());
        assertEquals(100, bandwidth.nextSequence());
        // 50 packets in a second, 28 bytes of IPv4 and UDP each.
        assertEquals(80_000.0, (double) bandwidth.audioSentBps(now - MS), 4_000.0);
        assertEquals(0, bandwidth.repairSentBps(now));
    }

    @Test
    void withRembAloneItIsTheLimit() {
        bandwidth.setListener((bps, when) -> told.add(bps));
        sendVideo(10);
        bandwidth.onRemb(350_000, now);
        assertEquals(350_000, bandwidth.targetBps());
        assertEquals(LimitedBy.REMB, bandwidth.estimate().limitedBy());
        bandwidth.onRemb(355_000, now);
        assertEquals(List.of(350_000L), told, "a little more is not worth a word");
        now += SECOND;
        bandwidth.onDeadline(now);
        assertEquals(List.of(350_000L, 355_000L), told, "unless it is some time ago");
    }

    @Test
    void withoutAnyFeedbackLossesAreTheLimit() {
        sendVideo(10);
        for (int second = 1; second <= 5; second++) {
            sendVideo(100);
            bandwidth.onReportBlock(new ReportBlock(SSRC, 77, second * 30, sequence, 0, 0, 0), now);
        }
        assertTrue(bandwidth.targetBps() < START_BPS * 2 / 3, "30 % lost: " + bandwidth.targetBps());
        assertEquals(LimitedBy.LOSS, bandwidth.estimate().limitedBy());
    }

    /** Numbers are used up by packets that left, and by no others. */
    @Test
    void onlyNumberedPacketsCountForTransportWideFeedback() {
        ScriptedPeer peer = new ScriptedPeer();
        peer.offer(Offers.video("v", "recvonly"));
        SendBandwidth negotiated = peer.connection.transport().bandwidth();
        negotiated.onSent(SSRC, 1, PACKET_BYTES, MediaKind.AUDIO, false, ProbeCluster.NONE, now);
        assertEquals(0, negotiated.nextSequence());
        negotiated.onSent(SSRC, 2, PACKET_BYTES, MediaKind.VIDEO, true, ProbeCluster.NONE, now);
        assertEquals(1, negotiated.nextSequence());
        assertEquals(PACKET_BYTES + 28, negotiated.estimate().inFlightBytes());
    }
}
