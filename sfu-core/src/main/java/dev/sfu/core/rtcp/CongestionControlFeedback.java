package dev.sfu.core.rtcp;

import dev.sfu.core.buffer.ByteReader;
import java.util.Arrays;
import java.util.Objects;
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

    private static final int TIMESTAMP_BYTES = 4;
    private static final int RECEIVED_BIT = 0x8000;

    private static final int INITIAL_STREAMS = 4;
    private static final int INITIAL_REPORTS = 64;

    private int senderSsrc;
    private int streamCount;
    private int allReports;
    // As long as what has come so far needed, at most what a datagram holds.
    private int[] ssrcs = {};
    private int[] beginSequences = {};
    /** Where the reports of each stream start; one more entry for the end. */
    private int[] starts = {0};
    private short[] reports = {};
    private int reportTimestamp;

    CongestionControlFeedback() {}

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
        return streamCount;
    }

    /** SSRC of a stream. */
    public int ssrc(int stream) {
        return ssrcs[Objects.checkIndex(stream, streamCount)];
    }

    /** RTP sequence number of the first packet reported on, 0 to 65535. */
    public int beginSequence(int stream) {
        return beginSequences[Objects.checkIndex(stream, streamCount)];
    }

    /** Consecutive packets of a stream reported on, arrived or not; may be 0. */
    public int reportCount(int stream) {
        return starts[Objects.checkIndex(stream, streamCount) + 1] - starts[stream];
    }

    /** Packets of all streams reported on. */
    public int reportCount() {
        return allReports;
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
        return reports[starts[stream] + Objects.checkIndex(index, reportCount(stream))];
    }

    /** Reads what follows the common header of a feedback packet; null if it is inconsistent. */
    static @Nullable CongestionControlFeedback readNew(ByteReader in) {
        CongestionControlFeedback feedback = new CongestionControlFeedback();
        return feedback.read(in) ? feedback : null;
    }

    /** Takes the place of what was read before; false, with nothing to rely on, if the packet is inconsistent. */
    boolean read(ByteReader in) {
        senderSsrc = in.i32();
        streamCount = 0;
        allReports = 0;
        while (in.ok() && in.remaining() > TIMESTAMP_BYTES) {
            int ssrc = in.i32();
            int begin = in.u16();
            int reportCount = in.u16();
            int padded = (reportCount + 1) & ~1;
            if (!in.ok() || reportCount > MAX_REPORTS || 2 * padded > in.remaining() - TIMESTAMP_BYTES) {
                return false;
            }
            reserve(streamCount + 1, allReports + reportCount);
            ssrcs[streamCount] = ssrc;
            beginSequences[streamCount] = begin;
            for (int i = 0; i < reportCount; i++) {
                reports[allReports++] = (short) in.u16();
            }
            in.skip(2 * (padded - reportCount));
            starts[++streamCount] = allReports;
        }
        reportTimestamp = in.i32();
        return in.ok();
    }

    private void reserve(int streams, int reportsNeeded) {
        if (streams > ssrcs.length) {
            int capacity = Math.max(INITIAL_STREAMS, 2 * ssrcs.length);
            ssrcs = Arrays.copyOf(ssrcs, capacity);
            beginSequences = Arrays.copyOf(beginSequences, capacity);
            starts = Arrays.copyOf(starts, capacity + 1);
        }
        if (reportsNeeded > reports.length) {
            int capacity = Math.max(reportsNeeded, Math.max(INITIAL_REPORTS, 2 * reports.length));
            reports = Arrays.copyOf(reports, capacity);
        }
    }

    @Override
    public String toString() {
        return "CongestionControlFeedback[" + streamCount() + " streams, " + allReports + " reports]";
    }
}
