package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.pacing.Pacer;
import dev.sfu.core.pacing.PacerOutput;
import dev.sfu.core.time.Deadlines;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Packets and feedback allocate nothing once the arrays have grown. */
@Tag("allocation")
class BweAllocationTest implements PacerOutput {
    private static final long MS = Deadlines.MILLISECOND;
    private static final int FEEDBACK_PACKETS = 50;

    private final GoogCcNetworkController controller = new GoogCcNetworkController(BandwidthConfig.defaults());
    private final Pacer pacer = new Pacer(this, controller.pacingBps(), 1 << 20);
    private long sequence;
    private long released;

    @Test
    void packetsAndFeedbackAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        packets(50_000);
        long before = threads.getCurrentThreadAllocatedBytes();
        packets(50_000);
        long perPacket = (threads.getCurrentThreadAllocatedBytes() - before) / 50_000;
        assertEquals(0, perPacket);
        assertTrue(controller.estimate().acknowledgedBps() > 0);
        assertTrue(released > 1000 && pacer.sentDirectly() > 1000, "queued " + released);
    }

    private void packets(int count) {
        for (int i = 0; i < count; i++) {
            sequence++;
            long now = sequence * MS;
            boolean audio = sequence % 10 == 0;
            if (audio) {
                pacer.onAudio(100, now);
                controller.onPacketSent(sequence, 100, true, ProbeCluster.NONE, now);
            } else if (pacer.offerVideo(1, sequence, sequence / 30, false, 1200, now)) {
                controller.onPacketSent(sequence, 1200, false, ProbeCluster.NONE, now);
            }
            // Half the rate of the media, now and then, so that some is queued.
            pacer.setPacingBps(sequence / 500 % 2 == 0 ? 20_000_000 : 6_000_000, now);
            if (Deadlines.due(pacer.nextDeadlineNanos(), now)) {
                pacer.onDeadline(now);
            }
            if (sequence % FEEDBACK_PACKETS == 0) {
                feedback(now);
            }
        }
    }

    private void feedback(long now) {
        controller.beginFeedback(now);
        for (long s = sequence - FEEDBACK_PACKETS; s < sequence; s++) {
            // Now and then a queue, whose rate is measured.
            long way = s / 1000 % 3 == 0 ? 20 + s % 1000 / 10 : 20;
            controller.onPacketReport(s, s % 33 == 0 ? GoogCcNetworkController.NOT_ARRIVED : (s + way) * MS);
        }
        controller.endFeedback();
        if (Deadlines.due(controller.nextDeadlineNanos(), now)) {
            controller.onDeadline(now);
        }
        controller.setNextLayerBps(10_000_000, now);
        while (controller.pollProbeCluster() != null) {
            released++;
        }
    }

    @Override
    public int release(int stream, long packet, int probeCluster, long nowNanos) {
        released++;
        return 1200;
    }

    @Override
    public void drop(int stream, long packet) {
        released++;
    }

    @Override
    public void onFramesDropped(int stream, long nowNanos) {}

    @Override
    public int sendPadding(int bytes, int probeCluster, long nowNanos) {
        return 0;
    }
}
