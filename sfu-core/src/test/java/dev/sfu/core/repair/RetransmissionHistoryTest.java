package dev.sfu.core.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.time.Deadlines;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetransmissionHistoryTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final BufferPool pool = new BufferPool(16);
    private final RetransmissionHistory history = new RetransmissionHistory(256);

    @BeforeEach
    void packetsAreKeptForASecond() {
        history.setRttNanos(0);
    }

    @AfterEach
    void everyBufferComesBack() {
        history.close();
        assertEquals(0, history.size());
        assertEquals(0, pool.outstanding());
    }

    @Test
    void findsWhatWasPut() {
        PacketBuffer buffer = pool.acquire();
        assertTrue(history.put(buffer, 65_540, 0xFFFF_FFF0L, true, 96, 28, 1100, 0x1234_5678_9ABC_DEF0L, 5 * MS));
        assertEquals(2, buffer.references());
        buffer.release();
        int slot = history.find(4, 50 * MS);
        assertTrue(slot >= 0);
        assertSame(buffer, history.buffer(slot));
        assertEquals(65_540, history.sequence(slot));
        assertEquals(0xFFFF_FFF0L, history.timestamp(slot));
        assertTrue(history.marker(slot));
        assertEquals(96, history.payloadType(slot));
        assertEquals(28, history.payloadOffset(slot));
        assertEquals(1100, history.payloadBytes(slot));
        assertEquals(0x1234_5678_9ABC_DEF0L, history.rewrite(slot));
        assertEquals(5 * MS, history.sentNanos(slot));
        assertEquals(1, history.retransmissions());
    }

    @Test
    void theMarkerIsNotPartOfThePayloadType() {
        put(1, 0, 127, false);
        int slot = history.find(1, 0);
        assertFalse(history.marker(slot));
        assertEquals(127, history.payloadType(slot));
    }

    @Test
    void nothingIsFoundInAnEmptyOrForeignPlace() {
        assertEquals(RetransmissionHistory.NOT_FOUND, history.find(0, 0));
        put(100, 0);
        assertEquals(RetransmissionHistory.NOT_FOUND, history.find(99, 0));
        assertEquals(RetransmissionHistory.NOT_FOUND, history.find(101, 0));
        assertEquals(RetransmissionHistory.NOT_FOUND, history.find(132, 0));
        assertEquals(4, history.notFound());
    }

    @Test
    void repetitionsWithinTheRoundTripAreRefused() {
        history.setRttNanos(100 * MS);
        put(7, 0);
        assertTrue(history.find(7, 10 * MS) >= 0, "the first is never refused");
        assertEquals(RetransmissionHistory.TOO_SOON, history.find(7, 84 * MS));
        assertTrue(history.find(7, 85 * MS) >= 0);
        assertEquals(2, history.retransmissions());
        assertEquals(1, history.refused());
    }

    @Test
    void theRingGrowsWhilePacketsAreYoungAndNoFurther() {
        for (int i = 0; i < 400; i++) {
            put(i, i * MS);
            assertTrue(history.size() <= 256);
        }
        assertEquals(256, history.capacity());
        assertEquals(256, history.size());
        assertEquals(256, pool.outstanding());
        assertEquals(RetransmissionHistory.NOT_FOUND, history.find(143, 400 * MS));
        assertTrue(history.find(144, 400 * MS) >= 0);
        assertTrue(history.find(399, 400 * MS) >= 0);
    }

    @Test
    void aSlowStreamStaysSmall() {
        for (int i = 0; i < 400; i++) {
            put(i, i * 50L * MS);
        }
        assertEquals(32, history.capacity());
        assertEquals(20, history.size());
    }

    @Test
    void oldPacketsAreLetGoAtTheDeadline() {
        assertEquals(Deadlines.NEVER, history.nextDeadlineNanos());
        put(1, 0);
        put(2, 300 * MS);
        assertEquals(1000 * MS, history.nextDeadlineNanos());
        assertEquals(RetransmissionHistory.NOT_FOUND, history.find(1, 1000 * MS), "too old before the deadline ran");
        history.onDeadline(1000 * MS);
        assertEquals(1, history.size());
        assertEquals(1300 * MS, history.nextDeadlineNanos());
        history.onDeadline(1300 * MS);
        assertEquals(0, pool.outstanding());
        assertEquals(Deadlines.NEVER, history.nextDeadlineNanos());
    }

    @Test
    void latePacketsAreKeptInTheirPlace() {
        put(100, 0);
        put(103, 0);
        put(101, MS);
        put(98, MS);
        assertEquals(4, history.size());
        for (int sequence : new int[] {98, 100, 101, 103}) {
            assertTrue(history.find(sequence, MS) >= 0, "sequence " + sequence);
        }
        put(400, 2 * MS);
        assertEquals(1, history.size());
        PacketBuffer old = pool.acquire();
        assertFalse(history.put(old, 144, 0, false, 96, 12, 100, 0, 2 * MS));
        assertEquals(1, old.references());
        old.release();
    }

    @Test
    void aJumpLeavesNothingBehind() {
        for (int i = 0; i < 40; i++) {
            put(i, 0);
        }
        put(1_000_000_000L, MS);
        assertEquals(1, history.size());
        assertEquals(1, pool.outstanding());
        assertTrue(history.find((int) (1_000_000_000L & 0xFFFF), MS) >= 0);
        assertEquals(1001 * MS, history.nextDeadlineNanos());
    }

    @Test
    void capacityMustBeAPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new RetransmissionHistory(500));
        assertThrows(IllegalArgumentException.class, () -> new RetransmissionHistory(0));
    }

    @Test
    void agreesWithAMapThroughRandomOperations() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            String what = "seed " + seed;
            Map<Long, Long> model = new HashMap<>();
            long now = 0;
            long next = random.nextInt(70_000);
            long highest = next - 1;
            for (int step = 0; step < 5000; step++) {
                now += random.nextInt(100) == 0 ? random.nextLong(2000 * MS) : random.nextLong(5 * MS);
                long sequence = switch (random.nextInt(20)) {
                    case 0 -> Math.max(0, highest - random.nextInt(300));
                    case 1 -> next + random.nextInt(400);
                    default -> next;
                };
                if (!model.containsKey(sequence)) {
                    PacketBuffer buffer = pool.acquire();
                    boolean kept = history.put(buffer, sequence, sequence * 3, false, 96, 12, 9, sequence, now);
                    buffer.release();
                    boolean inReach = step == 0 || sequence > highest - 256;
                    assertEquals(inReach, kept, what);
                    if (kept) {
                        model.put(sequence, now);
                        highest = Math.max(highest, sequence);
                        next = highest + 1;
                    }
                }
                if (random.nextInt(10) == 0) {
                    history.onDeadline(now);
                    assertTrue(history.nextDeadlineNanos() > now, what);
                }
                long wanted = Math.max(0, highest - random.nextInt(300));
                Long sent = model.get(wanted);
                boolean expected = sent != null && wanted > highest - 256 && now - sent < 1000 * MS;
                int slot = history.find((int) wanted & 0xFFFF, now);
                assertEquals(expected, slot >= 0, what + " step " + step + " sequence " + wanted);
                if (slot >= 0) {
                    assertEquals(wanted, history.rewrite(slot), what);
                    assertEquals((wanted * 3) & 0xFFFF_FFFFL, history.timestamp(slot), what);
                }
                assertEquals(history.size(), pool.outstanding(), what);
                assertTrue(history.size() <= history.capacity(), what);
            }
            history.close();
            assertEquals(0, pool.outstanding(), what);
        }
    }

    private void put(long sequence, long nowNanos) {
        put(sequence, nowNanos, 96, false);
    }

    private void put(long sequence, long nowNanos, int payloadType, boolean marker) {
        PacketBuffer buffer = pool.acquire();
        assertTrue(history.put(buffer, sequence, 0, marker, payloadType, 12, 100, 0, nowNanos));
        buffer.release();
    }
}
