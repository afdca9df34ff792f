package dev.sfu.core.rtcp;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Appends RTCP packets to a datagram that the caller assembles.
 *
 * <p>A packet is written whole or not at all: {@code false} means that it does not fit and nothing was written, so that
 * the caller sends what it has and starts another datagram. Reports and NACKs, which may need several datagrams, say
 * how far they came instead. RFC 3550 section 6.1 wants SR or RR first and an SDES with CNAME in each compound unless
 * reduced size was negotiated (RFC 5506): that is up to the caller.
 */
public final class RtcpWriter {
    private static final int HEADER_BYTES = 4;
    private static final int FEEDBACK_HEADER_BYTES = 12;
    private static final int SENDER_BYTES = 24;
    private static final int VERSION_BITS = 0x80;
    private static final int MAX_TEXT_BYTES = 255;

    private RtcpWriter() {}

    /** Writes the common header; {@code bytes} is the whole packet, a multiple of four. */
    static void header(ByteWriter out, int packetType, int format, int bytes) {
        out.u8(VERSION_BITS | format).u8(packetType).u16(bytes / 4 - 1);
    }

    /** Appends a sender report. */
    public static boolean write(ByteWriter out, SenderReport report) {
        int count = report.reports().size();
        int bytes = HEADER_BYTES + SENDER_BYTES + count * ReportBlock.BYTES;
        if (out.remaining() < bytes) {
            return false;
        }
        header(out, RtcpPacket.SENDER_REPORT, count, bytes);
        sender(out, report.ssrc(), report.ntp(), report.rtpTimestamp(), report.packetCount(), report.octetCount());
        for (int i = 0; i < count; i++) {
            reportBlock(out, report.reports().get(i));
        }
        return true;
    }

    /** Appends a sender report without report blocks; the parameters are those of {@link SenderReport}. */
    public static boolean senderReport(
            ByteWriter out, int ssrc, long ntp, long rtpTimestamp, long packetCount, long octetCount) {
        if (out.remaining() < HEADER_BYTES + SENDER_BYTES) {
            return false;
        }
        header(out, RtcpPacket.SENDER_REPORT, 0, HEADER_BYTES + SENDER_BYTES);
        sender(out, ssrc, ntp, rtpTimestamp, packetCount, octetCount);
        return true;
    }

    private static void sender(
            ByteWriter out, int ssrc, long ntp, long rtpTimestamp, long packetCount, long octetCount) {
        out.i32(ssrc).i64(ntp).u32(rtpTimestamp).u32(packetCount).u32(octetCount);
    }

    /** Appends one receiver report. */
    public static boolean write(ByteWriter out, ReceiverReport report) {
        int bytes = HEADER_BYTES + 4 + report.reports().size() * ReportBlock.BYTES;
        if (out.remaining() < bytes) {
            return false;
        }
        receiverReports(out, report.ssrc(), report.reports(), 0);
        return true;
    }

    /**
     * Appends as many receiver reports as needed and fit for {@code blocks} from index {@code from} on; an empty one if
     * there are no blocks.
     *
     * @return index of the first block that did not fit, {@code blocks.size()} when done
     */
    public static int receiverReports(ByteWriter out, int ssrc, List<ReportBlock> blocks, int from) {
        int next = from;
        do {
            int room = (out.remaining() - HEADER_BYTES - 4) / ReportBlock.BYTES;
            int count = Math.min(Math.min(room, blocks.size() - next), ReportBlock.MAX_PER_PACKET);
            boolean empty = blocks.isEmpty() && out.remaining() >= HEADER_BYTES + 4;
            if (count <= 0 && !empty) {
                return next;
            }
            header(out, RtcpPacket.RECEIVER_REPORT, count, HEADER_BYTES + 4 + count * ReportBlock.BYTES);
            out.i32(ssrc);
            for (int end = next + count; next < end; next++) {
                reportBlock(out, blocks.get(next));
            }
        } while (next < blocks.size());
        return next;
    }

    private static void reportBlock(ByteWriter out, ReportBlock block) {
        out.i32(block.ssrc())
                .u8(block.fractionLost())
                .u24(block.cumulativeLost())
                .u32(block.extendedHighestSequence())
                .u32(block.jitter())
                .i32(block.lastSenderReport())
                .u32(block.delaySinceLastSenderReport());
    }

    /**
     * Appends a source description. Names beyond 255 bytes are cut.
     *
     * @throws IllegalArgumentException if there are more than 31 chunks
     */
    public static boolean write(ByteWriter out, SourceDescription description) {
        List<SourceDescription.Chunk> chunks = description.chunks();
        requireFiveBits(chunks.size());
        int start = out.position();
        int bytes = HEADER_BYTES;
        for (SourceDescription.Chunk chunk : chunks) {
            bytes += chunkBytes(utf8(chunk.cname()).length);
        }
        if (out.remaining() < bytes) {
            return false;
        }
        header(out, RtcpPacket.SOURCE_DESCRIPTION, chunks.size(), bytes);
        for (SourceDescription.Chunk chunk : chunks) {
            byte[] name = utf8(chunk.cname());
            out.i32(chunk.ssrc()).u8(SourceDescription.ITEM_CNAME).u8(name.length).bytes(name);
            out.zeros(chunkBytes(name.length) - 6 - name.length);
        }
        assert out.position() - start == bytes;
        return true;
    }

    // SSRC, item type, item length, text, at least one terminating zero, up to a multiple of four.
    private static int chunkBytes(int nameBytes) {
        return (6 + nameBytes + 1 + 3) & ~3;
    }

    /**
     * Appends a goodbye.
     *
     * @throws IllegalArgumentException if there are more than 31 sources
     */
    public static boolean write(ByteWriter out, Goodbye goodbye) {
        requireFiveBits(goodbye.ssrcs().size());
        byte[] reason = utf8(goodbye.reason());
        int reasonBytes = reason.length == 0 ? 0 : (1 + reason.length + 3) & ~3;
        int bytes = HEADER_BYTES + 4 * goodbye.ssrcs().size() + reasonBytes;
        if (out.remaining() < bytes) {
            return false;
        }
        header(out, RtcpPacket.GOODBYE, goodbye.ssrcs().size(), bytes);
        for (int ssrc : goodbye.ssrcs()) {
            out.i32(ssrc);
        }
        if (reasonBytes > 0) {
            out.u8(reason.length).bytes(reason).zeros(reasonBytes - 1 - reason.length);
        }
        return true;
    }

    private static byte[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= MAX_TEXT_BYTES) {
            return bytes;
        }
        int end = MAX_TEXT_BYTES;
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }

    /**
     * Appends one NACK for {@code sequenceNumbers[from]} to {@code sequenceNumbers[to - 1]}, 16 bits each; ascending
     * numbers pack best (RFC 4585 section 6.2.1).
     *
     * @return index of the first number that did not fit, {@code to} when done
     */
    public static int nack(ByteWriter out, int senderSsrc, int mediaSsrc, int[] sequenceNumbers, int from, int to) {
        if (from >= to || out.remaining() < FEEDBACK_HEADER_BYTES + 4) {
            return from;
        }
        int start = out.position();
        header(out, RtcpPacket.TRANSPORT_LAYER_FEEDBACK, RtcpPacket.FORMAT_NACK, FEEDBACK_HEADER_BYTES);
        out.i32(senderSsrc).i32(mediaSsrc);
        int next = from;
        while (next < to && out.remaining() >= 4) {
            int packetId = sequenceNumbers[next++];
            int lost = 0;
            for (; next < to; next++) {
                int distance = (sequenceNumbers[next] - packetId) & 0xFFFF;
                if (distance > 16) {
                    break;
                }
                if (distance > 0) {
                    lost |= 1 << (distance - 1);
                }
            }
            out.u16(packetId).u16(lost);
        }
        Bytes.put16(out.array(), start + 2, (out.position() - start) / 4 - 1);
        return next;
    }

    /** Appends a picture loss indication. */
    public static boolean write(ByteWriter out, PictureLossIndication indication) {
        if (out.remaining() < FEEDBACK_HEADER_BYTES) {
            return false;
        }
        header(out, RtcpPacket.PAYLOAD_SPECIFIC_FEEDBACK, RtcpPacket.FORMAT_PICTURE_LOSS_INDICATION,
                FEEDBACK_HEADER_BYTES);
        out.i32(indication.senderSsrc()).i32(indication.mediaSsrc());
        return true;
    }

    /** Appends a full intra request. */
    public static boolean write(ByteWriter out, FullIntraRequest request) {
        int bytes = FEEDBACK_HEADER_BYTES + 8 * request.entries().size();
        if (out.remaining() < bytes) {
            return false;
        }
        header(out, RtcpPacket.PAYLOAD_SPECIFIC_FEEDBACK, RtcpPacket.FORMAT_FULL_INTRA_REQUEST, bytes);
        out.i32(request.senderSsrc()).i32(0);
        for (FullIntraRequest.Entry entry : request.entries()) {
            out.i32(entry.ssrc()).u8(entry.commandSequence()).zeros(3);
        }
        return true;
    }

    /**
     * Appends an estimate. The bitrate is rounded down to the 18 significant bits that the format has.
     *
     * @throws IllegalArgumentException if there are more than 255 streams or the bitrate is negative
     */
    public static boolean write(ByteWriter out, Remb remb) {
        int count = remb.ssrcs().size();
        if (count > 255 || remb.bitrateBps() < 0) {
            throw new IllegalArgumentException(remb + ": REMB (expected: at most 255 streams, bitrate not negative)");
        }
        int bytes = FEEDBACK_HEADER_BYTES + 8 + 4 * count;
        if (out.remaining() < bytes) {
            return false;
        }
        int exponent = Math.max(0, 64 - 18 - Long.numberOfLeadingZeros(remb.bitrateBps()));
        int mantissa = (int) (remb.bitrateBps() >>> exponent);
        header(out, RtcpPacket.PAYLOAD_SPECIFIC_FEEDBACK, RtcpPacket.FORMAT_APPLICATION_LAYER, bytes);
        out.i32(remb.senderSsrc()).i32(0).i32(Remb.IDENTIFIER).u8(count).u24(exponent << 18 | mantissa);
        for (int ssrc : remb.ssrcs()) {
            out.i32(ssrc);
        }
        return true;
    }

    /** Appends an extended report. */
    public static boolean write(ByteWriter out, ExtendedReport report) {
        int bytes = HEADER_BYTES + 4;
        for (ExtendedReport.Block block : report.blocks()) {
            bytes += switch (block) {
                case ExtendedReport.ReceiverReferenceTime time -> 12;
                case ExtendedReport.Dlrr dlrr -> 4 + 12 * dlrr.entries().size();
            };
        }
        if (out.remaining() < bytes) {
            return false;
        }
        header(out, RtcpPacket.EXTENDED_REPORT, 0, bytes);
        out.i32(report.senderSsrc());
        for (ExtendedReport.Block block : report.blocks()) {
            switch (block) {
                case ExtendedReport.ReceiverReferenceTime time ->
                    out.u8(ExtendedReport.BLOCK_RECEIVER_REFERENCE_TIME).u8(0).u16(2).i64(time.ntp());
                case ExtendedReport.Dlrr dlrr -> {
                    out.u8(ExtendedReport.BLOCK_DLRR).u8(0).u16(3 * dlrr.entries().size());
                    for (ExtendedReport.DlrrEntry entry : dlrr.entries()) {
                        out.i32(entry.ssrc())
                                .i32(entry.lastReceiverReport())
                                .u32(entry.delaySinceLastReceiverReport());
                    }
                }
            }
        }
        return true;
    }

    private static void requireFiveBits(int count) {
        if (count > 31) {
            throw new IllegalArgumentException(count + ": sources (expected: at most 31)");
        }
    }
}
