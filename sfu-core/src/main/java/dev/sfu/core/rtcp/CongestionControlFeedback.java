package dev.sfu.core.rtcp;

import dev.sfu.core.buffer.ByteReader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Congestion control feedback (RFC 8888 section 3.1): for each stream, which of a range of packets arrived, when, and
 * with which ECN mark.
 *
 * <p>Kept in flat arrays of the size of the datagram: each packet reported on takes two bytes there and here.
 */
public final class CongestionControlFeedback implements RtcpPacket {
    /** {@link #arrivalOffset}: earlier than the format can say. */
    public static final int OFFSET_TOO_LARGE = 0x1FFE;

    /** {@link #arrivalOffset}: it arrived, but when is not known, or after the report timestamp. */
    public static final int OFFSET_UNKNOWN = 0x1FFF;

    /** Units of {@link #arrivalOffset} in a second. */
    public static final int OFFSETS_PER_SECOND = 1024;

    /** Packets of one stream that one report may be about. */
    public static final int MAX_REPORTS = 16_384;

    private static final int STREAM_HEADER_BYTES = 8;
    private static final int TIMESTAMP_BYTES = 4;
    private static final int RECEIVED_BIT = 0x8000;

    private final int senderSsrc;
    private final int[] ssrcs;
    private final int[] beginSequences;
    // Where the reports of each stream start; one more entry for the end.
    private final int[] starts;
    private final short[] reports;
    private final int reportTimestamp;

    private CongestionControlFeedback(
            int senderSsrc, int[] ssrcs, int[] beginSequences, int[] starts, short[] reports, int reportTimestamp) {
        this.senderSsrc = senderSsrc;
        this.ssrcs = ssrcs;
        this.beginSequences = beginSequences;
        this.starts = starts;
        this.reports = reports;
        this.reportTimestamp = reportTimestamp;
    }

    /** Who received the packets. */
    public int senderSsrc() {
        return senderSsrc;
    }

    /** When this was written, in the receiver's clock: units of 1/65536 s, 32 bits, wraps. */
    public int reportTimestamp() {
        return reportTimestamp;
    }

    /** Streams reported on. */
    public int streamCount() {
        return ssrcs.length;
    }

    /** SSRC of a stream. */
    public int ssrc(int stream) {
        return ssrcs[stream];
    }

    /** RTP sequence number of the first packet reported on, 0 to 65535. */
    public int beginSequence(int stream) {
        return beginSequences[stream];
    }

    /** Consecutive packets of a stream reported on, arrived or not; may be 0. */
    public int reportCount(int stream) {
        return starts[stream + 1] - starts[stream];
    }

    /** Whether the packet that is {@code index} after the first arrived. */
    public boolean received(int stream, int index) {
        return (report(stream, index) & RECEIVED_BIT) != 0;
    }

    /** The packet's ECN field as it arrived, 0 to 3 (RFC 3168 section 5). */
    public int ecn(int stream, int index) {
        return (report(stream, index) >> 13) & 3;
    }

    /**
     * When it arrived: so many 1/1024 s before {@link #reportTimestamp()}; or {@link #OFFSET_TOO_LARGE} or
     * {@link #OFFSET_UNKNOWN}.
     */
    public int arrivalOffset(int stream, int index) {
        return report(stream, index) & 0x1FFF;
    }

    private int report(int stream, int index) {
        return reports[starts[stream] + index];
    }

    /** Reads what follows the common header of a feedback packet; null if it is inconsistent. */
    static @Nullable CongestionControlFeedback read(ByteReader in) {
        int senderSsrc = in.i32();
        int maxStreams = in.remaining() / STREAM_HEADER_BYTES;
        int[] ssrcs = new int[maxStreams];
        int[] begins = new int[maxStreams];
        int[] starts = new int[maxStreams + 1];
        short[] reports = new short[in.remaining() / 2];
        int streams = 0;
        int count = 0;
        while (in.ok() && in.remaining() > TIMESTAMP_BYTES) {
            int ssrc = in.i32();
            int begin = in.u16();
            int reportCount = in.u16();
            int padded = (reportCount + 1) & ~1;
            if (!in.ok() || reportCount > MAX_REPORTS || 2 * padded > in.remaining() - TIMESTAMP_BYTES) {
                return null;
            }
            ssrcs[streams] = ssrc;
            begins[streams] = begin;
            for (int i = 0; i < reportCount; i++) {
                reports[count++] = (short) in.u16();
            }
            in.skip(2 * (padded - reportCount));
            starts[++streams] = count;
        }
        int timestamp = in.i32();
        if (!in.ok()) {
            return null;
        }
        return new CongestionControlFeedback(
                senderSsrc,
                Arrays.copyOf(ssrcs, streams),
                Arrays.copyOf(begins, streams),
                Arrays.copyOf(starts, streams + 1),
                Arrays.copyOf(reports, count),
                timestamp);
    }

    @Override
    public String toString() {
        return "CongestionControlFeedback[" + streamCount() + " streams, " + reports.length + " reports]";
    }
}
