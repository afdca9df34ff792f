package dev.sfu.admin;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.api.EngineCounters;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final long MOST_BYTES = 600_000;

    /** Most of it is the Prometheus client's own, about as much for each series; how many peers there are plays no part. */
    @Test
    void aScrapeAllocatesLittle() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Map<String, Long> values = IntStream.range(0, 40)
                .boxed()
                .collect(Collectors.toMap(number -> "value_" + number, number -> 1_000_000L + number));
        EngineCounters counters = new EngineCounters(Map.of("rooms", 1L), values, Map.of());
        Metrics metrics = new Metrics();
        for (int i = 0; i < 20; i++) {
            assertTrue(metrics.scrape(true, counters).contains("sfu_value_39_total 1000039.0"));
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        String text = metrics.scrape(true, counters);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        metrics.close();
        System.out.println("a scrape of " + text.length() + " characters allocates " + bytes + " bytes");
        assertTrue(bytes < MOST_BYTES, bytes + " bytes (expected: less than " + MOST_BYTES + ")");
    }
}
