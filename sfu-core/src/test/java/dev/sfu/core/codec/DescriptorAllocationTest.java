package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.buffer.Bytes;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class DescriptorAllocationTest {
    private static final int PACKETS = 100_000;

    private final byte[] vp8Payload = Bytes.hex("90 F0 9234 56 A9 00");
    private final byte[] vp9Payload = Bytes.hex("AA 9234 00 56 58 0140 00B4 0280 0168 0500 02D0 02 14 01 48 01 02 82");
    private final byte[] h264Payload = Bytes.hex("78 0002 68CE 0003 65B800");
    private final byte[] av1Payload = Bytes.hex("08 01 10 03 0A0B00");
    private final byte[] target = new byte[64];
    private final Vp8Descriptor vp8 = new Vp8Descriptor();
    private final Vp9Descriptor vp9 = new Vp9Descriptor();

    private long handle(int packets) {
        long sum = 0;
        for (int i = 0; i < packets; i++) {
            if (vp8.parse(vp8Payload, 0, vp8Payload.length)) {
                sum += vp8.write(target, 0, i, i, false) + vp8.pictureId();
            }
            if (vp9.parse(vp9Payload, 0, vp9Payload.length)) {
                sum += vp9.write(target, 0, i, i, false) + vp9.spatialLayer();
            }
            sum += Keyframes.startsKeyframe(Codec.H264, h264Payload, 0, h264Payload.length) ? 1 : 0;
            sum += Keyframes.startsKeyframe(Codec.AV1, av1Payload, 0, av1Payload.length) ? 1 : 0;
        }
        return sum;
    }

    @Test
    void parsingAndRewritingAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.setThreadAllocatedMemoryEnabled(true);
        long sum = handle(20_000);
        threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadAllocatedBytes();
        sum += handle(PACKETS);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 4096, "bytes for " + PACKETS + " packets: " + allocated);
        assertTrue(sum > 0);
    }
}
