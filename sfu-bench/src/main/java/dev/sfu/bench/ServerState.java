package dev.sfu.bench;

import dev.sfu.bench.target.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a server holds at a moment.
 *
 * @param heapBytes live, or after the latest collection, as the one who asked wanted it; 0 without a heap
 * @param residentBytes of its process
 * @param nativeBytes what of that is neither the heap's, which {@link #JVM_FLAG} makes resident all at once, nor compiled code
 *     nor classes
 * @param gauges its metrics that go up and down, by name, without what is not about peers
 */
record ServerState(long heapBytes, long residentBytes, long nativeBytes, Map<String, Double> gauges) {
    /** Else a heap that is used up region by region would look like something that grows. */
    static final String JVM_FLAG = "-XX:+AlwaysPreTouch";

    private static final String PREFIX = "sfu_";
    private static final Set<String> NOT_ABOUT_PEERS = Set.of("sfu_ready", "sfu_shards");
    private static final double MEBIBYTES = 1 << 20;
    /** What memory may be larger than before: caches fill up. */
    private static final double TOLERANCE = 1.1;

    private static final long HEAP_SLACK_BYTES = 4 << 20;
    private static final long NATIVE_SLACK_BYTES = 16 << 20;

    ServerState {
        gauges = new TreeMap<>(gauges);
    }

    /** After a collection of all garbage, which stops the server, or as the latest collection left it. */
    static ServerState now(Target target, ServerHeap heap, boolean collecting) throws IOException, InterruptedException {
        if (collecting) {
            heap.collect();
            heap.trim();
        }
        long heapBytes = collecting ? heap.liveBytes() : heap.bytesAfterCollection();
        long residentBytes = ProcessUsage.of(target.serverPid()).residentBytes();
        return new ServerState(
                heapBytes, residentBytes, residentBytes - heap.committedBytes(), gauges(target.metrics()));
    }

    static Map<String, Double> gauges(Map<String, Double> metrics) {
        Map<String, Double> gauges = new TreeMap<>(metrics);
        gauges.keySet().removeIf(
                name -> !name.startsWith(PREFIX)
                        || name.contains("{")
                        || name.endsWith("_total")
                        || NOT_ABOUT_PEERS.contains(name));
        return gauges;
    }

    /** Whether no gauge is above what it was at {@code baseline}. */
    boolean settled(ServerState baseline) {
        return above(baseline).isEmpty();
    }

    /** The gauges that are above what they were at {@code baseline}. */
    List<String> above(ServerState baseline) {
        List<String> above = new ArrayList<>();
        gauges.forEach((name, value) -> {
            double base = baseline.gauges.getOrDefault(name, 0.0);
            if (value > base) {
                above.add(String.format("%s: %.0f (expected: %.0f)", name.substring(PREFIX.length()), value, base));
            }
        });
        return above;
    }

    /** Says by what this state's memory has grown too much since an earlier one of the same kind. */
    List<String> grown(ServerState earlier, String when) {
        List<String> grown = new ArrayList<>();
        if (heapBytes > earlier.heapBytes * TOLERANCE + HEAP_SLACK_BYTES) {
            grown.add(String.format("heap %s: %.1f MiB (before: %.1f)", when, mebibytes(heapBytes), mebibytes(earlier.heapBytes)));
        }
        if (nativeBytes > earlier.nativeBytes * TOLERANCE + NATIVE_SLACK_BYTES) {
            grown.add(String.format(
                    "native %s: %.1f MiB (before: %.1f)", when, mebibytes(nativeBytes), mebibytes(earlier.nativeBytes)));
        }
        return grown;
    }

    /** As columns of a row. */
    Result addTo(Result row) {
        memoryTo(row);
        gauges.forEach((name, value) -> row.put(name.substring(PREFIX.length()), Math.round(value)));
        return row;
    }

    /** The memory alone, as columns of a row. */
    Result memoryTo(Result row) {
        if (heapBytes > 0) {
            row.put("heap MiB", mebibytes(heapBytes)).put("native MiB", mebibytes(nativeBytes));
        }
        return row.put("RSS MiB", mebibytes(residentBytes));
    }

    private static double mebibytes(long bytes) {
        return bytes / MEBIBYTES;
    }
}
