package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.peerconnection.CarriedReceiver;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.ScriptedStream;
import dev.sfu.core.routing.PipeEnd;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Carrying packets from shard to shard allocates nothing once the ring has been filled. */
@Tag("allocation")
class CrossingAllocationTest {
    private static final int TURNS = 2000;
    private static final int PACKETS_PER_TURN = 10;

    private long received;

    @Test
    void carriesWithoutAllocating() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] wakes = {0};
        Crossing crossing = new Crossing(() -> wakes[0]++);
        BufferPool sendersPool = new BufferPool(64);
        BufferPool receiversPool = new BufferPool(64);
        ScriptedStream stream = new ScriptedStream(
                ScriptedStream.receiver("v", MediaKind.VIDEO), 7, null, ScriptedStream.vp8());
        CarriedReceiver receiver = new CarriedReceiver("v", MediaKind.VIDEO, (number, roundTripNanos) -> {});
        receiver.receiver().setSink((packet, now) -> received++);
        PipeEnd end = receiver::onCarried;
        IncomingPacket packet = stream.packet(1, 3000, 0, sendersPool, new byte[1000]);
        long[] now = {0};
        LongSupplier time = () -> now[0];
        Crossing.Failures failures = failure -> {
            throw failure;
        };
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int turn = 0; turn < TURNS; turn++) {
                for (int i = 0; i < PACKETS_PER_TURN; i++) {
                    crossing.carry(end, packet, turn);
                }
                crossing.endTurn();
                now[0] = turn;
                crossing.drain(receiversPool, time, failures);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        System.out.println(least + " bytes for " + TURNS * PACKETS_PER_TURN + " packets");
        assertTrue(least < TURNS, least + " bytes (expected: fewer than one for ten packets)");
        assertEquals(5L * TURNS * PACKETS_PER_TURN, received);
        assertEquals(5L * TURNS, wakes[0]);
    }
}
