package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.time.Deadlines;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the shards' threads allocate for each forwarded packet, everything that goes on besides included. */
@Tag("allocation")
class EngineAllocationTest {
    private static final int VIEWERS = 20;
    private static final int ROUNDS = 5;
    private static final int PACKETS_PER_ROUND = 300;
    /** The JDK's AES-GCM makes 1,008 bytes of garbage for each packet, that of Corretto none or a lock object of 16. */
    private static final long BUDGET_JDK_BYTES = 1200;

    private static final long BUDGET_ACCP_BYTES = 120;

    /** With two shards, half of the viewers get the camera through a pipe. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void forwardingStaysWithinItsBudget(int shards) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (EngineScene scene = EngineScene.spread(shards, VIEWERS / 2)) {
            SyntheticPeer ann = scene.join("ann");
            SentStream camera = ann.sendVideo().stream();
            ann.connect();
            List<SyntheticPeer> viewers = new ArrayList<>();
            for (int i = 0; i < VIEWERS; i++) {
                viewers.add(scene.listener("viewer" + i, 1));
            }
            ann.tracks().getFirst().setInterval(8 * Deadlines.MILLISECOND);
            camera.setFlowing(true);
            viewers.forEach(viewer -> viewer.awaitPackets(camera, 100));

            assertEquals(shards - 1, scene.gauge("shard_pipes"));
            long[] threadIds = shardThreads(shards);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long forwardedBefore = scene.counter("rtp_packets_sent");
                long allocatedBefore = sum(threads.getThreadAllocatedBytes(threadIds));
                long target = camera.packetsSent() + PACKETS_PER_ROUND;
                scene.loop.until("a round is sent", () -> camera.packetsSent() >= target);
                long allocated = sum(threads.getThreadAllocatedBytes(threadIds)) - allocatedBefore;
                long forwarded = scene.counter("rtp_packets_sent") - forwardedBefore;
                assertTrue(forwarded > PACKETS_PER_ROUND * VIEWERS / 2, forwarded + " forwarded");
                System.out.println("round " + round + ": " + allocated / forwarded + " B per forwarded packet");
                least = Math.min(least, allocated / forwarded);
            }
            boolean accp = !CryptoProviders.select().gcm().equals(CryptoProviders.jdk().gcm());
            long budget = accp ? BUDGET_ACCP_BYTES : BUDGET_JDK_BYTES;
            assertTrue(least <= budget, least + " bytes per forwarded packet (expected: at most " + budget + ")");
            scene.assertFaultless();
        }
    }

    private static long sum(long[] values) {
        return LongStream.of(values).sum();
    }

    private static long[] shardThreads(int count) {
        List<Thread> shards = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("shard-"))
                .toList();
        assertEquals(count, shards.size(), shards::toString);
        return shards.stream().mapToLong(Thread::threadId).toArray();
    }
}
