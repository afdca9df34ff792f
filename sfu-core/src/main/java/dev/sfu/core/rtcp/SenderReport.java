package dev.sfu.core.rtcp;

import java.util.List;

/**
 * Sender report (RFC 3550 section 6.4.1).
 *
 * @param ssrc the sender
 * @param ntp wall clock when it was sent, 64-bit NTP timestamp
 * @param rtpTimestamp the same moment on the stream's RTP clock, unsigned 32 bits
 * @param packetCount RTP packets sent, modulo 2^32
 * @param octetCount payload octets sent, without headers and padding, modulo 2^32
 * @param reports at most {@link ReportBlock#MAX_PER_PACKET}
 */
public record SenderReport(
        int ssrc, long ntp, long rtpTimestamp, long packetCount, long octetCount, List<ReportBlock> reports)
        implements RtcpPacket {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if there are too many reports
     */
    public SenderReport {
        reports = List.copyOf(reports);
        if (reports.size() > ReportBlock.MAX_PER_PACKET) {
            throw new IllegalArgumentException(reports.size() + ": report blocks (expected: at most 31)");
        }
    }

    /** Middle 32 bits of {@link #ntp}, which a receiver returns as LSR. */
    public int compactNtp() {
        return (int) (ntp >>> 16);
    }
}
