package dev.sfu.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeTest {
    private static final class Timer extends DeadlineQueue.Member {
        long deadline = Deadlines.NEVER;
    }

    @Test
    void anEmptyQueueWantsNothing() {
        DeadlineQueue<Timer> queue = new DeadlineQueue<>();
        assertEquals(Deadlines.NEVER, queue.nextDeadlineNanos());
        assertNull(queue.pollDue(Long.MAX_VALUE));
        queue.set(new Timer(), Deadlines.NEVER);
        assertEquals(0, queue.size());
    }

    /** Against a plain list. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theQueueIsAlwaysInOrder(long seed) {
        Random random = new Random(seed);
        DeadlineQueue<Timer> queue = new DeadlineQueue<>();
        List<Timer> timers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            timers.add(new Timer());
        }
        long now = -1_000_000;
        for (int step = 0; step < 100_000; step++) {
            Timer timer = timers.get(random.nextInt(timers.size()));
            if (random.nextInt(10) < 7) {
                timer.deadline = random.nextInt(8) == 0 ? Deadlines.NEVER : now + random.nextInt(1000) - 100;
                queue.set(timer, timer.deadline);
            } else {
                now += random.nextInt(50);
                Timer due = queue.pollDue(now);
                long earliest = timers.stream().mapToLong(each -> each.deadline).min().orElseThrow();
                if (earliest > now) {
                    assertNull(due);
                } else {
                    assertNotNull(due);
                    assertEquals(earliest, due.deadline);
                    due.deadline = Deadlines.NEVER;
                }
            }
            if (step % 16 == 0) {
                assertEquals(
                        timers.stream().mapToLong(each -> each.deadline).min().orElseThrow(), queue.nextDeadlineNanos());
                assertEquals(
                        timers.stream().filter(each -> each.deadline != Deadlines.NEVER).count(), (long) queue.size());
            }
        }
    }

    @Test
    void ntpTimeStartsIn1900() {
        WallClock clock = WallClock.at(500, Instant.EPOCH);
        assertEquals(2_208_988_800L << 32, clock.ntp(500));
        assertEquals((2_208_988_800L << 32) + (1L << 31), clock.ntp(500 + Deadlines.SECOND / 2));
        assertEquals(0x7E80_8000, clock.compactNtp(500 + Deadlines.SECOND / 2));
        assertEquals(-1.0, clock.epochMillis(500 - Deadlines.MILLISECOND));
    }

    @Test
    void ntpTimeLeadsBack() {
        Random random = new Random(8);
        for (int i = 0; i < 10_000; i++) {
            // From 1970 to 2036, where NTP's era ends, and any monotonic origin.
            long epochSeconds = (long) (random.nextDouble() * 2_085_978_000L);
            long origin = random.nextLong() >> 4;
            WallClock clock = WallClock.at(origin, Instant.ofEpochSecond(epochSeconds, random.nextInt(1_000_000_000)));
            long now = origin + random.nextInt();
            assertTrue(Math.abs(clock.nanosOfNtp(clock.ntp(now)) - now) <= 1);
        }
    }

    @Test
    void deadlinesAreDueWhenTheyCome() {
        assertTrue(Deadlines.due(5, 5));
        assertTrue(!Deadlines.due(6, 5));
        assertTrue(!Deadlines.due(Deadlines.NEVER, Long.MAX_VALUE - 1));
        assertEquals(-3, Deadlines.earlier(-3, Deadlines.NEVER));
    }
}
