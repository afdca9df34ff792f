package dev.sfu.core.rtcp;

/**
 * What a receiver says about one stream (RFC 3550 section 6.4.1).
 *
 * @param ssrc the stream reported on
 * @param fractionLost lost since the last report, in 1/256; 0 to 255
 * @param cumulativeLost packets lost since the beginning; negative when duplicates outnumber losses, signed 24 bits
 * @param extendedHighestSequence highest sequence number with its cycles in the high 16 bits
 * @param jitter interarrival jitter in timestamp units
 * @param lastSenderReport middle 32 bits of the NTP timestamp of the last SR received; 0 if none
 * @param delaySinceLastSenderReport from receiving that SR to sending this block, in 1/65536 s; 0 if none
 */
public record ReportBlock(
        int ssrc,
        int fractionLost,
        int cumulativeLost,
        long extendedHighestSequence,
        long jitter,
        int lastSenderReport,
        long delaySinceLastSenderReport) {

    /** Report blocks that fit the five-bit count of an SR or RR. */
    public static final int MAX_PER_PACKET = 31;

    static final int BYTES = 24;
}
