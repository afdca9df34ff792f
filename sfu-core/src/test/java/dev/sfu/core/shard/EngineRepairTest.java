package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.peer.PeerRtcp;
import dev.sfu.core.peer.ReceivedStream;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Loss, keyframe requests, reports and feedback of synthetic peers. */
class EngineRepairTest {
    private final EngineScene scene = new EngineScene();

    @AfterEach
    void stop() {
        scene.close();
    }

    @Test
    void subscribersNackIsAnsweredWithTheSamePayload() {
        SyntheticPeer ann = scene.publisher("ann");
        SyntheticPeer bob = scene.publisher("bob");
        SentStream camera = bob.tracks().getFirst().stream();
        SyntheticPeer cem = scene.listener("cem", 1);
        cem.rtcp().setNacks(true);
        cem.awaitPackets(ann.tracks().getFirst().stream(), 20);
        // The second source's picture ids are rewritten, and so must those of the repetitions be.
        ann.leave();
        ReceivedStream slot = cem.awaitPlaying(camera);
        scene.awaitMore(cem, camera, 20);
        slot.setLost(index -> index % 10 == 3 || index % 10 == 4);
        scene.loop.until("forty are repaired", () -> slot.recovered() >= 40);
        slot.setLost(index -> false);
        scene.awaitMore(cem, camera, 20);
        scene.awaitComplete(bob, cem);
        assertEquals(slot.recovered(), slot.recoveredIdentical());
        assertEquals(0, camera.retransmissions(), "the server repairs from its own memory");
        scene.assertFaultless();
    }

    @Test
    void lossOnTheWayToTheServerIsRepaired() {
        SyntheticPeer ann = scene.publisher("ann");
        SentStream camera = ann.tracks().getFirst().stream();
        SyntheticPeer bob = scene.listener("bob", 1);
        bob.awaitPackets(camera, 20);
        camera.setLost(index -> index % 13 == 5 || index % 13 == 6);
        scene.loop.until("forty are lost", () -> camera.lostPackets() >= 40);
        camera.setLost(index -> false);
        scene.awaitMore(bob, camera, 20);
        assertEquals(0, bob.awaitPlaying(camera).recovered(), "what is repaired in time goes on as it was");
        scene.awaitComplete(ann, bob);
        assertTrue(camera.retransmissions() >= 40);
        assertTrue(scene.counter("rtp_packets_recovered") >= 40);
        scene.assertFaultless();
    }

    @Test
    void keyframeRequestsOfManyBecomeFew() {
        SyntheticPeer ann = scene.publisher("ann");
        SentStream camera = ann.tracks().getFirst().stream();
        List<SyntheticPeer> viewers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            viewers.add(scene.listener("viewer" + i, 1));
        }
        viewers.forEach(viewer -> viewer.awaitPackets(camera, 20));
        int before = camera.keyframeRequests();
        long start = System.nanoTime();
        for (int round = 0; round < 20; round++) {
            for (SyntheticPeer viewer : viewers) {
                viewer.rtcp().sendPli(viewer.awaitPlaying(camera));
            }
            scene.loop.during(30 * Deadlines.MILLISECOND);
        }
        scene.loop.until("all arrive", () -> scene.counter("keyframe_requests_received") >= 160);
        scene.loop.until("one is passed on", () -> camera.keyframeRequests() > before);
        long elapsed = System.nanoTime() - start;
        long most = elapsed / (300 * Deadlines.MILLISECOND) + 2;
        int passedOn = camera.keyframeRequests() - before;
        assertTrue(passedOn <= most, passedOn + " of 160 passed on (expected: at most " + most + ")");
        scene.assertFaultless();
    }

    @Test
    void reportsAreSane() {
        SyntheticPeer ann = scene.talker("ann", 1);
        SyntheticPeer bob = scene.listener("bob", 1);
        for (int i = 0; i < 2; i++) {
            SentStream sent = ann.tracks().get(i).stream();
            bob.awaitPackets(sent, 30);
            ReceivedStream slot = bob.awaitPlaying(sent);
            scene.loop.until("a sender report", () -> bob.rtcp().senderReport(slot.ssrc()) != null);
            // A later one, which rests on the publisher's own report.
            SenderReport former = Objects.requireNonNull(bob.rtcp().senderReport(slot.ssrc()));
            scene.loop.until(
                    "another sender report", () -> !former.equals(bob.rtcp().senderReport(slot.ssrc())));
            assertSenderReport(bob, slot, sent);
            scene.loop.until("a report with LSR", () -> {
                ReportBlock block = ann.rtcp().reportBlock(sent.ssrc());
                return block != null && block.lastSenderReport() != 0;
            });
            assertReportBlock(ann, sent);
        }
        assertEquals(0, ann.rtcp().malformed() + bob.rtcp().malformed());
        scene.loop.until("a round trip is measured", () -> scene.loop
                .await("stats", scene.engine.stats(bob.handle().connectionId()))
                .orElseThrow()
                .stats()
                .stream()
                .anyMatch(stats -> stats.containsKey("roundTripTime")));
    }

    private static void assertSenderReport(SyntheticPeer bob, ReceivedStream slot, SentStream sent) {
        PeerRtcp rtcp = bob.rtcp();
        SenderReport report = Objects.requireNonNull(rtcp.senderReport(slot.ssrc()));
        WallClock clock = WallClock.at(System.nanoTime(), Instant.now());
        long reportNanos = clock.nanosOfNtp(report.ntp());
        long arrivedBefore = rtcp.senderReportNanos(slot.ssrc()) - reportNanos;
        assertTrue(Math.abs(arrivedBefore) < 10 * Deadlines.SECOND, "NTP time is off by " + arrivedBefore + " ns");
        assertTrue(report.packetCount() > 0 && report.octetCount() > report.packetCount() * 10);
        // One line of RTP over NTP time: where the report stands against the newest packet, both by the peer's clock.
        long ticksFromNewest = (int) (report.rtpTimestamp() - slot.lastTimestamp());
        long nanosFromNewest = reportNanos - slot.lastPacketNanos();
        long offNanos = ticksFromNewest * Deadlines.SECOND / sent.codec().clockRate() - nanosFromNewest;
        assertTrue(Math.abs(offNanos) < Deadlines.SECOND, "RTP line is off by " + offNanos + " ns");
    }

    private static void assertReportBlock(SyntheticPeer ann, SentStream sent) {
        ReportBlock block = Objects.requireNonNull(ann.rtcp().reportBlock(sent.ssrc()));
        assertTrue(ann.rtcp().sentCompactNtp(block.lastSenderReport()), "LSR names a report that was sent");
        assertTrue(block.delaySinceLastSenderReport() < 20L << 16);
        assertEquals(0, block.cumulativeLost());
        assertTrue(block.extendedHighestSequence() < sent.nextIndex());
        assertTrue(block.extendedHighestSequence() > sent.nextIndex() - 1000);
    }

    @Test
    void transportFeedbackAcknowledgesEverything() {
        SyntheticPeer ann = scene.talker("ann", 0);
        PeerRtcp rtcp = ann.rtcp();
        scene.loop.until("thirty feedbacks", () -> rtcp.feedbackNanos().size() >= 30);
        ann.tracks().forEach(track -> track.setFlowing(false));
        int sent = ann.transport().nextTransportSequence();
        // Packets can be ahead of the keys, and a starved machine can lose some between the sockets.
        scene.loop.until("all that came is acknowledged", () -> {
            long came = scene.counter("rtp_packets_received");
            return rtcp.acknowledged().cardinality() == came && rtcp.acknowledged().length() == sent;
        });
        int acknowledged = rtcp.acknowledged().cardinality();
        assertTrue(acknowledged > sent * 0.8, acknowledged + " of " + sent + " acknowledged");
        for (int i = 1; i < rtcp.feedbackCounts().size(); i++) {
            assertEquals((rtcp.feedbackCounts().get(i - 1) + 1) & 0xFF, rtcp.feedbackCounts().get(i));
        }
        List<Long> nanos = rtcp.feedbackNanos();
        long interval = (nanos.get(29) - nanos.get(0)) / 29;
        assertTrue(
                interval > 45 * Deadlines.MILLISECOND && interval < 400 * Deadlines.MILLISECOND,
                "mean interval: " + interval + " ns");
    }

    @Test
    void goodbyeEndsAStreamThatMayBeginAgain() {
        SyntheticPeer ann = scene.publisher("ann");
        SentStream camera = ann.tracks().getFirst().stream();
        SyntheticPeer bob = scene.listener("bob", 1);
        bob.awaitPackets(camera, 30);
        camera.setFlowing(false);
        ReceivedStream slot = bob.awaitPlaying(camera);
        ann.rtcp().sendGoodbye(camera);
        scene.until("the stream is forgotten", counters -> scene.loop
                .await("stats", scene.engine.stats(ann.handle().connectionId()))
                .orElseThrow()
                .stats()
                .stream()
                .noneMatch(stats -> "inbound-rtp".equals(stats.get("type"))));
        camera.setFlowing(true);
        scene.awaitMore(bob, camera, 30);
        scene.awaitComplete(ann, bob);
        scene.assertFaultless();

        bob.leave();
        scene.loop.until("the server says goodbye", () -> bob.rtcp().goodbyes().contains(slot.ssrc()));
        scene.loop.until("and close_notify", bob.transport()::dtlsClosed);
    }
}
