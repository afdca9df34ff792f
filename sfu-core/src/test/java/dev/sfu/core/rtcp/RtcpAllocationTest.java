package dev.sfu.core.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.buffer.ByteWriter;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What viewers report all the time is read without garbage. */
@Tag("allocation")
class RtcpAllocationTest {
    private static final int ROUND = 10_000;

    private final RtcpReader reader = new RtcpReader();
    private final Sum sum = new Sum();

    /** Looks at everything. */
    private static final class Sum implements RtcpSink {
        private long blocks;
        private long arrivals;
        private long missing;

        @Override
        public void onReportBlock(
                int ssrc,
                int fractionLost,
                int cumulativeLost,
                long extendedHighestSequence,
                long jitter,
                int lastSenderReport,
                long delaySinceLastSenderReport) {
            blocks++;
        }

        @Override
        public void onPacket(RtcpPacket packet) {
            if (packet instanceof TransportFeedback feedback) {
                for (int i = 0; i < feedback.receivedCount(); i++) {
                    arrivals += feedback.statusIndex(i) >= 0 && feedback.arrivalNanos(i) >= 0 ? 1 : 0;
                }
            } else if (packet instanceof Nack nack) {
                for (int i = 0; i < nack.count(); i++) {
                    missing += nack.sequenceNumber(i) >= 0 ? 1 : 0;
                }
            }
        }
    }

    @Test
    void reportsFeedbackAndNacksAllocateNothing() {
        ByteWriter out = new ByteWriter(new byte[1200]);
        ReportBlock block = new ReportBlock(5, 1, 2, 3, 4, 5, 6);
        assertTrue(RtcpWriter.write(out, new ReceiverReport(1, List.of(block, block))));
        assertTrue(RtcpWriter.write(out, SourceDescription.of(1, "somebody@example.org")));
        TransportFeedbackWriter feedback = new TransportFeedbackWriter();
        feedback.start(100, 1000, out.remaining());
        for (int i = 0; i < 80; i++) {
            assertTrue(feedback.add(2 * i, 1000 + 3 * i));
        }
        assertTrue(feedback.write(out, 1, 5, 7));
        int[] numbers = new int[50];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = 3 * i;
        }
        assertEquals(numbers.length, RtcpWriter.nack(out, 1, 5, numbers, 0, numbers.length));
        byte[] datagram = out.toByteArray();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        read(datagram);
        long before = threads.getCurrentThreadAllocatedBytes();
        read(datagram);
        assertEquals(0, (threads.getCurrentThreadAllocatedBytes() - before) / ROUND);
        assertEquals(2 * 2 * ROUND, sum.blocks);
        assertEquals(2 * 80 * ROUND, sum.arrivals);
        assertEquals(2 * 50 * ROUND, sum.missing);
    }

    private void read(byte[] datagram) {
        for (int i = 0; i < ROUND; i++) {
            assertTrue(reader.read(datagram, 0, datagram.length, sum));
        }
    }
}
