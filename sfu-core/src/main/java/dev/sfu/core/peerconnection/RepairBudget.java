package dev.sfu.core.peerconnection;

import dev.sfu.core.time.Deadlines;

/** What retransmissions may take of a path: where the path itself is full, more of them would only fill it more. */
final class RepairBudget {
    private static final double SHARE = 0.5;
    private static final long BURST_NANOS = 300 * Deadlines.MILLISECOND;

    private double bytes;
    private long paidNanos;
    private long refused;

    /** Whether something is left, with such a target; counts when not. */
    boolean has(long targetBps, long nowNanos) {
        double perNano = SHARE * targetBps / (8.0 * Deadlines.SECOND);
        bytes = Math.min(bytes + perNano * Math.max(0, nowNanos - paidNanos), perNano * BURST_NANOS);
        paidNanos = nowNanos;
        if (bytes <= 0) {
            refused++;
            return false;
        }
        return true;
    }

    /** A retransmission takes so much, which may be more than is left. */
    void take(int packetBytes) {
        bytes -= packetBytes;
    }

    /** How often there was nothing left. */
    long refused() {
        return refused;
    }
}
