package dev.sfu.core.rtcp;

import java.util.List;

/**
 * Receiver report (RFC 3550 section 6.4.2).
 *
 * @param ssrc who reports
 * @param reports at most {@link ReportBlock#MAX_PER_PACKET}
 */
public record ReceiverReport(int ssrc, List<ReportBlock> reports) implements RtcpPacket {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if there are too many reports
     */
    public ReceiverReport {
        reports = List.copyOf(reports);
        if (reports.size() > ReportBlock.MAX_PER_PACKET) {
            throw new IllegalArgumentException(reports.size() + ": report blocks (expected: at most 31)");
        }
    }
}
