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

class PacerTest implements PacerOutput {
    private static final long MS = Deadlines.MILLISECOND;
    private static final int BYTES = 1000;
    private static final int STALE_MS = (int) (Pacer.MAX_STALE_NANOS / MS);
    private static final int SUPERSEDED_MS = (int) (Pacer.MAX_QUEUE_NANOS / MS);

    private record Sent(int stream, long packet, int probe, long atMs) {}

    private final List<Sent> sent = new ArrayList<>();
    private final List<Long> dropped = new ArrayList<>();
    private final List<Integer> brokenStreams = new ArrayList<>();
    private int paddingAvailable = Integer.MAX_VALUE;
    private int padding;
    private long nowMs = 1000;

    // 1.6 Mbit/s: 1000 bytes in 5 ms.
    private final Pacer pacer = new Pacer(this, 1_600_000, 100_000);

    @Test
    void aPacketLeavesAtOnceWhenThereIsNothingElse() {
        for (int i = 0; i < 100; i++) {
            assertTrue(video(1, i, i));
            nowMs += 10;
        }
        assertEquals(100, pacer.sentDirectly());
        assertEquals(0, pacer.queuedPackets());
        assertEquals(Deadlines.NEVER, pacer.nextDeadlineNanos());
    }

    @Test
    void aFrameThatFitsAFrameIntervalStaysTogether() {
        // Eight packets are paid in 40 ms; the ninth finds that debt and still goes, the tenth waits.
        int direct = 0;
        for (int i = 0; i < 12; i++) {
            direct += video(1, i, 7) ? 1 : 0;
        }
        assertEquals(9, direct);
        assertEquals(3, pacer.queuedPackets());
        // The frame goes on as soon as a packet of debt is paid.
        run(5);
        assertEquals(List.of(9L), packets());
        run(10);
        assertEquals(List.of(9L, 10L, 11L), packets());
    }

    @Test
    void theNextFrameWaitsUntilTheDebtIsSmall() {
        for (int i = 0; i < 8; i++) {
            assertTrue(video(1, i, 7));
        }
        assertFalse(video(1, 8, 8));
        run(34);
        assertEquals(0, sent.size());
        run(2);
        // 8000 bytes less 1000 are paid in 35 ms. It had waited alone, so it is all there is.
        assertEquals(List.of(8L), packets());
    }

    @Test
    void sixteenPacketsOfAFrameAtMostGoTogetherHoweverFastThePath() {
        pacer.setPacingBps(100_000_000, nowMs * MS);
        int direct = 0;
        for (int i = 0; i < 200; i++) {
            direct += video(1, i, 7) ? 1 : 0;
        }
        // Then 5 ms of debt, 62,500 bytes, are the limit.
        assertEquals(63, direct);
        pacer.setPacingBps(8_000_000, nowMs * MS);
        run(1000);
        assertEquals(200 - 63, sent.size());
    }

    @Test
    void deadlinesAreOnAGridThatPacersShare() {
        for (int i = 0; i < 30; i++) {
            video(1, i, i);
        }
        int wakeups = 0;
        while (pacer.queuedPackets() > 0) {
            long deadline = pacer.nextDeadlineNanos();
            assertEquals(0, deadline % Pacer.TICK_NANOS);
            assertTrue(deadline > nowMs * MS - 1);
            nowMs = deadline / MS;
            pacer.onDeadline(deadline);
            wakeups++;
        }
        assertTrue(wakeups <= 30, "wakeups: " + wakeups);
        assertEquals(28, sent.size());
    }

    /** As a real clock has it: never exactly then, and with something that pays the debt just before. */
    @Test
    void whatIsDueIsStillDueLater() {
        for (int i = 0; i < 30; i++) {
            video(1, i, i);
        }
        Random random = new Random(5);
        while (pacer.queuedPackets() > 0) {
            long late = pacer.nextDeadlineNanos() + 1 + random.nextInt(3_000_000);
            int seen = sent.size();
            pacer.setPacingBps(1_600_000, late);
            assertTrue(Deadlines.due(pacer.nextDeadlineNanos(), late), "put off by what was paid");
            nowMs = late / MS;
            pacer.onDeadline(late);
            assertTrue(sent.size() > seen);
        }
        assertEquals(28, sent.size());
    }

    /** A loaded shard gets to its timers late, and packets come before. */
    @Test
    void otherPacketsDoNotPutADeadlineOff() {
        for (int i = 0; i < 40; i++) {
            video(1, i, i);
        }
        int queued = pacer.queuedPackets();
        for (int i = 0; i < 200; i++) {
            long now = nowMs * MS + 300_000;
            // Looked at as soon as the turn of that packet is over, but a timer takes a while.
            pacer.onAudio(1, now);
            if (Deadlines.due(pacer.nextDeadlineNanos(), now)) {
                pacer.onDeadline(now + 500_000);
            }
            nowMs++;
        }
        assertEquals(queued, sent.size());
        pacer.setPacingBps(80_000, nowMs * MS);
        for (int i = 100; i < 160; i++) {
            video(1, i, i / 6);
        }
        for (int i = 0; i < 2010; i++) {
            nowMs++;
            long now = nowMs * MS + 300_000;
            pacer.onAudio(0, now);
            if (Deadlines.due(pacer.nextDeadlineNanos(), now)) {
                pacer.onDeadline(now);
            }
        }
        assertEquals(List.of(1), brokenStreams, "too old and dropped");
    }

    @Test
    void leavesAtThePacingRate() {
        for (int i = 0; i < 80; i++) {
            video(1, i, i);
        }
        int direct = 80 - pacer.queuedPackets();
        run(200);
        assertEquals(40 + direct, sent.size() + direct, 2);
        run(300);
        assertEquals(80, sent.size() + direct);
    }

    @Test
    void retransmissionsGoFirst() {
        for (int i = 0; i < 20; i++) {
            video(1, i, i);
        }
        assertFalse(pacer.offerRetransmission(1, 100, BYTES, nowMs * MS));
        assertFalse(pacer.offerRetransmission(1, 101, BYTES, nowMs * MS));
        run(20);
        assertEquals(List.of(100L, 101L), packets().subList(0, 2));
    }

    @Test
    void aRetransmissionLeavesAtOnceWhenItMay() {
        assertTrue(pacer.offerRetransmission(1, 100, BYTES, nowMs * MS));
    }

    @Test
    void audioCountsButNeverWaits() {
        for (int i = 0; i < 10; i++) {
            pacer.onAudio(500, nowMs * MS);
        }
        assertFalse(video(1, 1, 1));
        run(30);
        assertEquals(List.of(1L), packets());
    }

    @Test
    void orderIsKept() {
        Random random = new Random(4);
        long next = 0;
        List<Long> left = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            if (random.nextInt(3) == 0) {
                int seen = sent.size();
                boolean direct = video(1, next, i / 10);
                assertEquals(seen, sent.size());
                if (direct) {
                    sent.add(new Sent(1, next, 0, nowMs));
                }
                next++;
            }
            run(1);
        }
        run(500);
        for (Sent one : sent) {
            left.add(one.packet());
        }
        for (int i = 1; i < left.size(); i++) {
            assertTrue(left.get(i) > left.get(i - 1));
        }
        assertEquals(next, left.size() + dropped.size());
    }

    @Test
    void tooManyBytesDropTheOldestFramesWholeAndSaySo() {
        // Ten frames of twelve packets; the first is being sent.
        for (int i = 0; i < 120; i++) {
            video(1, i, i / 12);
        }
        assertEquals(List.of(1), brokenStreams);
        // The first frame stays, the other eight that are queued go.
        for (long packet : dropped) {
            assertTrue(packet >= 12, "dropped " + packet);
        }
        assertEquals(12, dropped.getFirst() > dropped.getLast() ? dropped.getLast() : dropped.getFirst());
        run(500);
        assertTrue(packets().contains(11L));
        assertEquals(0, pacer.queuedPackets());
        assertEquals(dropped.size(), pacer.droppedPackets());
    }

    @Test
    void videoThatWaitedTooLongIsDropped() {
        pacer.setPacingBps(20_000, nowMs * MS);
        for (int i = 0; i < 60; i++) {
            video(1, i, i / 6);
        }
        int queued = pacer.queuedPackets();
        run(1999);
        assertEquals(List.of(), brokenStreams);
        run(2);
        assertEquals(List.of(1), brokenStreams);
        // Only the frame that is being sent is left.
        assertTrue(pacer.queuedPackets() < 6, "queued: " + pacer.queuedPackets() + " of " + queued);
    }

    @Test
    void framesBeforeAKeyframeAreDroppedWithoutANotice() {
        pacer.setPacingBps(80_000, nowMs * MS);
        for (int i = 0; i < 30; i++) {
            video(1, i, i / 6);
        }
        run(100);
        for (int i = 30; i < 36; i++) {
            pacer.offerVideo(1, i, 5, true, BYTES, nowMs * MS);
        }
        video(1, 36, 6);
        run(SUPERSEDED_MS - 99);
        assertEquals(List.of(), brokenStreams);
        assertTrue(dropped.contains(6L) && dropped.contains(29L), "dropped: " + dropped);
        assertFalse(dropped.contains(30L));
        assertFalse(dropped.contains(36L));
    }

    @Test
    void aKeyframeDropsAtOnceWhatItWouldWaitFor() {
        // 32 packets leave in 160 ms; the first frame is being sent, ten more packets are another stream's.
        for (int i = 0; i < 12; i++) {
            video(1, i, 1);
        }
        for (int i = 12; i < 32; i++) {
            video(1, i, i / 4);
        }
        for (int i = 100; i < 110; i++) {
            video(2, i, 1);
        }
        assertEquals(List.of(), dropped);
        keyframe(1, 32, 50);
        assertEquals(20, dropped.size());
        for (long packet : dropped) {
            assertTrue(packet >= 12 && packet < 32, "dropped " + packet);
        }
        assertEquals(List.of(), brokenStreams, "no other is to be asked for");
        keyframe(1, 33, 50);
        video(1, 34, 51);
        run(200);
        assertEquals(20, dropped.size());
        assertTrue(packets().containsAll(List.of(10L, 11L, 32L, 33L, 34L, 100L, 109L)), packets()::toString);
        assertEquals(0, pacer.queuedPackets());
    }

    @Test
    void aKeyframeWaitsForALittle() {
        // 9 packets leave at once and are a debt of 45 ms; 15 more take 75 ms.
        for (int i = 0; i < 24; i++) {
            video(1, i, i < 12 ? 1 : i / 4);
        }
        keyframe(1, 24, 50);
        run(200);
        assertEquals(List.of(), dropped);
        assertEquals(16, sent.size());
    }

    @Test
    void aKeyframeBehindAnotherMakesThatSuperfluousToo() {
        pacer.setPacingBps(80_000, nowMs * MS);
        video(1, 0, 1);
        video(1, 1, 2);
        keyframe(1, 2, 3);
        keyframe(1, 3, 3);
        video(1, 4, 4);
        keyframe(1, 5, 5);
        assertTrue(dropped.containsAll(List.of(1L, 2L, 3L, 4L)), dropped::toString);
        assertEquals(1, pacer.queuedPackets());
    }

    /** It was lost on the way from the publisher and came a second time. */
    @Test
    void aLatePacketOfAKeyframeDropsNothingThatNeedsIt() {
        pacer.setPacingBps(80_000, nowMs * MS);
        video(2, 0, 1);
        keyframe(1, 1, 5);
        keyframe(1, 3, 5);
        video(1, 4, 6);
        video(1, 5, 7);
        keyframe(1, 2, 5);
        assertEquals(List.of(), dropped);
        run(SUPERSEDED_MS + 10);
        assertEquals(List.of(), dropped);
        run(STALE_MS);
        assertTrue(dropped.isEmpty() || brokenStreams.contains(1), "another keyframe is asked for");
    }

    @Test
    void whatIsBeingSentGoesOnBeforeAKeyframe() {
        pacer.setPacingBps(800_000, nowMs * MS);
        for (int i = 0; i < 12; i++) {
            video(1, i, 1);
        }
        for (int i = 12; i < 24; i++) {
            video(1, i, 2);
        }
        keyframe(1, 24, 3);
        assertEquals(12, dropped.size());
        assertTrue(dropped.stream().allMatch(packet -> packet >= 12), dropped::toString);
        run(300);
        assertTrue(packets().contains(11L));
        assertTrue(packets().indexOf(11L) < packets().indexOf(24L));
    }

    @Test
    void videoIsStaleSoonerWithAKeyframeBehindIt() {
        pacer.setPacingBps(800_000, nowMs * MS);
        // 60 ms; then the path is full and next to nothing leaves.
        for (int i = 0; i < 6; i++) {
            video(1, i, i);
        }
        keyframe(1, 6, 6);
        assertEquals(List.of(), dropped);
        pacer.setCongested(true);
        int queued = pacer.queuedPackets();
        run(SUPERSEDED_MS - 1);
        assertEquals(List.of(), dropped);
        run(2);
        assertTrue(dropped.size() >= queued - 3 && !dropped.contains(6L), dropped + " of " + queued);
        assertEquals(List.of(), brokenStreams);
    }

    @Test
    void aKeyframeAtTheHeadIsKeptAndWhatFollowsDropped() {
        pacer.setPacingBps(80_000, nowMs * MS);
        pacer.setCongested(true);
        video(9, 1000, 1);
        for (int i = 0; i < 10; i++) {
            pacer.offerVideo(1, i, 5, true, BYTES, nowMs * MS);
        }
        video(1, 10, 6);
        video(1, 11, 7);
        run(1999);
        pacer.onDeadline((nowMs + 2) * MS);
        assertEquals(List.of(1), brokenStreams);
        assertTrue(dropped.contains(10L) && dropped.contains(11L));
        assertFalse(dropped.contains(9L));
    }

    @Test
    void onlyTheStreamThatIsInTheWayIsDropped() {
        pacer.setPacingBps(20_000, nowMs * MS);
        video(2, 999, 3);
        for (int i = 0; i < 20; i++) {
            video(1, i, i / 4);
        }
        run(1800);
        for (int i = 100; i < 105; i++) {
            video(2, i, 9);
        }
        run(201);
        assertTrue(brokenStreams.contains(1));
        assertFalse(brokenStreams.contains(2));
    }

    @Test
    void packetsAreBoundedHoweverSmall() {
        pacer.setPacingBps(1000, nowMs * MS);
        for (int i = 0; i < 5000; i++) {
            pacer.offerVideo(1, i, i / 10, false, 1, nowMs * MS);
            assertTrue(pacer.queuedPackets() <= Pacer.MAX_QUEUE_PACKETS);
        }
        for (int i = 0; i < 1000; i++) {
            pacer.offerRetransmission(1, i, 1, nowMs * MS);
        }
        assertTrue(pacer.queuedPackets() <= Pacer.MAX_QUEUE_PACKETS + Pacer.MAX_RETRANSMISSIONS);
    }

    @Test
    void anEndlessFrameIsBoundedToo() {
        for (int i = 0; i < 5000; i++) {
            video(1, i, 1);
            assertTrue(pacer.queuedPackets() <= Pacer.MAX_QUEUE_PACKETS);
        }
        assertTrue(brokenStreams.contains(1));
    }

    @Test
    void whileCongestedAPacketLeavesNowAndThen() {
        pacer.setCongested(true);
        assertTrue(video(1, 0, 0));
        for (int i = 1; i < 5; i++) {
            assertFalse(video(1, i, 1));
        }
        run(299);
        assertEquals(0, sent.size());
        run(2);
        assertEquals(1, sent.size());
        run(100);
        pacer.setCongested(false);
        run(5);
        assertEquals(4, sent.size());
    }

    @Test
    void aProbeIsSentAtItsRate() {
        // 2.4 Mbit/s: 1000 bytes in 3.33 ms; portions of 600 bytes, each one packet here.
        pacer.addProbe(new ProbeCluster(3, 2_400_000, 4500, 5, nowMs * MS));
        assertTrue(pacer.nextDeadlineNanos() <= nowMs * MS);
        for (int i = 0; i < 3; i++) {
            assertFalse(video(1, i, 1));
        }
        run(30);
        // Three packets of media and padding for the rest.
        assertEquals(3, sent.stream().filter(s -> s.packet() >= 0 && s.probe() == 3).count());
        assertTrue(padding >= 1500 && padding <= 2500, "padding: " + padding);
        long first = sent.getFirst().atMs();
        long last = sent.getLast().atMs();
        assertEquals(15, (double) last - first, 4);
        assertEquals(0, pacer.probesFailed());
        assertTrue(video(1, 50, 50));
    }

    @Test
    void aProbeWithoutPaddingWaitsForMediaAndEndsWhenThereIsTooLittle() {
        paddingAvailable = 0;
        pacer.addProbe(new ProbeCluster(3, 2_400_000, 4500, 5, nowMs * MS));
        run(10);
        assertEquals(Deadlines.NEVER, pacer.nextDeadlineNanos());
        assertFalse(video(1, 1, 1));
        run(1);
        assertEquals(List.of(new Sent(1, 1, 3, nowMs)), sent);
        run(20);
        assertEquals(1, pacer.probesFailed());
        assertTrue(video(1, 2, 2));
    }

    @Test
    void aProbeThatCouldNotStartIsGivenUp() {
        paddingAvailable = 0;
        pacer.addProbe(new ProbeCluster(3, 2_400_000, 4500, 5, nowMs * MS));
        run(6000);
        assertTrue(video(1, 1, 1));
        assertEquals(1, pacer.probesFailed());
    }

    @Test
    void probesFollowEachOtherAndAreBounded() {
        for (int id = 1; id <= 10; id++) {
            pacer.addProbe(new ProbeCluster(id, 2_400_000, 4500, 5, nowMs * MS));
        }
        assertEquals(6, pacer.probesFailed());
        run(200);
        assertEquals(List.of(7, 8, 9, 10), sent.stream().map(Sent::probe).distinct().toList());
    }

    @Test
    void packetsThatAreGoneCostNothing() {
        for (int i = 0; i < 20; i++) {
            video(1, i, i);
        }
        gone = true;
        run(20);
        assertEquals(0, pacer.queuedPackets());
        assertTrue(video(1, 100, 100));
    }

    @Test
    void closeGivesEverythingUp() {
        for (int i = 0; i < 20; i++) {
            video(1, i, i);
        }
        pacer.offerRetransmission(1, 100, BYTES, nowMs * MS);
        pacer.addProbe(new ProbeCluster(1, 2_400_000, 4500, 5, nowMs * MS));
        int queued = pacer.queuedPackets();
        pacer.close();
        assertEquals(queued, dropped.size());
        assertEquals(0, pacer.queuedBytes());
        assertEquals(Deadlines.NEVER, pacer.nextDeadlineNanos());
    }

    private boolean gone;

    private boolean video(int stream, long packet, long frame) {
        return pacer.offerVideo(stream, packet, frame, false, BYTES, nowMs * MS);
    }

    private void keyframe(int stream, long packet, long frame) {
        if (pacer.offerVideo(stream, packet, frame, true, BYTES, nowMs * MS)) {
            sent.add(new Sent(stream, packet, 0, nowMs));
        }
    }

    private void run(int ms) {
        for (long end = nowMs + ms; nowMs < end; ) {
            nowMs++;
            if (Deadlines.due(pacer.nextDeadlineNanos(), nowMs * MS)) {
                pacer.onDeadline(nowMs * MS);
            }
        }
    }

    private List<Long> packets() {
        return sent.stream().map(Sent::packet).toList();
    }

    @Override
    public int release(int stream, long packet, int probeCluster, long nowNanos) {
        if (gone) {
            return 0;
        }
        sent.add(new Sent(stream, packet, probeCluster, nowNanos / MS));
        return BYTES;
    }

    @Override
    public void drop(int stream, long packet) {
        dropped.add(packet);
    }

    @Override
    public void onFramesDropped(int stream, long nowNanos) {
        brokenStreams.add(stream);
    }

    @Override
    public int sendPadding(int bytes, int probeCluster, long nowNanos) {
        int size = Math.min(paddingAvailable, Math.max(200, bytes));
        if (size > 0) {
            padding += size;
            sent.add(new Sent(0, -1, probeCluster, nowNanos / MS));
        }
        return size;
    }
}
