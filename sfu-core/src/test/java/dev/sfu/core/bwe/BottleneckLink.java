package dev.sfu.core.bwe;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpReader;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A path with one queue, and the receiver at its end that reports by real feedback packets. Packets are taken one at a
 * time, in the order of their sending.
 */
final class BottleneckLink {
    private static final long MS = Deadlines.MILLISECOND;

    private record Arrival(int sequence, long nanos) {}

    private record Feedback(TransportFeedback packet, long nanos) {}

    final Random random = new Random(42);
    long rateBps = 100_000_000;
    long delayNanos = 25 * MS;
    long maxQueueNanos = 300 * MS;
    double loss;
    long jitterNanos;
    /** Share of the packets that take a longer way. */
    double detour;
    long detourNanos;
    boolean feedbackBlocked;
    /** The receiver's clock gains so much. */
    double clockDrift;

    private final TransportFeedbackGenerator generator = new TransportFeedbackGenerator();
    private final PriorityQueue<Arrival> underWay = new PriorityQueue<>(Comparator.comparingLong(Arrival::nanos));
    private final ArrayDeque<Feedback> feedback = new ArrayDeque<>();
    private long freeNanos;
    private long lastArrivalNanos;
    long delivered;
    long dropped;

    void send(long sequence, int bytes, long nowNanos) {
        long start = Math.max(freeNanos, nowNanos);
        if (start - nowNanos > maxQueueNanos || random.nextDouble() < loss) {
            dropped++;
            return;
        }
        freeNanos = start + (long) (bytes * 8e9 / rateBps);
        long jitter = jitterNanos == 0 ? 0 : (long) (random.nextDouble() * jitterNanos);
        // The path keeps the order.
        lastArrivalNanos = Math.max(lastArrivalNanos, freeNanos + delayNanos + jitter);
        long longer = detour > 0 && random.nextDouble() < detour ? detourNanos : 0;
        underWay.add(new Arrival((int) sequence & 0xFFFF, lastArrivalNanos + longer));
        delivered++;
    }

    /** How long a packet sent now would wait. */
    long queueNanos(long nowNanos) {
        return Math.max(0, freeNanos - nowNanos);
    }

    /** Lets time pass; gives the feedback that has come back by then. */
    List<TransportFeedback> until(long nowNanos) {
        while (!underWay.isEmpty() && underWay.peek().nanos() <= nowNanos) {
            Arrival arrival = underWay.remove();
            report(arrival.nanos());
            generator.onPacket(arrival.sequence(), receiverClock(arrival.nanos()));
        }
        report(nowNanos);
        List<TransportFeedback> due = new ArrayList<>();
        while (!feedback.isEmpty() && feedback.peek().nanos() <= nowNanos) {
            due.add(feedback.remove().packet());
        }
        return due;
    }

    private long receiverClock(long nanos) {
        return 777 * Deadlines.SECOND + nanos + (long) (nanos * clockDrift);
    }

    private void report(long nowNanos) {
        ByteWriter out = new ByteWriter(new byte[1200]);
        while (generator.write(out, 1, 2, receiverClock(nowNanos))) {
            List<RtcpPacket> packets = new ArrayList<>();
            RtcpReader.read(out.array(), 0, out.length(), packets);
            if (!feedbackBlocked) {
                feedback.add(new Feedback((TransportFeedback) packets.getFirst(), nowNanos + delayNanos));
            }
            out = new ByteWriter(new byte[1200]);
        }
    }
}
