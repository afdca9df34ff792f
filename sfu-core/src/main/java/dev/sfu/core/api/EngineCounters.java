package dev.sfu.core.api;

import java.util.Map;

/**
 * Engine-wide totals at a moment.
 *
 * @param gauges what exists now: {@code rooms}, {@code participants}, {@code connections}, {@code tracks},
 *     {@code subscriptions}, {@code buffers_outstanding} …
 * @param counters totals since start: {@code rtp_packets_received}, {@code rtp_packets_sent}, {@code bytes_received} …
 * @param drops packets dropped since start, by the lower-case name of the reason
 */
public record EngineCounters(Map<String, Long> gauges, Map<String, Long> counters, Map<String, Long> drops) {
    /** Copies the maps. */
    public EngineCounters {
        gauges = Map.copyOf(gauges);
        counters = Map.copyOf(counters);
        drops = Map.copyOf(drops);
    }
}
