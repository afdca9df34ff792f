package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.srtp.SrtpSender;
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
    /** The JDK's AES-GCM makes 1,008 bytes of garbage for each packet. */
    private static final long BUDGET_JDK_BYTES = 1200;

    /** Besides what Corretto's makes; histories that still grow, and buffers that are kept in them, are the largest part. */
    private static final long BUDGET_BESIDES_ACCP_BYTES = 100;

    private static final SrtpProfile PROFILE = SrtpProfile.AEAD_AES_128_GCM;
    private static final int CIPHER_PACKETS = 5000;
    private static final int HEADER_BYTES = 12;
    private static final int SEQUENCE_NUMBER = 2;
    private static final int PACKET_BYTES = 1200;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** With two shards, half of the viewers get the camera through a pipe. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void forwardingStaysWithinItsBudget(int shards) {
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
            long budget = accp ? BUDGET_BESIDES_ACCP_BYTES + cipherBytes() : BUDGET_JDK_BYTES;
            assertTrue(least <= budget, least + " bytes per forwarded packet (expected: at most " + budget + ")");
            scene.assertFaultless();
        }
    }

    /**
     * What encryption of a packet allocates in this process, after all the above: none to a hundred bytes with Corretto's cipher, whose
     * lambdas and locks the compiler removes or not, differently from start to start. Tests do not have it compiled into its callers, so
     * that it is the same for all of them.
     */
    private long cipherBytes() {
        SrtpKeys keys = SrtpKeys.fromExporter(PROFILE, new byte[SrtpKeys.exporterBytes(PROFILE)], true);
        SrtpSender sender = SrtpSender.create(keys, CryptoProviders.select());
        encrypt(sender, 0);
        long before = threads.getCurrentThreadAllocatedBytes();
        encrypt(sender, CIPHER_PACKETS);
        long bytes = (threads.getCurrentThreadAllocatedBytes() - before) / CIPHER_PACKETS;
        System.out.println("the cipher: " + bytes + " B per packet");
        return bytes;
    }

    private static void encrypt(SrtpSender sender, long firstIndex) {
        byte[] plain = new byte[PACKET_BYTES];
        byte[] packet = new byte[PACKET_BYTES + PROFILE.rtpTagBytes()];
        for (int i = 0; i < CIPHER_PACKETS; i++) {
            Bytes.put16(packet, SEQUENCE_NUMBER, (int) firstIndex + i);
            sender.protectRtp(
                    firstIndex + i, packet, 0, HEADER_BYTES, 0, plain, HEADER_BYTES, PACKET_BYTES - HEADER_BYTES);
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
