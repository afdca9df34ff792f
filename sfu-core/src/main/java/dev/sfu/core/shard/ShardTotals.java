package dev.sfu.core.shard;

import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Sums up gauges, counters and drops of connections and shards; that there are many of those makes no garbage. */
final class ShardTotals {
    private final Map<String, Sum> gauges = new HashMap<>();
    private final Map<String, Sum> counters = new HashMap<>();
    private final DropCounters drops = new DropCounters();

    private static final class Sum {
        long value;
    }

    void gauge(String name, long value) {
        add(gauges, name, value);
    }

    void counter(String name, long value) {
        add(counters, name, value);
    }

    private static void add(Map<String, Sum> sums, String name, long value) {
        Sum sum = sums.get(name);
        if (sum == null) {
            sum = new Sum();
            sums.put(name, sum);
        }
        sum.value += value;
    }

    void add(DropCounters more) {
        drops.add(more);
    }

    void add(PeerConnection connection) {
        connection.addTotals(this::counter, drops);
    }

    void add(ShardTotals other) {
        other.gauges.forEach((name, sum) -> gauge(name, sum.value));
        other.counters.forEach((name, sum) -> counter(name, sum.value));
        drops.add(other.drops);
    }

    EngineCounters toCounters() {
        Map<String, Long> byReason = new HashMap<>();
        for (Map.Entry<DropReason, Long> entry : drops.toMap().entrySet()) {
            byReason.put(entry.getKey().name().toLowerCase(Locale.ROOT), entry.getValue());
        }
        return new EngineCounters(values(gauges), values(counters), byReason);
    }

    private static Map<String, Long> values(Map<String, Sum> sums) {
        Map<String, Long> values = new HashMap<>();
        sums.forEach((name, sum) -> values.put(name, sum.value));
        return values;
    }
}
