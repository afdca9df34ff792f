package dev.sfu.core.routing;

import java.util.ArrayList;
import java.util.List;

/**
 * The tracks of one shard that have packets to forward.
 *
 * <p>Forwarding a packet touches some kilobytes of state of each subscriber. What comes within a short time is therefore
 * gathered per track and then forwarded subscriber by subscriber, so that this state, and what is written, is fetched into the
 * processor's caches once for all of it.
 */
public final class ForwardQueue {
    /** Told when a track could not be forwarded, which is a defect. */
    @FunctionalInterface
    public interface Failures {
        /** The other tracks are forwarded all the same. */
        void onFailure(RuntimeException failure);
    }

    private final List<PublishedTrack> waiting = new ArrayList<>();

    /** Nothing waits. */
    public ForwardQueue() {}

    void add(PublishedTrack track) {
        waiting.add(track);
    }

    /** Whether nothing waits. */
    public boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Forwards everything that waits. */
    public void forward(long nowNanos, Failures failures) {
        for (int i = 0; i < waiting.size(); i++) {
            try {
                waiting.get(i).onForwardDue(nowNanos);
            } catch (RuntimeException e) {
                failures.onFailure(e);
            }
        }
        waiting.clear();
    }
}
