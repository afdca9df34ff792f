package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.peer.SyntheticPeer;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a connected viewer that receives nothing takes of the server's heap. */
@Tag("allocation")
class ConnectionHeapTest {
    private static final int VIEWERS = 100;
    private static final int ROOMS = 10;
    private static final long BUDGET_BYTES = 60_000;

    @Test
    void idleViewersStayWithinTheirBudget() {
        try (EngineScene scene = new EngineScene(1, 600_000)) {
            // Classes, pools and caches come first.
            join(scene, "first");
            long before = usedBytes();
            join(scene, "second");
            long each = (usedBytes() - before) / VIEWERS;
            assertEquals(2 * VIEWERS, scene.gauge("connections"));
            System.out.println(each + " bytes of heap for each idle viewer");
            assertTrue(each <= BUDGET_BYTES, each + " bytes for each viewer (expected: at most " + BUDGET_BYTES + ")");
        }
    }

    private static void join(EngineScene scene, String group) {
        for (int i = 0; i < VIEWERS; i++) {
            String room = group + i % ROOMS;
            SyntheticPeer.join(scene.loop, scene.engine, room, "viewer" + i).receive(1, 1).connect();
        }
        scene.until("handshakes are over", counters -> counters.gauges().getOrDefault("handshakes_in_flight", 0L) == 0);
        scene.loop.forgetPeers();
    }

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
