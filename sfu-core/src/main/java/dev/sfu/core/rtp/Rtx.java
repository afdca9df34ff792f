package dev.sfu.core.rtp;

import dev.sfu.core.buffer.Bytes;

/** The retransmission payload format (RFC 4588 section 4): the original sequence number, then the original payload. */
public final class Rtx {
    /** Bytes that the original sequence number takes at the start of the payload. */
    public static final int ORIGINAL_SEQUENCE_NUMBER_BYTES = 2;

    private Rtx() {}

    /**
     * The sequence number of the packet that is repeated, 0 to 65535, or -1 if there is none: browsers probe bandwidth
     * with RTX packets that carry nothing but padding.
     */
    public static int originalSequenceNumber(RtpPacket rtx) {
        return rtx.payloadBytes() < ORIGINAL_SEQUENCE_NUMBER_BYTES
                ? -1
                : Bytes.u16(rtx.array(), rtx.payloadOffset());
    }

    /**
     * Writes the packet that an RTX packet repeats. Header extensions are those of the RTX packet; padding is left out.
     *
     * <p>{@code target} may be the array of {@code rtx} itself if {@code targetOffset} is the packet's own offset, or
     * that plus {@link #ORIGINAL_SEQUENCE_NUMBER_BYTES}, which moves only the header. Parse again afterwards.
     *
     * @return bytes written, or -1 if there is no original packet or it does not fit
     */
    public static int restore(RtpPacket rtx, int primarySsrc, int primaryPayloadType, byte[] target, int targetOffset) {
        int sequenceNumber = originalSequenceNumber(rtx);
        int headerBytes = rtx.headerBytes();
        int payloadBytes = rtx.payloadBytes() - ORIGINAL_SEQUENCE_NUMBER_BYTES;
        if (sequenceNumber < 0 || targetOffset < 0 || headerBytes + payloadBytes > target.length - targetOffset) {
            return -1;
        }
        System.arraycopy(rtx.array(), rtx.offset(), target, targetOffset, headerBytes);
        System.arraycopy(rtx.array(), rtx.payloadOffset() + ORIGINAL_SEQUENCE_NUMBER_BYTES,
                target, targetOffset + headerBytes, payloadBytes);
        target[targetOffset] &= (byte) ~0x20;
        target[targetOffset + 1] = (byte) ((target[targetOffset + 1] & 0x80) | (primaryPayloadType & 0x7F));
        Bytes.put16(target, targetOffset + 2, sequenceNumber);
        Bytes.put32(target, targetOffset + 8, primarySsrc);
        return headerBytes + payloadBytes;
    }
}
