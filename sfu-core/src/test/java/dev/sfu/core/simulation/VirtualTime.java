package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A clock that jumps from event to event. Events of one moment run in the order in which they were set, so that the
 * same run has the same order.
 */
public final class VirtualTime {
    /** Where time starts: not zero, which must mean nothing special to anybody. */
    public static final long ORIGIN_NANOS = 3600 * Deadlines.SECOND;

    /** What happens at a moment. */
    @FunctionalInterface
    public interface Task {
        /** Called when the time has come. */
        void run(long nowNanos);
    }

    /** A task with a moment that can be moved. */
    public static final class Alarm {
        private final Task task;
        private long dueNanos = Deadlines.NEVER;
        private long order;
        private int heapIndex = -1;

        /** An alarm that is not set. */
        public Alarm(Task task) {
            this.task = task;
        }

        /** When it is due, or {@link Deadlines#NEVER}. */
        public long dueNanos() {
            return dueNanos;
        }
    }

    private @Nullable Alarm[] heap = new Alarm[256];
    private int size;
    private long nowNanos = ORIGIN_NANOS;
    private long nextOrder;
    private long events;

    /** At {@link #ORIGIN_NANOS}. */
    public VirtualTime() {}

    /** The time. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Seconds since the beginning. */
    public double seconds() {
        return (nowNanos - ORIGIN_NANOS) / (double) Deadlines.SECOND;
    }

    /** Events so far. */
    public long events() {
        return events;
    }

    /** Sets or moves an alarm; a time that has passed means now, {@link Deadlines#NEVER} takes it out. */
    public void set(Alarm alarm, long dueNanos) {
        if (dueNanos == Deadlines.NEVER) {
            remove(alarm);
            return;
        }
        long due = Math.max(dueNanos, nowNanos);
        if (alarm.heapIndex >= 0) {
            if (alarm.dueNanos == due) {
                return;
            }
        } else {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            place(alarm, size++);
        }
        alarm.dueNanos = due;
        alarm.order = nextOrder++;
        up(alarm.heapIndex);
        down(alarm.heapIndex);
    }

    /** Does something once, so many seconds after the beginning. */
    public void at(double seconds, Task task) {
        set(new Alarm(task), ORIGIN_NANOS + (long) (seconds * Deadlines.SECOND));
    }

    /** Does something again and again, the first time after one period. */
    public void every(long periodNanos, Task task) {
        Alarm[] self = new Alarm[1];
        self[0] = new Alarm(now -> {
            set(self[0], now + periodNanos);
            task.run(now);
        });
        set(self[0], nowNanos + periodNanos);
    }

    /** Lets everything happen until then. */
    public void runUntil(long endNanos) {
        while (size > 0 && at(0).dueNanos <= endNanos) {
            Alarm next = at(0);
            nowNanos = next.dueNanos;
            remove(next);
            events++;
            next.task.run(nowNanos);
        }
        nowNanos = Math.max(nowNanos, endNanos);
    }

    /** Lets so many seconds pass. */
    public void run(double seconds) {
        runUntil(nowNanos + (long) (seconds * Deadlines.SECOND));
    }

    private void remove(Alarm alarm) {
        int index = alarm.heapIndex;
        if (index < 0) {
            return;
        }
        Alarm last = at(--size);
        heap[size] = null;
        alarm.heapIndex = -1;
        alarm.dueNanos = Deadlines.NEVER;
        if (last != alarm) {
            place(last, index);
            up(index);
            down(last.heapIndex);
        }
    }

    private static boolean before(Alarm a, Alarm b) {
        return a.dueNanos < b.dueNanos || (a.dueNanos == b.dueNanos && a.order < b.order);
    }

    private void up(int start) {
        int index = start;
        Alarm alarm = at(index);
        while (index > 0 && before(alarm, at((index - 1) >>> 1))) {
            place(at((index - 1) >>> 1), index);
            index = (index - 1) >>> 1;
        }
        place(alarm, index);
    }

    private void down(int start) {
        int index = start;
        Alarm alarm = at(index);
        while (2 * index + 1 < size) {
            int child = 2 * index + 1;
            if (child + 1 < size && before(at(child + 1), at(child))) {
                child++;
            }
            if (before(alarm, at(child))) {
                break;
            }
            place(at(child), index);
            index = child;
        }
        place(alarm, index);
    }

    private Alarm at(int index) {
        Alarm alarm = heap[index];
        assert alarm != null;
        return alarm;
    }

    private void place(Alarm alarm, int index) {
        heap[index] = alarm;
        alarm.heapIndex = index;
    }
}
