package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;

/** Finds the packets at which a receiver that has nothing can start. */
public final class Keyframes {
    private static final int H264_IDR = 5;
    private static final int H264_SPS = 7;
    private static final int H264_STAP_A = 24;
    private static final int H264_FU_A = 28;
    private static final int AV1_SEQUENCE_HEADER = 1;
    private static final int LEB128_MAX_BYTES = 8;

    private Keyframes() {}

    /**
     * Whether an RTP payload is the first packet of a keyframe.
     *
     * <p>H.264 encoders may send parameter sets and the IDR picture in packets of their own: then this is true for
     * both, and the first of them is the one to start with. Every audio packet is a start. Malformed payloads and
     * {@link Codec#RTX}, whose content must be restored first, are not.
     */
    public static boolean startsKeyframe(Codec codec, byte[] array, int offset, int length) {
        if (length < 1) {
            return false;
        }
        return switch (codec) {
            case VP8 -> startsVp8(array, offset, length);
            case VP9 -> startsVp9(array, offset, length);
            case H264 -> startsH264(array, offset, length);
            case AV1 -> startsAv1(array, offset, length);
            case OPUS, RED, PCMU, PCMA, TELEPHONE_EVENT -> true;
            case RTX -> false;
        };
    }

    /** RFC 7741: S=1 and PID=0 in the descriptor, then P=0 in the frame header. */
    private static boolean startsVp8(byte[] array, int offset, int length) {
        if ((array[offset] & 0x17) != 0x10) {
            return false;
        }
        int bytes = 1;
        if (array[offset] < 0) {
            if (length < 2) {
                return false;
            }
            int fields = array[offset + 1];
            bytes = 2;
            if ((fields & 0x80) != 0) {
                if (length < 3) {
                    return false;
                }
                bytes += array[offset + 2] < 0 ? 2 : 1;
            }
            bytes += ((fields & 0x40) != 0 ? 1 : 0) + ((fields & 0x30) != 0 ? 1 : 0);
        }
        return bytes < length && (array[offset + bytes] & 0x01) == 0;
    }

    /** RFC 9628: P=0 and B=1, in spatial layer 0 if there are layers. */
    private static boolean startsVp9(byte[] array, int offset, int length) {
        int flags = array[offset];
        if ((flags & 0x48) != 0x08) {
            return false;
        }
        int bytes = 1;
        if ((flags & 0x80) != 0) {
            if (length < 2) {
                return false;
            }
            bytes += array[offset + 1] < 0 ? 2 : 1;
        }
        if ((flags & 0x20) == 0) {
            return bytes < length;
        }
        return bytes < length && (array[offset + bytes] & 0x0E) == 0;
    }

    /** RFC 6184 packetization modes 0 and 1: single NAL unit, STAP-A, first fragment of FU-A. */
    private static boolean startsH264(byte[] array, int offset, int length) {
        int type = array[offset] & 0x1F;
        if (type == H264_STAP_A) {
            return stapStartsKeyframe(array, offset + 1, offset + length);
        }
        if (type != H264_FU_A) {
            return nalStartsKeyframe(type, array, offset + 1, offset + length);
        }
        boolean firstFragment = length > 1 && array[offset + 1] < 0;
        return firstFragment && nalStartsKeyframe(array[offset + 1] & 0x1F, array, offset + 2, offset + length);
    }

    /** Whether an H.264 payload is or has a sequence parameter set (RFC 6184): a single NAL unit or in a STAP-A. */
    static boolean hasSequenceParameters(byte[] array, int offset, int length) {
        if (length < 2) {
            return false;
        }
        int type = array[offset] & 0x1F;
        if (type != H264_STAP_A) {
            return type == H264_SPS || (type == H264_FU_A && array[offset + 1] < 0 && (array[offset + 1] & 0x1F) == H264_SPS);
        }
        int position = offset + 1;
        int end = offset + length;
        while (end - position > 2) {
            int size = Bytes.u16(array, position);
            if (size > 0 && (array[position + 2] & 0x1F) == H264_SPS) {
                return true;
            }
            position += 2 + size;
        }
        return false;
    }

    private static boolean stapStartsKeyframe(byte[] array, int start, int end) {
        int position = start;
        while (end - position > 2) {
            int size = Bytes.u16(array, position);
            position += 2;
            if (size > end - position) {
                return false;
            }
            if (size > 0 && nalStartsKeyframe(array[position] & 0x1F, array, position + 1, position + size)) {
                return true;
            }
            position += size;
        }
        return false;
    }

    /** A picture may have several IDR slices: only the one with first_mb_in_slice 0, coded as a 1 bit, starts it. */
    private static boolean nalStartsKeyframe(int type, byte[] array, int body, int end) {
        return body < end && (type == H264_SPS || (type == H264_IDR && array[body] < 0));
    }

    /** AV1 RTP specification section 4.4: N=1 in the aggregation header; and a sequence header OBU to start from. */
    private static boolean startsAv1(byte[] array, int offset, int length) {
        int aggregation = array[offset];
        if ((aggregation & 0x88) != 0x08) {
            return false;
        }
        int count = (aggregation >>> 4) & 0x03;
        int position = offset + 1;
        int end = offset + length;
        for (int element = 1; position < end; element++) {
            long size = (long) end - position;
            if (element != count) {
                int sizeBytes = leb128Bytes(array, position, end);
                if (sizeBytes < 0) {
                    return false;
                }
                size = leb128(array, position, sizeBytes);
                position += sizeBytes;
            }
            if (size > end - position) {
                return false;
            }
            if (size > 0 && ((array[position] >>> 3) & 0x0F) == AV1_SEQUENCE_HEADER) {
                return true;
            }
            position += (int) size;
        }
        return false;
    }

    /** Bytes of a LEB128 number, or -1 if it does not end in time. */
    private static int leb128Bytes(byte[] array, int start, int end) {
        int limit = Math.min(end, start + LEB128_MAX_BYTES);
        for (int position = start; position < limit; position++) {
            if (array[position] >= 0) {
                return position - start + 1;
            }
        }
        return -1;
    }

    private static long leb128(byte[] array, int start, int bytes) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = (value << 7) | (array[start + i] & 0x7F);
        }
        return value;
    }
}
