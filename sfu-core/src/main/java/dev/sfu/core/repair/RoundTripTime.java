package dev.sfu.core.repair;

import dev.sfu.core.rtcp.ExtendedReport;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.time.Deadlines;

/**
 * The round trip to a peer, measured by the reports it returns: of our sender reports in LSR and DLSR (RFC 3550 section
 * 6.4.1), of our receiver reference times in DLRR (RFC 3611 section 4.5).
 */
public final class RoundTripTime {
    /** Longer ones are not believed. */
    static final long MAX_NANOS = 30 * Deadlines.SECOND;

    private static final int SMOOTHING_SHIFT = 3;

    private long latestNanos;
    private long smoothedNanos;
    private long totalNanos;
    private long measurements;

    /** Nothing measured yet. */
    public RoundTripTime() {}

    /**
     * Measures by a report block.
     *
     * @param arrivalCompactNtp our wall clock when it came, middle 32 bits of the NTP timestamp
     * @return whether it allowed a measurement
     */
    public boolean onReportBlock(ReportBlock block, int arrivalCompactNtp) {
        return onReport(block.lastSenderReport(), block.delaySinceLastSenderReport(), arrivalCompactNtp);
    }

    /**
     * Measures by two fields of a report block.
     *
     * @param lastSenderReport middle 32 bits of the NTP timestamp of the sender report answered, 0 if none
     * @param delaySinceLastSenderReport from receiving it to answering it, in 1/65536 s
     * @param arrivalCompactNtp our wall clock when it came, middle 32 bits of the NTP timestamp
     * @return whether it allowed a measurement
     */
    public boolean onReport(int lastSenderReport, long delaySinceLastSenderReport, int arrivalCompactNtp) {
        return measure(lastSenderReport, delaySinceLastSenderReport, arrivalCompactNtp);
    }

    /**
     * Measures by the DLRR entry that is about our receiver.
     *
     * @param arrivalCompactNtp our wall clock when it came, middle 32 bits of the NTP timestamp
     * @return whether it allowed a measurement
     */
    public boolean onDlrr(ExtendedReport.DlrrEntry entry, int arrivalCompactNtp) {
        return measure(entry.lastReceiverReport(), entry.delaySinceLastReceiverReport(), arrivalCompactNtp);
    }

    private boolean measure(int last, long delay, int arrival) {
        if (last == 0) {
            return false;
        }
        // Modulo 2^32; clock granularity can make a short round trip come out slightly negative.
        long ticks = Math.max(0, arrival - last - (int) delay);
        long nanos = (ticks * Deadlines.SECOND) >> 16;
        if (nanos > MAX_NANOS) {
            return false;
        }
        latestNanos = nanos;
        smoothedNanos = measurements == 0 ? nanos : smoothedNanos + ((nanos - smoothedNanos) >> SMOOTHING_SHIFT);
        totalNanos += nanos;
        measurements++;
        return true;
    }

    /** Whether there is a measurement. */
    public boolean known() {
        return measurements > 0;
    }

    /** The last measurement; 0 before the first. */
    public long latestNanos() {
        return latestNanos;
    }

    /** Moving average with a weight of 1/8 for the newest; 0 before the first. */
    public long smoothedNanos() {
        return smoothedNanos;
    }

    /** Sum of the measurements. */
    public long totalNanos() {
        return totalNanos;
    }

    /** How often it was measured. */
    public long measurements() {
        return measurements;
    }
}
