package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.SplittableRandom;

/** Traffic that does not adapt and shares a link: constant, or with pauses of random length. */
public final class CrossTraffic {
    private static final int PACKET_BYTES = 1200;

    private final VirtualTime time;
    private final SimulatedLink link;
    private final long gapNanos;
    private final long meanOnNanos;
    private final long meanOffNanos;
    private final SplittableRandom random;
    private final VirtualTime.Alarm next = new VirtualTime.Alarm(this::onNext);
    private final SimulatedLink.CrossReceiver receiver = (number, bytes, now) -> onArrival();
    private long pauseAtNanos = Deadlines.NEVER;
    private long sequence;
    private long arrived;

    private CrossTraffic(
            VirtualTime time, SimulatedLink link, long bps, long meanOnNanos, long meanOffNanos, long seed) {
        this.time = time;
        this.link = link;
        this.gapNanos = PACKET_BYTES * 8L * Deadlines.SECOND / bps;
        this.meanOnNanos = meanOnNanos;
        this.meanOffNanos = meanOffNanos;
        this.random = new SplittableRandom(seed);
    }

    /** Evenly spaced packets from now on. */
    public static CrossTraffic constant(VirtualTime time, SimulatedLink link, long bps) {
        CrossTraffic traffic = new CrossTraffic(time, link, bps, 0, 0, 0);
        time.set(traffic.next, time.nowNanos());
        return traffic;
    }

    /** That rate for a while, nothing for a while, in turns; both spread exponentially. */
    public static CrossTraffic onOff(
            VirtualTime time, SimulatedLink link, long bps, long meanOnNanos, long meanOffNanos, long seed) {
        CrossTraffic traffic = new CrossTraffic(time, link, bps, meanOnNanos, meanOffNanos, seed);
        traffic.pauseAtNanos = time.nowNanos() + traffic.spread(meanOnNanos);
        time.set(traffic.next, time.nowNanos());
        return traffic;
    }

    private long spread(long mean) {
        return (long) (-mean * Math.log(1 - random.nextDouble()));
    }

    private void onNext(long now) {
        if (now >= pauseAtNanos) {
            long resume = now + spread(meanOffNanos);
            pauseAtNanos = resume + spread(meanOnNanos);
            time.set(next, resume);
            return;
        }
        link.sendCross(PACKET_BYTES, sequence++, receiver);
        time.set(next, now + gapNanos);
    }

    private void onArrival() {
        arrived++;
    }

    /** Ends it. */
    public void stop() {
        time.set(next, Deadlines.NEVER);
    }

    /** Packets sent. */
    public long sent() {
        return sequence;
    }

    /** Packets that arrived. */
    public long arrived() {
        return arrived;
    }
}
