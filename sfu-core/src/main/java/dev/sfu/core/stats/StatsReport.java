package dev.sfu.core.stats;

import java.util.List;
import java.util.Map;

/**
 * What {@code getStats()} gives: a list of stats objects of the W3C webrtc-stats types.
 *
 * @param stats each has {@code id}, {@code timestamp} (milliseconds since 1970 with fraction), {@code type} and the
 *     members of that type under their standard names, with standard types and units; a member without a value is absent
 */
public record StatsReport(List<Map<String, Object>> stats) {
    /** Copies the list. */
    public StatsReport {
        stats = List.copyOf(stats);
    }
}
