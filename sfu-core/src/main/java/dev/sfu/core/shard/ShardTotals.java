package dev.sfu.core.shard;

import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Sums up gauges, counters and drops of connections and shards. */
final class ShardTotals {
    private final Map<String, Long> gauges = new HashMap<>();
    private final Map<String, Long> counters = new HashMap<>();
    private final DropCounters drops = new DropCounters();

    void gauge(String name, long value) {
        gauges.merge(name, value, Long::sum);
    }

    void counter(String name, long value) {
        counters.merge(name, value, Long::sum);
    }

    void add(DropCounters more) {
        drops.add(more);
    }

    void add(PeerConnection connection) {
        connection.addTotals(this::counter, drops);
    }

    void add(ShardTotals other) {
        other.gauges.forEach(this::gauge);
        other.counters.forEach(this::counter);
        drops.add(other.drops);
    }

    EngineCounters toCounters() {
        Map<String, Long> byReason = new HashMap<>();
        for (Map.Entry<DropReason, Long> entry : drops.toMap().entrySet()) {
            byReason.put(entry.getKey().name().toLowerCase(Locale.ROOT), entry.getValue());
        }
        return new EngineCounters(gauges, counters, byReason);
    }
}
