package dev.sfu.core.pacing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacerTest {
    private static final long MS = PacerScene.MS;
    private static final int BYTES = PacerScene.BYTES;

    private final PacerScene scene = new PacerScene();

    @Test
    void aPacketLeavesAtOnceWhenThereIsNothingElse() {
        for (int i = 0; i < 100; i++) {
            assertTrue(scene.video(1, i, i));
            scene.nowMs += 10;
        }
        assertEquals(100, scene.pacer.sentDirectly());
        assertEquals(0, scene.pacer.queuedPackets());
        assertEquals(Deadlines.NEVER, scene.pacer.nextDeadlineNanos());
    }

    @Test
    void aFrameThatFitsAFrameIntervalStaysTogether() {
        // Eight packets are paid in 40 ms; the ninth finds that debt and still goes, the tenth waits.
        int direct = 0;
        for (int i = 0; i < 12; i++) {
            direct += scene.video(1, i, 7) ? 1 : 0;
        }
        assertEquals(9, direct);
        assertEquals(3, scene.pacer.queuedPackets());
        // The frame goes on as soon as a packet of debt is paid.
        scene.run(5);
        assertEquals(List.of(9L), scene.packets());
        scene.run(10);
        assertEquals(List.of(9L, 10L, 11L), scene.packets());
    }

    @Test
    void theNextFrameWaitsUntilTheDebtIsSmall() {
        for (int i = 0; i < 8; i++) {
            assertTrue(scene.video(1, i, 7));
        }
        assertFalse(scene.video(1, 8, 8));
        scene.run(34);
        assertEquals(0, scene.sent.size());
        scene.run(2);
        // 8000 bytes less 1000 are paid in 35 ms. It had waited alone, so it is all there is.
        assertEquals(List.of(8L), scene.packets());
    }

    @Test
    void sixteenPacketsOfAFrameAtMostGoTogetherHoweverFastThePath() {
        scene.pacer.setPacingBps(100_000_000, scene.nowMs * MS);
        int direct = 0;
        for (int i = 0; i < 200; i++) {
            direct += scene.video(1, i, 7) ? 1 : 0;
        }
        // Then 5 ms of debt, 62,500 bytes, are the limit.
        assertEquals(63, direct);
        scene.pacer.setPacingBps(8_000_000, scene.nowMs * MS);
        scene.run(1000);
        assertEquals(200 - 63, scene.sent.size());
    }

    /** A busy shard comes each 25 ms only: a pacer that sent 5 ms of its pace each time kept its queue at a fifth of the pace. */
    @Test
    void whatALateTickMissedLeavesWithIt() {
        scene.pacer.setPacingBps(8_000_000, scene.nowMs * MS);
        for (int i = 0; i < 100; i++) {
            scene.video(1, i, i);
        }
        assertEquals(94, scene.pacer.queuedPackets());
        for (int tick = 0; tick < 3; tick++) {
            scene.nowMs += 25;
            scene.pacer.onDeadline(scene.nowMs * MS);
        }
        assertEquals(75, scene.sent.size(), "packets in 75 ms at one a millisecond");
    }

    @Test
    void aPauseIsNotMadeUpFor() {
        scene.pacer.setPacingBps(8_000_000, scene.nowMs * MS);
        for (int i = 0; i < 20; i++) {
            scene.video(1, i, i);
        }
        scene.run(20);
        assertEquals(0, scene.pacer.queuedPackets());
        scene.nowMs += 1000;
        int direct = 0;
        for (int i = 100; i < 120; i++) {
            direct += scene.video(1, i, i) ? 1 : 0;
        }
        assertEquals(6, direct, "5 ms and the packet that makes it more");
    }

    @Test
    void deadlinesAreOnAGridThatPacersShare() {
        for (int i = 0; i < 30; i++) {
            scene.video(1, i, i);
        }
        int wakeups = 0;
        while (scene.pacer.queuedPackets() > 0) {
            long deadline = scene.pacer.nextDeadlineNanos();
            assertEquals(0, deadline % Pacer.TICK_NANOS);
            assertTrue(deadline > scene.nowMs * MS - 1);
            scene.nowMs = deadline / MS;
            scene.pacer.onDeadline(deadline);
            wakeups++;
        }
        assertTrue(wakeups <= 30, "wakeups: " + wakeups);
        assertEquals(28, scene.sent.size());
    }

    /** As a real clock has it: never exactly then, and with something that pays the debt just before. */
    @Test
    void whatIsDueIsStillDueLater() {
        for (int i = 0; i < 30; i++) {
            scene.video(1, i, i);
        }
        Random random = new Random(5);
        while (scene.pacer.queuedPackets() > 0) {
            long late = scene.pacer.nextDeadlineNanos() + 1 + random.nextInt(3_000_000);
            int seen = scene.sent.size();
            scene.pacer.setPacingBps(1_600_000, late);
            assertTrue(Deadlines.due(scene.pacer.nextDeadlineNanos(), late), "put off by what was paid");
            scene.nowMs = late / MS;
            scene.pacer.onDeadline(late);
            assertTrue(scene.sent.size() > seen);
        }
        assertEquals(28, scene.sent.size());
    }

    /** A loaded shard gets to its timers late, and packets come before. */
    @Test
    void otherPacketsDoNotPutADeadlineOff() {
        for (int i = 0; i < 40; i++) {
            scene.video(1, i, i);
        }
        int queued = scene.pacer.queuedPackets();
        for (int i = 0; i < 200; i++) {
            long now = scene.nowMs * MS + 300_000;
            // Looked at as soon as the turn of that packet is over, but a timer takes a while.
            scene.pacer.onAudio(1, now);
            if (Deadlines.due(scene.pacer.nextDeadlineNanos(), now)) {
                scene.pacer.onDeadline(now + 500_000);
            }
            scene.nowMs++;
        }
        assertEquals(queued, scene.sent.size());
        scene.pacer.setPacingBps(80_000, scene.nowMs * MS);
        for (int i = 100; i < 160; i++) {
            scene.video(1, i, i / 6);
        }
        for (int i = 0; i < 2010; i++) {
            scene.nowMs++;
            long now = scene.nowMs * MS + 300_000;
            scene.pacer.onAudio(0, now);
            if (Deadlines.due(scene.pacer.nextDeadlineNanos(), now)) {
                scene.pacer.onDeadline(now);
            }
        }
        assertEquals(List.of(1), scene.brokenStreams, "too old and scene.dropped");
    }

    @Test
    void leavesAtThePacingRate() {
        for (int i = 0; i < 80; i++) {
            scene.video(1, i, i);
        }
        int direct = 80 - scene.pacer.queuedPackets();
        scene.run(200);
        assertEquals(40 + direct, scene.sent.size() + direct, 2);
        scene.run(300);
        assertEquals(80, scene.sent.size() + direct);
    }

    @Test
    void retransmissionsGoFirst() {
        for (int i = 0; i < 20; i++) {
            scene.video(1, i, i);
        }
        assertFalse(scene.pacer.offerRetransmission(1, 100, BYTES, scene.nowMs * MS));
        assertFalse(scene.pacer.offerRetransmission(1, 101, BYTES, scene.nowMs * MS));
        scene.run(20);
        assertEquals(List.of(100L, 101L), scene.packets().subList(0, 2));
    }

    @Test
    void aRetransmissionLeavesAtOnceWhenItMay() {
        assertTrue(scene.pacer.offerRetransmission(1, 100, BYTES, scene.nowMs * MS));
    }

    @Test
    void audioCountsButNeverWaits() {
        for (int i = 0; i < 10; i++) {
            scene.pacer.onAudio(500, scene.nowMs * MS);
        }
        assertFalse(scene.video(1, 1, 1));
        scene.run(30);
        assertEquals(List.of(1L), scene.packets());
    }

    @Test
    void orderIsKept() {
        Random random = new Random(4);
        long next = 0;
        List<Long> left = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            if (random.nextInt(3) == 0) {
                int seen = scene.sent.size();
                boolean direct = scene.video(1, next, i / 10);
                assertEquals(seen, scene.sent.size());
                if (direct) {
                    scene.sent.add(new PacerScene.Sent(1, next, 0, scene.nowMs));
                }
                next++;
            }
            scene.run(1);
        }
        scene.run(500);
        for (PacerScene.Sent one : scene.sent) {
            left.add(one.packet());
        }
        for (int i = 1; i < left.size(); i++) {
            assertTrue(left.get(i) > left.get(i - 1));
        }
        assertEquals(next, left.size() + scene.dropped.size());
    }

    @Test
    void whileCongestedAPacketLeavesNowAndThen() {
        scene.pacer.setCongested(true);
        assertTrue(scene.video(1, 0, 0));
        for (int i = 1; i < 5; i++) {
            assertFalse(scene.video(1, i, 1));
        }
        scene.run(299);
        assertEquals(0, scene.sent.size());
        scene.run(2);
        assertEquals(1, scene.sent.size());
        scene.run(100);
        scene.pacer.setCongested(false);
        scene.run(5);
        assertEquals(4, scene.sent.size());
    }

    @Test
    void packetsThatAreGoneCostNothing() {
        for (int i = 0; i < 20; i++) {
            scene.video(1, i, i);
        }
        scene.gone = true;
        scene.run(20);
        assertEquals(0, scene.pacer.queuedPackets());
        assertTrue(scene.video(1, 100, 100));
    }

    @Test
    void closeGivesEverythingUp() {
        for (int i = 0; i < 20; i++) {
            scene.video(1, i, i);
        }
        scene.pacer.offerRetransmission(1, 100, BYTES, scene.nowMs * MS);
        scene.pacer.addProbe(new ProbeCluster(1, 2_400_000, 4500, 5, scene.nowMs * MS));
        int queued = scene.pacer.queuedPackets();
        scene.pacer.close();
        assertEquals(queued, scene.dropped.size());
        assertEquals(0, scene.pacer.queuedBytes());
        assertEquals(Deadlines.NEVER, scene.pacer.nextDeadlineNanos());
    }
}
