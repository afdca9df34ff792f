package dev.sfu.core.time;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines of many state machines in one indexed binary heap: setting, moving and removing a deadline is O(log n) and
 * allocates nothing.
 *
 * <p>Each member appears at most once; it carries its own heap index through {@link Member}.
 *
 * @param <T> the kind of state machine
 */
public final class DeadlineQueue<T extends DeadlineQueue.Member> {
    /** What can be put into a queue; extend it. */
    public abstract static class Member {
        private int heapIndex = -1;
        private long deadlineNanos = Deadlines.NEVER;

        /** For subclasses. */
        protected Member() {}
    }

    private @Nullable Member[] heap = new Member[64];
    private int size;

    /** An empty queue. */
    public DeadlineQueue() {}

    /** Members that have a deadline. */
    public int size() {
        return size;
    }

    /** The earliest deadline, or {@link Deadlines#NEVER}. */
    public long nextDeadlineNanos() {
        return size == 0 ? Deadlines.NEVER : at(0).deadlineNanos;
    }

    /** Sets or moves a member's deadline; {@link Deadlines#NEVER} removes it. */
    public void set(T member, long deadlineNanos) {
        Member m = member;
        if (deadlineNanos == Deadlines.NEVER) {
            remove(m);
            return;
        }
        if (m.heapIndex < 0) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            m.deadlineNanos = deadlineNanos;
            place(m, size++);
            up(m.heapIndex);
        } else if (m.deadlineNanos != deadlineNanos) {
            m.deadlineNanos = deadlineNanos;
            up(m.heapIndex);
            down(m.heapIndex);
        }
    }

    /** Takes out a member whose deadline has come, earliest first, or gives null. */
    @SuppressWarnings("unchecked")
    public @Nullable T pollDue(long nowNanos) {
        if (size == 0 || at(0).deadlineNanos > nowNanos) {
            return null;
        }
        Member first = at(0);
        remove(first);
        return (T) first;
    }

    private void remove(Member m) {
        int index = m.heapIndex;
        if (index < 0) {
            return;
        }
        Member last = at(--size);
        heap[size] = null;
        m.heapIndex = -1;
        m.deadlineNanos = Deadlines.NEVER;
        if (last != m) {
            place(last, index);
            up(index);
            down(last.heapIndex);
        }
    }

    private void up(int start) {
        int index = start;
        Member m = at(index);
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            Member p = at(parent);
            if (p.deadlineNanos <= m.deadlineNanos) {
                break;
            }
            place(p, index);
            index = parent;
        }
        place(m, index);
    }

    private void down(int start) {
        int index = start;
        Member m = at(index);
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && at(child + 1).deadlineNanos < at(child).deadlineNanos) {
                child++;
            }
            Member c = at(child);
            if (m.deadlineNanos <= c.deadlineNanos) {
                break;
            }
            place(c, index);
            index = child;
        }
        place(m, index);
    }

    private Member at(int index) {
        Member m = heap[index];
        assert m != null;
        return m;
    }

    private void place(Member m, int index) {
        heap[index] = m;
        m.heapIndex = index;
    }
}
