package dev.sfu.core.pacing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a pacer drops, and when. */
class VideoQueueTest {
    private static final long MS = PacerScene.MS;
    private static final int BYTES = PacerScene.BYTES;
    private static final int STALE_MS = (int) (VideoQueue.MAX_STALE_NANOS / MS);
    private static final int SUPERSEDED_MS = (int) (VideoQueue.MAX_QUEUE_NANOS / MS);

    private final PacerScene scene = new PacerScene();

    @Test
    void tooManyBytesDropTheOldestFramesWholeAndSaySo() {
        // Ten frames of twelve packets; the first is being scene.sent.
        for (int i = 0; i < 120; i++) {
            scene.video(1, i, i / 12);
        }
        assertEquals(List.of(1), scene.brokenStreams);
        // The first frame stays, the other eight that are queued go.
        for (long packet : scene.dropped) {
            assertTrue(packet >= 12, "scene.dropped " + packet);
        }
        assertEquals(12, scene.dropped.getFirst() > scene.dropped.getLast() ? scene.dropped.getLast() : scene.dropped.getFirst());
        scene.run(500);
        assertTrue(scene.packets().contains(11L));
        assertEquals(0, scene.pacer.queuedPackets());
        assertEquals(scene.dropped.size(), scene.pacer.droppedPackets());
    }

    @Test
    void videoThatWaitedTooLongIsDropped() {
        scene.pacer.setPacingBps(20_000, scene.nowMs * MS);
        for (int i = 0; i < 60; i++) {
            scene.video(1, i, i / 6);
        }
        int queued = scene.pacer.queuedPackets();
        scene.run(1999);
        assertEquals(List.of(), scene.brokenStreams);
        scene.run(2);
        assertEquals(List.of(1), scene.brokenStreams);
        // Only the frame that is being scene.sent is left.
        assertTrue(scene.pacer.queuedPackets() < 6, "queued: " + scene.pacer.queuedPackets() + " of " + queued);
    }

    @Test
    void framesBeforeAKeyframeAreDroppedWithoutANotice() {
        scene.pacer.setPacingBps(80_000, scene.nowMs * MS);
        for (int i = 0; i < 30; i++) {
            scene.video(1, i, i / 6);
        }
        scene.run(100);
        for (int i = 30; i < 36; i++) {
            scene.pacer.offerVideo(1, i, 5, true, BYTES, scene.nowMs * MS);
        }
        scene.video(1, 36, 6);
        scene.run(SUPERSEDED_MS - 99);
        assertEquals(List.of(), scene.brokenStreams);
        assertTrue(scene.dropped.contains(6L) && scene.dropped.contains(29L), "dropped: " + scene.dropped);
        assertFalse(scene.dropped.contains(30L));
        assertFalse(scene.dropped.contains(36L));
    }

    @Test
    void aKeyframeDropsAtOnceWhatItWouldWaitFor() {
        // 32 packets leave in 160 ms; the first frame is being scene.sent, ten more packets are another stream's.
        for (int i = 0; i < 12; i++) {
            scene.video(1, i, 1);
        }
        for (int i = 12; i < 32; i++) {
            scene.video(1, i, i / 4);
        }
        for (int i = 100; i < 110; i++) {
            scene.video(2, i, 1);
        }
        assertEquals(List.of(), scene.dropped);
        scene.keyframe(1, 32, 50);
        assertEquals(20, scene.dropped.size());
        for (long packet : scene.dropped) {
            assertTrue(packet >= 12 && packet < 32, "scene.dropped " + packet);
        }
        assertEquals(List.of(), scene.brokenStreams, "no other is to be asked for");
        scene.keyframe(1, 33, 50);
        scene.video(1, 34, 51);
        scene.run(200);
        assertEquals(20, scene.dropped.size());
        assertTrue(scene.packets().containsAll(List.of(10L, 11L, 32L, 33L, 34L, 100L, 109L)), scene.packets()::toString);
        assertEquals(0, scene.pacer.queuedPackets());
    }

    @Test
    void aKeyframeWaitsForALittle() {
        // 9 packets leave at once and are a debt of 45 ms; 15 more take 75 ms.
        for (int i = 0; i < 24; i++) {
            scene.video(1, i, i < 12 ? 1 : i / 4);
        }
        scene.keyframe(1, 24, 50);
        scene.run(200);
        assertEquals(List.of(), scene.dropped);
        assertEquals(16, scene.sent.size());
    }

    @Test
    void aKeyframeBehindAnotherMakesThatSuperfluousToo() {
        scene.pacer.setPacingBps(80_000, scene.nowMs * MS);
        scene.video(1, 0, 1);
        scene.video(1, 1, 2);
        scene.keyframe(1, 2, 3);
        scene.keyframe(1, 3, 3);
        scene.video(1, 4, 4);
        scene.keyframe(1, 5, 5);
        assertTrue(scene.dropped.containsAll(List.of(1L, 2L, 3L, 4L)), scene.dropped::toString);
        assertEquals(1, scene.pacer.queuedPackets());
    }

    /** It was lost on the way from the publisher and came a second time. */
    @Test
    void aLatePacketOfAKeyframeDropsNothingThatNeedsIt() {
        scene.pacer.setPacingBps(80_000, scene.nowMs * MS);
        scene.video(2, 0, 1);
        scene.keyframe(1, 1, 5);
        scene.keyframe(1, 3, 5);
        scene.video(1, 4, 6);
        scene.video(1, 5, 7);
        scene.keyframe(1, 2, 5);
        assertEquals(List.of(), scene.dropped);
        scene.run(SUPERSEDED_MS + 10);
        assertEquals(List.of(), scene.dropped);
        scene.run(STALE_MS);
        assertTrue(scene.dropped.isEmpty() || scene.brokenStreams.contains(1), "another keyframe is asked for");
    }

    @Test
    void whatIsBeingSentGoesOnBeforeAKeyframe() {
        scene.pacer.setPacingBps(800_000, scene.nowMs * MS);
        for (int i = 0; i < 12; i++) {
            scene.video(1, i, 1);
        }
        for (int i = 12; i < 24; i++) {
            scene.video(1, i, 2);
        }
        scene.keyframe(1, 24, 3);
        assertEquals(12, scene.dropped.size());
        assertTrue(scene.dropped.stream().allMatch(packet -> packet >= 12), scene.dropped::toString);
        scene.run(300);
        assertTrue(scene.packets().contains(11L));
        assertTrue(scene.packets().indexOf(11L) < scene.packets().indexOf(24L));
    }

    @Test
    void videoIsStaleSoonerWithAKeyframeBehindIt() {
        scene.pacer.setPacingBps(800_000, scene.nowMs * MS);
        // 60 ms; then the path is full and next to nothing leaves.
        for (int i = 0; i < 6; i++) {
            scene.video(1, i, i);
        }
        scene.keyframe(1, 6, 6);
        assertEquals(List.of(), scene.dropped);
        scene.pacer.setCongested(true);
        int queued = scene.pacer.queuedPackets();
        scene.run(SUPERSEDED_MS - 1);
        assertEquals(List.of(), scene.dropped);
        scene.run(2);
        assertTrue(scene.dropped.size() >= queued - 3 && !scene.dropped.contains(6L), scene.dropped + " of " + queued);
        assertEquals(List.of(), scene.brokenStreams);
    }

    /** Superseded after half a second although older ones of another stream, which nothing supersedes, are before. */
    @Test
    void whatIsOldGoesThoughWhatMayStillWaitIsBefore() {
        scene.pacer.setPacingBps(800_000, scene.nowMs * MS);
        scene.video(9, 1000, 1);
        for (int i = 0; i < 4; i++) {
            scene.video(1, i, i);
        }
        for (int i = 100; i < 104; i++) {
            scene.video(2, i, i);
        }
        scene.keyframe(2, 104, 104);
        scene.pacer.setCongested(true);
        assertEquals(List.of(), scene.dropped);
        scene.run(SUPERSEDED_MS - 1);
        assertEquals(List.of(), scene.dropped);
        scene.run(2);
        assertEquals(List.of(103L, 102L, 101L, 100L), scene.dropped);
        assertEquals(List.of(), scene.brokenStreams);
    }

    @Test
    void whatMayWaitLongerCostsNoWakeUps() {
        scene.pacer.setPacingBps(800_000, scene.nowMs * MS);
        for (int i = 0; i < 30; i++) {
            scene.video(1, i, i);
        }
        scene.pacer.setCongested(true);
        int before = scene.wakeups;
        scene.run(STALE_MS - 10);
        assertEquals(List.of(), scene.dropped);
        // One packet leaves every 300 ms.
        assertTrue(scene.wakeups - before <= 8, scene.wakeups - before + " wake-ups");
        scene.run(20);
        assertEquals(List.of(1), scene.brokenStreams);
    }

    @Test
    void aKeyframeAtTheHeadIsKeptAndWhatFollowsDropped() {
        scene.pacer.setPacingBps(80_000, scene.nowMs * MS);
        scene.pacer.setCongested(true);
        scene.video(9, 1000, 1);
        for (int i = 0; i < 10; i++) {
            scene.pacer.offerVideo(1, i, 5, true, BYTES, scene.nowMs * MS);
        }
        scene.video(1, 10, 6);
        scene.video(1, 11, 7);
        scene.run(1999);
        scene.pacer.onDeadline((scene.nowMs + 2) * MS);
        assertEquals(List.of(1), scene.brokenStreams);
        assertTrue(scene.dropped.contains(10L) && scene.dropped.contains(11L));
        assertFalse(scene.dropped.contains(9L));
    }

    @Test
    void onlyTheStreamThatIsInTheWayIsDropped() {
        scene.pacer.setPacingBps(20_000, scene.nowMs * MS);
        scene.video(2, 999, 3);
        for (int i = 0; i < 20; i++) {
            scene.video(1, i, i / 4);
        }
        scene.run(1800);
        for (int i = 100; i < 105; i++) {
            scene.video(2, i, 9);
        }
        scene.run(201);
        assertTrue(scene.brokenStreams.contains(1));
        assertFalse(scene.brokenStreams.contains(2));
    }

    @Test
    void packetsAreBoundedHoweverSmall() {
        scene.pacer.setPacingBps(1000, scene.nowMs * MS);
        for (int i = 0; i < 5000; i++) {
            scene.pacer.offerVideo(1, i, i / 10, false, 1, scene.nowMs * MS);
            assertTrue(scene.pacer.queuedPackets() <= VideoQueue.MAX_PACKETS);
        }
        for (int i = 0; i < 1000; i++) {
            scene.pacer.offerRetransmission(1, i, 1, scene.nowMs * MS);
        }
        assertTrue(scene.pacer.queuedPackets() <= VideoQueue.MAX_PACKETS + Pacer.MAX_RETRANSMISSIONS);
    }

    @Test
    void anEndlessFrameIsBoundedToo() {
        for (int i = 0; i < 5000; i++) {
            scene.video(1, i, 1);
            assertTrue(scene.pacer.queuedPackets() <= VideoQueue.MAX_PACKETS);
        }
        assertTrue(scene.brokenStreams.contains(1));
    }

    private record Queued(int stream, long packet, long frame, boolean keyframe, long atNanos) {
        boolean of(int otherStream, long otherFrame) {
            return stream == otherStream && frame == otherFrame;
        }
    }

    /** Several streams over a path that gets stuck: what is too old goes in time, whatever is before it, and not by looking all the time. */
    @Test
    void nothingThatMayGoWaitsTooLong() {
        Random random = new Random(6);
        VideoQueue queue = new VideoQueue(scene, 4 << 20);
        List<Queued> queued = new ArrayList<>();
        long[] frames = new long[4];
        Queued last = new Queued(-1, -1, -1, false, 0);
        int looks = 0;
        for (long packet = 0, now = 0; now < 600_000 * MS; now += MS) {
            boolean stuck = now / MS / 3000 % 2 == 1;
            if (random.nextInt(12) == 0) {
                int stream = random.nextInt(4);
                boolean keyframe = random.nextInt(15) == 0;
                frames[stream]++;
                for (int part = random.nextInt(4); part >= 0; part--, packet++) {
                    Queued one = new Queued(stream, packet, frames[stream], keyframe, now);
                    queued.add(one);
                    queue.add(stream, packet, one.frame, keyframe, BYTES, now);
                }
            }
            if (now >= queue.dropNanos()) {
                queue.dropOld(now);
                assertTrue(queue.dropNanos() > now);
                looks++;
            }
            queued.removeIf(one -> scene.dropped.contains(one.packet));
            scene.dropped.clear();
            if (!queue.isEmpty() && random.nextInt(stuck ? 300 : 4) == 0) {
                last = queued.removeFirst();
                assertEquals(last.packet, queue.poll());
                queue.onSent(last.stream, last.frame);
            }
            assertEquals(queued.size(), queue.size());
            for (int i = 0; i < queued.size(); i++) {
                Queued one = queued.get(i);
                if (!one.of(last.stream, last.frame)) {
                    assertTrue(now - one.atNanos < maxAgeNanos(one, queued.subList(i, queued.size())), one::toString);
                }
            }
        }
        assertTrue(scene.brokenStreams.size() > 50, scene.brokenStreams.size() + " times all of a stream");
        // Ten minutes, half of them stuck.
        assertTrue(looks < 6000, looks + " looks");
    }

    private static long maxAgeNanos(Queued one, List<Queued> fromThere) {
        for (Queued other : fromThere) {
            if (other.keyframe && other.stream == one.stream && other.frame > one.frame) {
                return VideoQueue.MAX_QUEUE_NANOS;
            }
        }
        return one.keyframe ? Long.MAX_VALUE : VideoQueue.MAX_STALE_NANOS;
    }

    /** Two streams whose keyframes go on and on: nothing may be dropped, which each packet that comes has to find out. */
    @Test
    void aQueueFullOfKeyframesCostsLittle() {
        PacerOutput nobody = new PacerOutput() {
            @Override
            public int release(int stream, long packet, int probeCluster, long nowNanos) {
                return 0;
            }

            @Override
            public void drop(int stream, long packet) {}

            @Override
            public void onFramesDropped(int stream, long nowNanos) {}

            @Override
            public int sendPadding(int bytes, int probeCluster, long nowNanos) {
                return 0;
            }
        };
        VideoQueue queue = new VideoQueue(nobody, Long.MAX_VALUE);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < 20_000; i++) {
            queue.add(1 + i % 2, i, 7, true, BYTES, i * 1000L);
            queue.dropOld(600 * MS + i * 1000L);
        }
        assertEquals(VideoQueue.MAX_PACKETS, queue.size());
        assertEquals(20_000 - VideoQueue.MAX_PACKETS, queue.droppedPackets());
        // With a look behind each packet it is some ten seconds.
        long cpuNanos = threads.getCurrentThreadCpuTime() - before;
        assertTrue(cpuNanos < 2000 * MS, "CPU milliseconds: " + cpuNanos / MS);
    }
}
