package dev.sfu.core.rtcp;

import java.util.List;

/**
 * Extended report (RFC 3611) with the two blocks that let a receiver measure the round trip; others are skipped.
 *
 * @param senderSsrc who reports
 * @param blocks those known, in the order of the wire
 */
public record ExtendedReport(int senderSsrc, List<Block> blocks) implements RtcpPacket {
    static final int BLOCK_RECEIVER_REFERENCE_TIME = 4;
    static final int BLOCK_DLRR = 5;

    /** A report block. */
    public sealed interface Block permits ReceiverReferenceTime, Dlrr {}

    /**
     * The receiver's clock (RFC 3611 section 4.4).
     *
     * @param ntp 64-bit NTP timestamp when the report was sent
     */
    public record ReceiverReferenceTime(long ntp) implements Block {
        /** Middle 32 bits of {@link #ntp}, which the peer returns as LRR. */
        public int compactNtp() {
            return (int) (ntp >>> 16);
        }
    }

    /**
     * Delay since the last receiver reference time (RFC 3611 section 4.5).
     *
     * @param entries one for each receiver heard
     */
    public record Dlrr(List<DlrrEntry> entries) implements Block {
        /** Copies the list. */
        public Dlrr {
            entries = List.copyOf(entries);
        }
    }

    /**
     * The answer to one receiver.
     *
     * @param ssrc the receiver
     * @param lastReceiverReport middle 32 bits of its last reference time; 0 if none
     * @param delaySinceLastReceiverReport from receiving that to sending this, in 1/65536 s; 0 if none
     */
    public record DlrrEntry(int ssrc, int lastReceiverReport, long delaySinceLastReceiverReport) {}

    /** Copies the list. */
    public ExtendedReport {
        blocks = List.copyOf(blocks);
    }
}
