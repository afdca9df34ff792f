package dev.sfu.core.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The tracks of one shard that have packets to forward.
 *
 * <p>Forwarding a packet touches state all over each subscriber's connection. What comes within a short time is therefore
 * gathered per track and then forwarded subscriber by subscriber, so that this state, and what is written, is fetched into the
 * processor's caches once for all of it.
 */
public final class ForwardQueue {
    private final List<PublishedTrack> waiting = new ArrayList<>();
    private final LongSupplier clock;

    /**
     * Nothing waits.
     *
     * @param clock reads the time anew, in nanoseconds; nothing afterwards is told an earlier time
     */
    public ForwardQueue(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * The time, read anew. A keyframe for a thousand subscribers takes a tenth of a second to send: if all of it counted as sent when
     * that began, it would look to the last of them like a queue on their networks.
     */
    long nowNanos() {
        return clock.getAsLong();
    }

    void add(PublishedTrack track) {
        waiting.add(track);
    }

    /** Whether nothing waits. */
    public boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * Forwards everything that waits.
     *
     * @param failures told when a track could not be forwarded, which is a defect; the others are forwarded all the same
     */
    public void forward(Consumer<RuntimeException> failures) {
        for (int i = 0; i < waiting.size(); i++) {
            try {
                waiting.get(i).onForwardDue();
            } catch (RuntimeException e) {
                failures.accept(e);
            }
        }
        waiting.clear();
    }
}
