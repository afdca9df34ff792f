package dev.sfu.core.srtp;

import dev.sfu.core.buffer.Bytes;

/** As much of the RTP and RTCP headers as encryption needs: what is clear, and for which stream (RFC 3550). */
final class RtpLayout {
    static final int FIXED_HEADER_BYTES = 12;
    /** Position of the sequence number in an RTP header. */
    static final int SEQUENCE = 2;
    /** Position of the SSRC in an RTP header. */
    static final int SSRC = 8;
    /** Position of the sender's SSRC in an RTCP packet. */
    static final int RTCP_SSRC = 4;

    private static final int VERSION = 2;
    private static final int EXTENSION_HEADER_BYTES = 4;

    private RtpLayout() {}

    static boolean hasVersion(byte[] packet, int offset) {
        return Bytes.u8(packet, offset) >>> 6 == VERSION;
    }

    /** Bytes of RTP header with CSRCs and extension in a packet of {@code length} bytes, or -1 if it is cut short. */
    static int headerBytes(byte[] packet, int offset, int length) {
        if (length < FIXED_HEADER_BYTES || !hasVersion(packet, offset)) {
            return -1;
        }
        int first = Bytes.u8(packet, offset);
        int headerBytes = FIXED_HEADER_BYTES + 4 * (first & 0x0F);
        if ((first & 0x10) != 0) {
            if (length < headerBytes + EXTENSION_HEADER_BYTES) {
                return -1;
            }
            headerBytes += EXTENSION_HEADER_BYTES + 4 * Bytes.u16(packet, offset + headerBytes + 2);
        }
        return headerBytes <= length ? headerBytes : -1;
    }
}
