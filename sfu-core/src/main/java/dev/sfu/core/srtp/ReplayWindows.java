package dev.sfu.core.srtp;

import org.jspecify.annotations.Nullable;

/**
 * Replay windows by SSRC: an open-addressing table, because this is looked up for every packet and a boxed key would be
 * garbage. Windows are never removed: a forgotten SSRC could be replayed.
 */
final class ReplayWindows {
    private static final int INITIAL_SLOTS = 8;
    private static final int SPREAD = 0x9E37_79B9;

    private final int limit;
    private int[] ssrcs = new int[INITIAL_SLOTS];
    private @Nullable ReplayWindow[] windows = new @Nullable ReplayWindow[INITIAL_SLOTS];
    private int size;

    ReplayWindows(int limit) {
        this.limit = limit;
    }

    boolean isFull() {
        return size >= limit;
    }

    int size() {
        return size;
    }

    @Nullable ReplayWindow find(int ssrc) {
        return windows[slot(ssrc)];
    }

    /** Adds a window for an SSRC that has none. */
    void add(int ssrc, ReplayWindow window) {
        if (2 * (size + 1) > ssrcs.length) {
            grow();
        }
        put(ssrc, window);
        size++;
    }

    private void put(int ssrc, ReplayWindow window) {
        int slot = slot(ssrc);
        ssrcs[slot] = ssrc;
        windows[slot] = window;
    }

    /** Where this SSRC is, or else belongs. */
    private int slot(int ssrc) {
        int mask = ssrcs.length - 1;
        int slot = ((ssrc * SPREAD) >>> 16) & mask;
        while (windows[slot] != null && ssrcs[slot] != ssrc) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        int[] oldSsrcs = ssrcs;
        @Nullable ReplayWindow[] oldWindows = windows;
        ssrcs = new int[2 * oldSsrcs.length];
        windows = new @Nullable ReplayWindow[2 * oldSsrcs.length];
        for (int i = 0; i < oldSsrcs.length; i++) {
            ReplayWindow window = oldWindows[i];
            if (window != null) {
                put(oldSsrcs[i], window);
            }
        }
    }
}
