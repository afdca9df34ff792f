package dev.sfu.core.peerconnection;

import dev.sfu.core.repair.RoundTripTime;
import dev.sfu.core.rtcp.ReportBlock;
import org.jspecify.annotations.Nullable;

/** What the receiver of an outgoing stream has reported of it (RFC 3550 section 6.4.1): the latest, and the round trip. */
final class ReceiverReports {
    private final int ssrc;
    private final RoundTripTime roundTripTime = new RoundTripTime();
    private boolean heard;
    private int fractionLost;
    private int cumulativeLost;
    private long extendedHighestSequence;
    private long jitter;
    private int lastSenderReport;
    private long delaySinceLastSenderReport;
    private long lastNanos;

    ReceiverReports(int ssrc) {
        this.ssrc = ssrc;
    }

    /** Takes a report, see {@link ReportBlock}; gives whether it brought a round trip measurement. */
    boolean onReport(
            int newFractionLost,
            int newCumulativeLost,
            long newExtendedHighestSequence,
            long newJitter,
            int newLastSenderReport,
            long newDelaySinceLastSenderReport,
            int arrivalCompactNtp,
            long nowNanos) {
        heard = true;
        fractionLost = newFractionLost;
        cumulativeLost = newCumulativeLost;
        extendedHighestSequence = newExtendedHighestSequence;
        jitter = newJitter;
        lastSenderReport = newLastSenderReport;
        delaySinceLastSenderReport = newDelaySinceLastSenderReport;
        lastNanos = nowNanos;
        return roundTripTime.onReport(newLastSenderReport, newDelaySinceLastSenderReport, arrivalCompactNtp);
    }

    /** Whether there has been one, which shows that the receiver knows the stream. */
    boolean heard() {
        return heard;
    }

    /** The latest, made for the caller; null before the first. */
    @Nullable ReportBlock last() {
        return heard
                ? new ReportBlock(
                        ssrc,
                        fractionLost,
                        cumulativeLost,
                        extendedHighestSequence,
                        jitter,
                        lastSenderReport,
                        delaySinceLastSenderReport)
                : null;
    }

    /** When it came. */
    long lastNanos() {
        return lastNanos;
    }

    RoundTripTime roundTripTime() {
        return roundTripTime;
    }
}
