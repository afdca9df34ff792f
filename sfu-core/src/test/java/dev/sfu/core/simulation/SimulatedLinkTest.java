package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedLinkTest {
    private static final long SEED = 3;
    private static final long MS = Deadlines.MILLISECOND;
    private static final int PAYLOAD_BYTES = 1000 - SimulatedLink.HEADER_BYTES;

    private final VirtualTime time = new VirtualTime();
    private final BufferPool pool = new BufferPool(64);
    /** Number and time since the beginning, of each arrival. */
    private final List<long[]> arrivals = new ArrayList<>();

    @Test
    void aPerfectLinkDeliversAtOnceAndInOrder() {
        SimulatedLink link = link(LinkConfig.PERFECT);
        send(link, 10, 0);
        time.run(0);
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), numbers());
        assertTrue(arrivals.stream().allMatch(arrival -> arrival[1] == 0));
        assertEquals(0, pool.outstanding());
    }

    @Test
    void theBottleneckSendsAtItsRateAndDelayComesOnTop() {
        // 1000 bytes at 1 Mbit/s are 8 ms.
        SimulatedLink link = link(LinkConfig.PERFECT.withRateBps(1_000_000).withDelayNanos(50 * MS));
        send(link, 3, 0);
        time.run(1);
        assertEquals(List.of(58 * MS, 66 * MS, 74 * MS), times());
        assertEquals(8.0, link.meter().meanWaitMillis(), 1e-9);
        assertEquals(16.0, link.meter().waitMillis(0.95), 1e-9);
    }

    @Test
    void aRateThatChangesAppliesToWhatWaitsAndToTheRestOfWhatIsBeingSent() {
        SimulatedLink link = link(LinkConfig.PERFECT.withRateBps(1_000_000));
        send(link, 2, 0);
        time.at(0.004, now -> link.setRateBps(500_000));
        time.run(1);
        // Half of the first at twice the time, then all of the second.
        assertEquals(List.of(12 * MS, 28 * MS), times());
        assertEquals(502_000, link.meter().capacityBps(0), 1);
    }

    @Test
    void theQueueDropsWhatWouldWaitTooLongOrDoesNotFit() {
        SimulatedLink byTime = link(LinkConfig.PERFECT.withRateBps(1_000_000).withQueueNanos(40 * MS));
        send(byTime, 100, 0);
        time.run(1);
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L), numbers());
        arrivals.clear();
        SimulatedLink byBytes = link(LinkConfig.PERFECT.withRateBps(1_000_000).withQueueBytes(3_000));
        send(byBytes, 100, 0);
        time.run(1);
        assertEquals(List.of(0L, 1L, 2L), numbers());
        assertEquals(new LinkMeter.Counts(100, 97, 0, 0, 0, 3), byBytes.meter().counts());
    }

    @Test
    void randomLossHasTheShareAskedForAndBurstsHaveTheirLengthToo() {
        assertEquals(0.05, lossAfter(Loss.random(0.05), 100_000)[0], 0.005);
        double[] bursts = lossAfter(Loss.bursts(0.05, 8), 400_000);
        assertEquals(0.05, bursts[0], 0.005);
        assertEquals(8, bursts[1], 0.5);
        assertEquals(0.05, Loss.bursts(0.05, 8).share(), 1e-12);
    }

    /** Share of lost packets and mean length of a run of them. */
    private double[] lossAfter(Loss loss, int packets) {
        arrivals.clear();
        SimulatedLink link = link(LinkConfig.PERFECT.withLoss(loss));
        send(link, packets, 1_000);
        time.run(1);
        long runs = 0;
        long last = -1;
        for (long[] arrival : arrivals) {
            runs += arrival[0] > last + 1 ? 1 : 0;
            last = arrival[0];
        }
        double lost = packets - arrivals.size();
        assertEquals((long) lost, link.meter().counts().lost());
        return new double[] {lost / packets, lost / runs};
    }

    @Test
    void jitterKeepsTheOrderUnlessToldOtherwise() {
        LinkConfig config = LinkConfig.PERFECT.withDelayNanos(20 * MS);
        send(link(config.withJitterNanos(30 * MS, false)), 1_000, MS);
        time.run(2);
        assertEquals(numbers().stream().sorted().toList(), numbers());
        assertTrue(arrivals.stream().allMatch(a -> a[1] >= (a[0] + 20) * MS && a[1] <= (a[0] + 50) * MS));
        assertTrue(arrivals.stream().anyMatch(a -> a[1] > (a[0] + 45) * MS));
        arrivals.clear();
        long start = time.nowNanos();
        send(link(config.withJitterNanos(30 * MS, true)), 1_000, MS);
        time.runUntil(start + 2 * Deadlines.SECOND);
        assertNotEquals(numbers().stream().sorted().toList(), numbers());
        assertEquals(1_000, new HashSet<>(numbers()).size());
    }

    @Test
    void heldBackPacketsArriveLateAndDuplicatesTwice() {
        send(link(LinkConfig.PERFECT.withReordering(0.1, 5 * MS)), 10_000, MS);
        time.run(11);
        long late = arrivals.stream().filter(a -> a[1] == (a[0] + 5) * MS).count();
        assertEquals(1_000.0, (double) late, 150.0);
        arrivals.clear();
        SimulatedLink link = link(LinkConfig.PERFECT.withDuplication(0.2));
        send(link, 10_000, 0);
        time.run(1);
        assertEquals(12_000.0, arrivals.size(), 200.0);
        assertEquals(arrivals.size() - 10_000, link.meter().counts().duplicated());
        assertEquals(0, pool.outstanding());
    }

    @Test
    void packetsLargerThanTheMtuAreDropped() {
        SimulatedLink link = link(LinkConfig.PERFECT.withMtuBytes(999));
        send(link, 2, 0);
        time.run(0);
        link.configure(LinkConfig.PERFECT.withMtuBytes(1000));
        send(link, 1, 0);
        time.run(1);
        assertEquals(new LinkMeter.Counts(3, 0, 2, 0, 0, 1), link.meter().counts());
    }

    @Test
    void aGreedyFlowFillsTheLinkAndSharesItWithAnother() {
        SimulatedLink link = link(LinkConfig.of(2_000, 20));
        GreedyFlow first = GreedyFlow.start(time, link, 20 * MS, 1 << 20);
        time.run(20);
        for (int second = 5; second < 20; second++) {
            assertEquals(2_000_000, link.meter().crossBps(second), 60_000, "second " + second);
        }
        assertTrue(link.meter().crossCounts().queueFull() > 0, "it finds the end of the queue");
        long before = first.acknowledged();
        GreedyFlow second = GreedyFlow.start(time, link, 20 * MS, 1 << 20);
        time.run(120);
        double share = second.acknowledged() / (double) (first.acknowledged() - before + second.acknowledged());
        assertEquals(0.5, share, 0.2);
        first.stop();
        second.stop();
        time.run(1);
        assertEquals(0, link.meter().crossCounts().inside());
    }

    @Test
    void onOffTrafficIsOnForItsShareOfTheTime() {
        SimulatedLink link = link(LinkConfig.PERFECT);
        CrossTraffic traffic =
                CrossTraffic.onOff(time, link, 1_000_000, 300 * MS, 700 * MS, SEED);
        time.run(600);
        assertEquals(0.3, traffic.sent() * 1200 * 8 / 600e6, 0.05);
        traffic.stop();
        time.run(1);
        assertEquals(traffic.sent(), traffic.arrived());
    }

    private SimulatedLink link(LinkConfig config) {
        long start = time.nowNanos();
        return new SimulatedLink(time, pool, config, SEED, (datagram, now) -> {
            arrivals.add(new long[] {Bytes.u32(datagram.array(), datagram.offset()), now - start});
            datagram.release();
        });
    }

    /** Numbered packets of 1000 bytes on the wire, with that much time between two. */
    private void send(SimulatedLink link, int count, long gapNanos) {
        for (int i = 0; i < count; i++) {
            int number = i;
            VirtualTime.Alarm alarm = new VirtualTime.Alarm(now -> {
                byte[] bytes = new byte[PAYLOAD_BYTES];
                Bytes.put32(bytes, 0, number);
                link.send(pool.acquire().set(bytes, 0, bytes.length));
            });
            time.set(alarm, time.nowNanos() + i * gapNanos);
        }
    }

    private List<Long> numbers() {
        return arrivals.stream().map(arrival -> arrival[0]).toList();
    }

    private List<Long> times() {
        return arrivals.stream().map(arrival -> arrival[1]).toList();
    }
}
