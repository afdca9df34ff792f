package dev.sfu.core.rtcp;

import dev.sfu.core.buffer.ByteReader;
import dev.sfu.core.buffer.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads compound and reduced-size RTCP (RFC 3550 section 6.1, RFC 5506). Never throws on what a peer sent.
 *
 * <p>RFC 3550 appendix A.2 wants a compound to start with SR or RR and refused as a whole otherwise. Reduced-size
 * feedback need not, and the datagram has passed authentication, so what can be read is taken: a packet that is
 * inconsistent in itself is skipped, one whose length is wrong ends the reading.
 */
public final class RtcpReader {
    /** Packets read of one datagram. Far more than any sender combines; what follows is ignored as malformed. */
    public static final int MAX_PACKETS = 64;

    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 4;
    /** SSRC, timestamps and counts of a sender report, ahead of its blocks. */
    private static final int SENDER_BYTES = 24;
    /** Packet type and feedback format in one number. */
    private static final int NACK_KIND = RtcpPacket.TRANSPORT_LAYER_FEEDBACK << 5 | RtcpPacket.FORMAT_NACK;
    private static final int TRANSPORT_FEEDBACK_KIND =
            RtcpPacket.TRANSPORT_LAYER_FEEDBACK << 5 | RtcpPacket.FORMAT_TRANSPORT_FEEDBACK;
    private static final int CONGESTION_CONTROL_FEEDBACK_KIND =
            RtcpPacket.TRANSPORT_LAYER_FEEDBACK << 5 | RtcpPacket.FORMAT_CONGESTION_CONTROL_FEEDBACK;
    private static final byte[] NOTHING = {};

    private final ByteReader in = new ByteReader(NOTHING);
    private final Nack nack = new Nack(0, 0);
    private final TransportFeedback transportFeedback = new TransportFeedback();
    private final CongestionControlFeedback congestionControlFeedback = new CongestionControlFeedback();

    /** A reader that uses the same objects again and again, for one thread. */
    public RtcpReader() {}

    /**
     * Adds the packets of one decrypted datagram to {@code into}, as values to keep.
     *
     * @return whether all of it was well formed; if not, the valid packets have been added all the same
     * @throws IndexOutOfBoundsException if the range is not inside the array
     */
    public static boolean read(byte[] array, int offset, int length, List<RtcpPacket> into) {
        return new RtcpReader().read(array, offset, length, into, null);
    }

    /**
     * Gives the packets of one decrypted datagram to {@code sink}.
     *
     * @return whether all of it was well formed; if not, the valid packets have been given all the same
     * @throws IndexOutOfBoundsException if the range is not inside the array
     */
    public boolean read(byte[] array, int offset, int length, RtcpSink sink) {
        return read(array, offset, length, null, sink);
    }

    private boolean read(
            byte[] array, int offset, int length, @Nullable List<RtcpPacket> into, @Nullable RtcpSink sink) {
        Objects.checkFromIndexSize(offset, length, array.length);
        boolean wellFormed = length > 0;
        int position = offset;
        int left = length;
        for (int count = 0; left > 0; count++) {
            if (count == MAX_PACKETS || left < HEADER_BYTES) {
                return false;
            }
            int first = Bytes.u8(array, position);
            int packetType = Bytes.u8(array, position + 1);
            int packetBytes = (Bytes.u16(array, position + 2) + 1) * 4;
            if (first >> 6 != VERSION || !RtcpPacket.isRtcp(packetType) || packetBytes > left) {
                return false;
            }
            int padding = (first & 0x20) == 0 ? 0 : Bytes.u8(array, position + packetBytes - 1);
            // Transport-wide feedback is padded by one to three bytes, so no multiple of four is asked for.
            boolean valid = (first & 0x20) == 0 || (padding > 0 && padding <= packetBytes - HEADER_BYTES);
            if (valid) {
                in.reset(array, position + HEADER_BYTES, packetBytes - HEADER_BYTES - padding);
                valid = sink != null
                        ? give(packetType, first & 0x1F, packetBytes, sink)
                        : into == null || add(packetType, first & 0x1F, packetBytes, into);
            }
            wellFormed &= valid;
            position += packetBytes;
            left -= packetBytes;
        }
        return wellFormed;
    }

    private boolean add(int packetType, int format, int packetBytes, List<RtcpPacket> into) {
        RtcpPacket packet = readBody(in, packetType, format, packetBytes);
        if (packet == null) {
            return false;
        }
        into.add(packet);
        return true;
    }

    private boolean give(int packetType, int format, int packetBytes, RtcpSink sink) {
        int kind = packetType << 5 | format;
        if (kind == NACK_KIND) {
            return nack.read(in) && given(nack, sink);
        } else if (kind == TRANSPORT_FEEDBACK_KIND) {
            return transportFeedback.read(in) && given(transportFeedback, sink);
        } else if (kind == CONGESTION_CONTROL_FEEDBACK_KIND) {
            return congestionControlFeedback.read(in) && given(congestionControlFeedback, sink);
        } else if (packetType == RtcpPacket.RECEIVER_REPORT) {
            in.skip(4);
            return giveReportBlocks(format, sink);
        } else if (packetType == RtcpPacket.SENDER_REPORT) {
            return in.remaining() >= SENDER_BYTES + format * ReportBlock.BYTES
                    && given(senderReport(in, 0), sink)
                    && giveReportBlocks(format, sink);
        } else if (packetType == RtcpPacket.SOURCE_DESCRIPTION) {
            return skipSourceDescription(in, format);
        }
        RtcpPacket packet = readBody(in, packetType, format, packetBytes);
        return packet != null && given(packet, sink);
    }

    private static boolean given(RtcpPacket packet, RtcpSink sink) {
        sink.onPacket(packet);
        return true;
    }

    private boolean giveReportBlocks(int count, RtcpSink sink) {
        if (!in.ok() || count * ReportBlock.BYTES > in.remaining()) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            sink.onReportBlock(
                    in.i32(), in.u8(), (in.u24() << 8) >> 8, in.u32(), in.u32(), in.i32(), in.u32());
        }
        return true;
    }

    private static boolean skipSourceDescription(ByteReader in, int count) {
        for (int i = 0; i < count && in.ok(); i++) {
            int start = in.position();
            in.skip(4);
            for (int item = in.u8(); item != 0 && in.ok(); item = in.u8()) {
                in.skip(in.u8());
            }
            in.skip(-(in.position() - start) & 3);
        }
        return in.ok();
    }

    private static @Nullable RtcpPacket readBody(ByteReader in, int packetType, int format, int packetBytes) {
        RtcpPacket packet = switch (packetType) {
            case RtcpPacket.SENDER_REPORT -> senderReport(in, format);
            case RtcpPacket.RECEIVER_REPORT -> new ReceiverReport(in.i32(), reportBlocks(in, format));
            case RtcpPacket.SOURCE_DESCRIPTION -> sourceDescription(in, format);
            case RtcpPacket.GOODBYE -> goodbye(in, format);
            case RtcpPacket.TRANSPORT_LAYER_FEEDBACK -> switch (format) {
                case RtcpPacket.FORMAT_NACK -> Nack.readNew(in);
                case RtcpPacket.FORMAT_TRANSPORT_FEEDBACK -> TransportFeedback.readNew(in);
                case RtcpPacket.FORMAT_CONGESTION_CONTROL_FEEDBACK -> CongestionControlFeedback.readNew(in);
                default -> new Unrecognized(packetType, format, packetBytes);
            };
            case RtcpPacket.PAYLOAD_SPECIFIC_FEEDBACK -> switch (format) {
                case RtcpPacket.FORMAT_PICTURE_LOSS_INDICATION -> new PictureLossIndication(in.i32(), in.i32());
                case RtcpPacket.FORMAT_FULL_INTRA_REQUEST -> fullIntraRequest(in);
                case RtcpPacket.FORMAT_APPLICATION_LAYER -> applicationLayer(in, format, packetBytes);
                default -> new Unrecognized(packetType, format, packetBytes);
            };
            case RtcpPacket.EXTENDED_REPORT -> extendedReport(in);
            default -> new Unrecognized(packetType, format, packetBytes);
        };
        return in.ok() ? packet : null;
    }

    private static SenderReport senderReport(ByteReader in, int blocks) {
        return new SenderReport(in.i32(), in.i64(), in.u32(), in.u32(), in.u32(), reportBlocks(in, blocks));
    }

    // Profile-specific extensions may follow the blocks (RFC 3550 section 6.4.3); they are left unread.
    private static List<ReportBlock> reportBlocks(ByteReader in, int count) {
        if (count * ReportBlock.BYTES > in.remaining()) {
            in.skip(in.remaining() + 1);
            return List.of();
        }
        ReportBlock[] blocks = new ReportBlock[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = new ReportBlock(
                    in.i32(), in.u8(), (in.u24() << 8) >> 8, in.u32(), in.u32(), in.i32(), in.u32());
        }
        return List.of(blocks);
    }

    private static SourceDescription sourceDescription(ByteReader in, int count) {
        List<SourceDescription.Chunk> chunks = new ArrayList<>(count);
        for (int i = 0; i < count && in.ok(); i++) {
            int start = in.position();
            int ssrc = in.i32();
            String cname = "";
            int item = in.u8();
            while (item != 0 && in.ok()) {
                int length = in.u8();
                if (item == SourceDescription.ITEM_CNAME) {
                    cname = text(in, length);
                } else {
                    in.skip(length);
                }
                item = in.u8();
            }
            // The terminating zero is followed by zeros up to a multiple of four.
            in.skip(-(in.position() - start) & 3);
            chunks.add(new SourceDescription.Chunk(ssrc, cname));
        }
        return new SourceDescription(chunks);
    }

    private static Goodbye goodbye(ByteReader in, int count) {
        List<Integer> ssrcs = new ArrayList<>(count);
        for (int i = 0; i < count && in.ok(); i++) {
            ssrcs.add(in.i32());
        }
        String reason = in.remaining() > 0 ? text(in, in.u8()) : "";
        return new Goodbye(ssrcs, reason);
    }

    private static String text(ByteReader in, int length) {
        return new String(in.bytes(length), StandardCharsets.UTF_8);
    }

    private static @Nullable FullIntraRequest fullIntraRequest(ByteReader in) {
        int senderSsrc = in.i32();
        in.skip(4);
        int count = in.remaining() / 8;
        if (count == 0) {
            return null;
        }
        List<FullIntraRequest.Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(new FullIntraRequest.Entry(in.i32(), in.u8()));
            in.skip(3);
        }
        return new FullIntraRequest(senderSsrc, entries);
    }

    private static RtcpPacket applicationLayer(ByteReader in, int format, int packetBytes) {
        int senderSsrc = in.i32();
        in.skip(4);
        if (!in.ok() || in.remaining() < 4 || in.i32() != Remb.IDENTIFIER) {
            return new Unrecognized(RtcpPacket.PAYLOAD_SPECIFIC_FEEDBACK, format, packetBytes);
        }
        int count = in.u8();
        int exponentAndMantissa = in.u24();
        int exponent = exponentAndMantissa >> 18;
        long mantissa = exponentAndMantissa & 0x3FFFF;
        // 18 bits shifted by up to 63: what does not fit is more than any link carries.
        boolean overflow = mantissa != 0 && exponent > Long.numberOfLeadingZeros(mantissa) - 1;
        List<Integer> ssrcs = new ArrayList<>(Math.min(count, in.remaining() / 4));
        for (int i = 0; i < count && in.ok(); i++) {
            ssrcs.add(in.i32());
        }
        return new Remb(senderSsrc, overflow ? Long.MAX_VALUE : mantissa << exponent, ssrcs);
    }

    private static ExtendedReport extendedReport(ByteReader in) {
        int senderSsrc = in.i32();
        List<ExtendedReport.Block> blocks = new ArrayList<>(2);
        while (in.ok() && in.remaining() > 0) {
            int type = in.u8();
            in.skip(1);
            int bytes = in.u16() * 4;
            int end = in.position() + bytes;
            if (bytes > in.remaining()) {
                in.skip(bytes);
            } else if (type == ExtendedReport.BLOCK_RECEIVER_REFERENCE_TIME && bytes == 8) {
                blocks.add(new ExtendedReport.ReceiverReferenceTime(in.i64()));
            } else if (type == ExtendedReport.BLOCK_DLRR && bytes % 12 == 0) {
                List<ExtendedReport.DlrrEntry> entries = new ArrayList<>(bytes / 12);
                while (in.position() < end) {
                    entries.add(new ExtendedReport.DlrrEntry(in.i32(), in.i32(), in.u32()));
                }
                blocks.add(new ExtendedReport.Dlrr(entries));
            } else {
                in.skip(bytes);
            }
        }
        return new ExtendedReport(senderSsrc, blocks);
    }
}
