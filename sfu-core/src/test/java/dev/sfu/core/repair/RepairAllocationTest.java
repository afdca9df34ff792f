package dev.sfu.core.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.time.Deadlines;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What happens for every packet allocates nothing once the arrays have grown. */
@Tag("allocation")
class RepairAllocationTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final BufferPool pool = new BufferPool(2000);
    private final NackGenerator nack = new NackGenerator();
    private final ReceiveStatistics statistics = new ReceiveStatistics(90_000);
    private final RetransmissionHistory history = new RetransmissionHistory(512);
    private final int[] out = new int[64];
    private long sequence;

    @Test
    void packetsAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        packets(20_000);
        long before = threads.getCurrentThreadAllocatedBytes();
        packets(20_000);
        long perPacket = (threads.getCurrentThreadAllocatedBytes() - before) / 20_000;
        assertEquals(0, perPacket);
        assertTrue(nack.recovered() > 100);
        history.close();
        assertEquals(0, pool.outstanding());
    }

    private void packets(int count) {
        for (int i = 0; i < count; i++) {
            sequence++;
            long now = sequence * MS;
            if (sequence % 20 == 0) {
                continue;
            }
            PacketBuffer buffer = pool.acquire();
            nack.onPacket(sequence, now);
            statistics.onPacket(sequence, sequence * 90, 1000, now);
            history.put(buffer, sequence, sequence * 90, false, 96, 12, 1000, 0, now);
            buffer.release();
            int due = nack.drainDue(now, out);
            for (int k = 0; k < due; k++) {
                nack.onRetransmission(sequence - (((int) sequence - out[k]) & 0xFFFF), now);
                history.find(out[k] - 1, now);
            }
        }
    }
}
