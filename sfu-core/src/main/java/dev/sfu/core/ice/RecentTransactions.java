package dev.sfu.core.ice;

import org.jspecify.annotations.Nullable;

/**
 * The last transaction ids and the paths they came on.
 *
 * <p>MESSAGE-INTEGRITY does not cover addresses: who can see a check can send it again from an address of its own, and
 * an agent that makes no checks back would take that address for the peer's. A genuine check on another path is another
 * transaction, a genuine retransmission comes on the same path, so the same id on two paths is a replay. The memory is
 * short and a replay can outlive it; then {@link PathSelection} still prefers what the peer says later.
 */
final class RecentTransactions {
    private static final int CAPACITY = 64;

    private final long[] ids = new long[CAPACITY];
    private final @Nullable NetworkPath[] paths = new @Nullable NetworkPath[CAPACITY];
    private int count;
    private int next;

    /** Whether this is a replay of another path's request; remembers it when it is new. */
    boolean isReplay(long id, NetworkPath path) {
        for (int i = 0; i < count; i++) {
            if (ids[i] == id) {
                return paths[i] != path;
            }
        }
        ids[next] = id;
        paths[next] = path;
        next = (next + 1) % CAPACITY;
        count = Math.min(count + 1, CAPACITY);
        return false;
    }

    /** Lets go of the path's object; its requests stay known. */
    void forget(NetworkPath path) {
        for (int i = 0; i < count; i++) {
            if (paths[i] == path) {
                paths[i] = null;
            }
        }
    }
}
