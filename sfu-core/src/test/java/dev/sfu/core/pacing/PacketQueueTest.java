package dev.sfu.core.pacing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketQueueTest {
    @Test
    void isAListThatForgetsFromAnywhere() {
        Random random = new Random(11);
        for (int max : new int[] {1, 5, 40, 512}) {
            PacketQueue queue = new PacketQueue(max);
            List<Long> model = new ArrayList<>();
            for (long i = 0; i < 20_000; i++) {
                if (random.nextInt(100) < 52) {
                    boolean room = model.size() < max;
                    assertEquals(room, queue.add((int) i % 3, i, i / 4, i % 7 == 0, 10, i));
                    if (room) {
                        model.add(i);
                    }
                } else if (!model.isEmpty()) {
                    int rank = random.nextBoolean() ? 0 : random.nextInt(queue.span());
                    if (!queue.hole(rank)) {
                        assertTrue(model.remove(queue.packet(rank)));
                        queue.remove(rank);
                    }
                }
                assertEquals(model.size(), queue.size());
                assertEquals(10L * model.size(), queue.queuedBytes());
                assertEquals(model.isEmpty(), queue.isEmpty());
                if (!model.isEmpty()) {
                    assertEquals(model.getFirst(), queue.packet(0));
                }
            }
            assertContents(model, queue);
        }
    }

    private static void assertContents(List<Long> model, PacketQueue queue) {
        List<Long> contents = new ArrayList<>();
        for (int rank = 0; rank < queue.span(); rank++) {
            if (!queue.hole(rank)) {
                long packet = queue.packet(rank);
                contents.add(packet);
                assertEquals((int) packet % 3, queue.stream(rank));
                assertEquals(packet / 4, queue.frame(rank));
                assertEquals(packet % 7 == 0, queue.keyframe(rank));
                assertEquals(packet, queue.queuedNanos(rank));
            }
        }
        assertEquals(model, contents);
        assertEquals(model.stream().filter(packet -> packet % 7 == 0).count(), queue.keyframes());
    }

    @Test
    void emptyHasNoHoles() {
        PacketQueue queue = new PacketQueue(8);
        queue.add(1, 1, 1, false, 10, 0);
        queue.add(1, 2, 1, false, 10, 0);
        queue.remove(1);
        assertEquals(2, queue.span());
        assertFalse(queue.isEmpty());
        queue.remove(0);
        assertEquals(0, queue.span());
        assertTrue(queue.isEmpty());
    }
}
