package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;

/**
 * The mandatory fields at the start of a dependency descriptor (AV1 RTP specification, appendix A.8.2).
 *
 * <p>Offsets are those of the extension element's data; the caller has checked that it has {@link #MANDATORY_BYTES}.
 */
public final class DependencyDescriptor {
    /** Length of the mandatory fields; a longer element has extended fields. */
    public static final int MANDATORY_BYTES = 3;

    private DependencyDescriptor() {}

    /** Whether the packet is the first of its frame. */
    public static boolean startOfFrame(byte[] array, int offset) {
        return (array[offset] & 0x80) != 0;
    }

    /** Whether the packet is the last of its frame. */
    public static boolean endOfFrame(byte[] array, int offset) {
        return (array[offset] & 0x40) != 0;
    }

    /** Identifier of the frame's template, 0 to 63, from which its layers and dependencies follow. */
    public static int templateId(byte[] array, int offset) {
        return array[offset] & 0x3F;
    }

    /** Number of the frame in decoding order, 0 to 65535. */
    public static int frameNumber(byte[] array, int offset) {
        return Bytes.u16(array, offset + 1);
    }

    /** Writes another frame number. */
    public static void writeFrameNumber(byte[] array, int offset, int frameNumber) {
        Bytes.put16(array, offset + 1, frameNumber);
    }
}
