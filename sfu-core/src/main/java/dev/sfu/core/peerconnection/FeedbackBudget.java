package dev.sfu.core.peerconnection;

import dev.sfu.core.time.Deadlines;

/**
 * What the peer's feedback may give to do. One datagram can name thousands of packets in NACKs and tens of thousands in reports,
 * and each is looked up, on the thread that all others wait for.
 */
final class FeedbackBudget {
    /** Packets named in a second: several times as many as any connection sends. Those of a second may come at once. */
    static final int PACKETS_PER_SECOND = 100_000;

    private double left = PACKETS_PER_SECOND;
    private long filledNanos = Long.MIN_VALUE / 2;

    /** Whether so many packets may be looked up now; counts them if so. */
    boolean take(int packets, long nowNanos) {
        double filled = (nowNanos - filledNanos) * (double) PACKETS_PER_SECOND / Deadlines.SECOND;
        left = Math.min(left + filled, PACKETS_PER_SECOND);
        filledNanos = nowNanos;
        if (packets > left) {
            return false;
        }
        left -= packets;
        return true;
    }
}
