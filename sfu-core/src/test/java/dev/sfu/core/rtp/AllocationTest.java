package dev.sfu.core.rtp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class AllocationTest {
    private final byte[] source = new byte[64];
    private final byte[] target = new byte[1500];
    private final RtpPacket packet = new RtpPacket();
    private final RtpHeaderWriter writer = new RtpHeaderWriter();
    private final SequenceUnwrapper sequences = new SequenceUnwrapper();
    private final TimestampUnwrapper timestamps = new TimestampUnwrapper();

    private long handle(int packets) {
        long sum = 0;
        for (int i = 0; i < packets; i++) {
            int headerBytes = writer.begin(target, 0, target.length)
                    .payloadType(96).sequenceNumber(i).timestamp(i * 3000L).ssrc(1)
                    .extension(1, source, 0, 2)
                    .reserve(2, ExtensionValues.ABS_SEND_TIME_BYTES)
                    .extension(3, source, 0, (i & 1) == 0 ? 16 : 17)
                    .finish();
            ExtensionValues.writeAbsSendTime(target, writer.extensionOffset(2), i * 1_000_000L);
            if (packet.parse(target, 0, headerBytes + 1000)) {
                sum += sequences.unwrap(packet.sequenceNumber()) + timestamps.unwrap(packet.timestamp())
                        + packet.extensionOffset(3);
                sum += Rtx.restore(packet, 2, 97, target, 0);
            }
        }
        return sum;
    }

    @Test
    void parsingAndWritingAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertTrue(threads.isThreadAllocatedMemorySupported());
        threads.setThreadAllocatedMemoryEnabled(true);
        long sum = handle(20_000);
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        sum += handle(100_000);
        long after = threads.getCurrentThreadAllocatedBytes();
        assertTrue(after - before < 4096, "bytes in all: " + (after - before));
        assertTrue(sum > 0);
    }
}
