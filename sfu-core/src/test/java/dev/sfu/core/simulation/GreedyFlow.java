package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayDeque;

/**
 * A download over TCP that takes what it gets: slow start, then additive increase and multiplicative decrease
 * (RFC 5681), acknowledged packet by packet over a path back that only takes time. Data is not sent again: only the
 * load on the link matters.
 */
public final class GreedyFlow {
    private static final int PACKET_BYTES = 1500;
    private static final int DUPLICATES = 3;
    private static final double INITIAL_WINDOW = 10;
    private static final long MIN_TIMEOUT_NANOS = 200 * Deadlines.MILLISECOND;

    private final VirtualTime time;
    private final SimulatedLink link;
    private final long backNanos;
    private final double maxWindow;
    private final ArrayDeque<long[]> acknowledgements = new ArrayDeque<>();
    private final ArrayDeque<long[]> outstanding = new ArrayDeque<>();
    private final VirtualTime.Alarm onBack = new VirtualTime.Alarm(this::onAcknowledgement);
    private final VirtualTime.Alarm onSilence = new VirtualTime.Alarm(this::onTimeout);
    private double window = INITIAL_WINDOW;
    private double threshold = Double.MAX_VALUE;
    private long nextSequence;
    private long recoverUntil;
    private long smoothedNanos;
    private long acknowledged;
    private boolean stopped;

    private GreedyFlow(VirtualTime time, SimulatedLink link, long backNanos, double maxWindow) {
        this.time = time;
        this.link = link;
        this.backNanos = backNanos;
        this.maxWindow = maxWindow;
    }

    /**
     * Starts now.
     *
     * @param backNanos what an acknowledgement takes
     * @param maxWindowBytes the receiver's window
     */
    public static GreedyFlow start(VirtualTime time, SimulatedLink link, long backNanos, long maxWindowBytes) {
        GreedyFlow flow = new GreedyFlow(time, link, backNanos, maxWindowBytes / (double) PACKET_BYTES);
        flow.fill(time.nowNanos());
        return flow;
    }

    /** Ends it. */
    public void stop() {
        stopped = true;
        time.set(onSilence, Deadlines.NEVER);
    }

    private void fill(long now) {
        while (!stopped && outstanding.size() < Math.min(window, maxWindow)) {
            outstanding.addLast(new long[] {nextSequence, now});
            link.sendCross(PACKET_BYTES, nextSequence++, this::onArrival);
        }
        armTimeout(now);
    }

    private void armTimeout(long now) {
        if (!stopped) {
            time.set(onSilence, now + Math.max(MIN_TIMEOUT_NANOS, 3 * smoothedNanos) + backNanos);
        }
    }

    private void onArrival(long sequence, int bytes, long now) {
        acknowledgements.addLast(new long[] {sequence, now + backNanos});
        time.set(onBack, acknowledgements.getFirst()[1]);
    }

    private void onAcknowledgement(long now) {
        long sequence = acknowledgements.removeFirst()[0];
        if (!acknowledgements.isEmpty()) {
            time.set(onBack, acknowledgements.getFirst()[1]);
        }
        boolean lost = false;
        while (!outstanding.isEmpty() && outstanding.getFirst()[0] <= sequence - DUPLICATES) {
            lost |= outstanding.removeFirst()[0] >= recoverUntil;
        }
        boolean known = false;
        for (var i = outstanding.iterator(); i.hasNext() && !known; ) {
            long[] packet = i.next();
            if (packet[0] == sequence) {
                i.remove();
                known = true;
                long sample = now - packet[1];
                smoothedNanos = smoothedNanos == 0 ? sample : smoothedNanos + (sample - smoothedNanos) / 8;
            }
        }
        acknowledged++;
        if (lost) {
            threshold = Math.max(2, window / 2);
            window = threshold;
            recoverUntil = nextSequence;
        } else if (window < threshold) {
            window++;
        } else {
            window += 1 / window;
        }
        window = Math.min(window, maxWindow);
        fill(now);
    }

    private void onTimeout(long now) {
        threshold = Math.max(2, window / 2);
        window = 1;
        outstanding.clear();
        recoverUntil = nextSequence;
        fill(now);
    }

    /** Packets acknowledged. */
    public long acknowledged() {
        return acknowledged;
    }
}
