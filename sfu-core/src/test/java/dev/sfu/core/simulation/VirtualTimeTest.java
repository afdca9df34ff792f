package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
    private final VirtualTime time = new VirtualTime();
    private final List<String> happened = new ArrayList<>();

    @Test
    void eventsComeByTimeAndThoseOfOneMomentInTheOrderTheyWereSet() {
        time.at(2, now -> happened.add("c"));
        time.at(1, now -> happened.add("a"));
        time.at(1, now -> happened.add("b"));
        time.run(1.5);
        assertEquals(List.of("a", "b"), happened);
        assertEquals(1.5, time.seconds());
        time.run(0.5);
        assertEquals(List.of("a", "b", "c"), happened);
    }

    @Test
    void anAlarmMovesAndIsTakenOut() {
        VirtualTime.Alarm moved = new VirtualTime.Alarm(now -> happened.add("moved " + time.seconds()));
        VirtualTime.Alarm removed = new VirtualTime.Alarm(now -> happened.add("removed"));
        time.set(moved, time.nowNanos() + 5);
        time.set(removed, time.nowNanos() + 5);
        time.set(moved, time.nowNanos() + 3 * Deadlines.SECOND);
        time.set(removed, Deadlines.NEVER);
        time.run(4);
        assertEquals(List.of("moved 3.0"), happened);
    }

    @Test
    void whatIsDueInThePastHappensNowAndTimeNeverGoesBack() {
        time.run(1);
        time.at(0.5, now -> happened.add("late " + time.seconds()));
        time.run(0);
        assertEquals(List.of("late 1.0"), happened);
    }

    @Test
    void manyAlarmsThatMoveAreServedInOrder() {
        SplittableRandom random = new SplittableRandom(1);
        long[] last = {0};
        int[] served = {0};
        List<VirtualTime.Alarm> alarms = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            alarms.add(new VirtualTime.Alarm(now -> {
                assertEquals(Math.max(last[0], now), now);
                last[0] = now;
                served[0]++;
            }));
        }
        for (int i = 0; i < 20_000; i++) {
            VirtualTime.Alarm alarm = alarms.get(random.nextInt(alarms.size()));
            time.set(alarm, random.nextInt(5) == 0 ? Deadlines.NEVER : time.nowNanos() + random.nextInt(10_000));
        }
        long set = alarms.stream().filter(alarm -> alarm.dueNanos() != Deadlines.NEVER).count();
        time.run(1);
        assertEquals(set, served[0]);
    }
}
