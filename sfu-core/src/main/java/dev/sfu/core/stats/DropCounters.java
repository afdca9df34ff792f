package dev.sfu.core.stats;

import java.util.EnumMap;
import java.util.Map;

/** Packets dropped, by reason. Belongs to one thread. */
public final class DropCounters {
    private final long[] counts = new long[DropReason.values().length];

    /** All zero. */
    public DropCounters() {}

    /** Counts one packet. */
    public void count(DropReason reason) {
        counts[reason.ordinal()]++;
    }

    /** Packets dropped for {@code reason}. */
    public long of(DropReason reason) {
        return counts[reason.ordinal()];
    }

    /** Packets dropped for any reason. */
    public long total() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }

    /** Adds another's counts to these. */
    public void add(DropCounters other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }

    /** The reasons that occurred. */
    public Map<DropReason, Long> toMap() {
        Map<DropReason, Long> map = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            if (of(reason) > 0) {
                map.put(reason, of(reason));
            }
        }
        return map;
    }
}
