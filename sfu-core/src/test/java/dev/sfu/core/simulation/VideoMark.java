package dev.sfu.core.simulation;

import dev.sfu.core.buffer.Bytes;

/**
 * What each packet of synthetic video says of its frame behind the codec's headers, so that a viewer knows what a
 * decoder would find out: whether all of the frame is there and what it refers to.
 */
final class VideoMark {
    /** Payload descriptor, 15-bit picture id, TL0PICIDX and TID (RFC 7741 section 4.2). */
    static final int DESCRIPTOR_BYTES = 6;
    /** Frame tag, and start code and size of a keyframe (RFC 6386 section 9.1). */
    static final int FRAME_HEAD_BYTES = 10;
    static final int HEAD_BYTES = DESCRIPTOR_BYTES + FRAME_HEAD_BYTES;
    static final int BYTES = 28;

    private static final int MAGIC = 0x5A;

    private VideoMark() {}

    /** Writes both headers and the mark at the start of {@code payload}. */
    static void write(
            byte[] payload, EncodedFrame frame, int packetIndex, int packetCount, int pictureId, int tl0PicIdx) {
        payload[0] = (byte) (packetIndex == 0 ? 0x90 : 0x80);
        payload[1] = (byte) 0xE0;
        Bytes.put16(payload, 2, 0x8000 | (pictureId & 0x7FFF));
        payload[4] = (byte) tl0PicIdx;
        payload[5] = (byte) (frame.temporalLayer() << 6 | (frame.layerSync() ? 0x20 : 0));
        int at = DESCRIPTOR_BYTES;
        payload[at] = (byte) (frame.keyframe() ? 0x10 : 0x11);
        Bytes.put24(payload, at + 3, frame.keyframe() ? 0x9D012A : 0);
        // Little endian, 14 bits each.
        Bytes.put16(payload, at + 6, Short.reverseBytes((short) frame.width()));
        Bytes.put16(payload, at + 8, Short.reverseBytes((short) frame.height()));
        int mark = HEAD_BYTES;
        payload[mark] = MAGIC;
        payload[mark + 1] = (byte) frame.layer();
        payload[mark + 2] = (byte) frame.temporalLayer();
        payload[mark + 3] = (byte) (frame.keyframe() ? 1 : 0);
        Bytes.put32(payload, mark + 4, frame.number());
        Bytes.put32(payload, mark + 8, frame.reference());
        Bytes.put16(payload, mark + 12, packetIndex);
        Bytes.put16(payload, mark + 14, packetCount);
        Bytes.put64(payload, mark + 16, frame.captureNanos());
        Bytes.put16(payload, mark + 24, frame.height());
        Bytes.put16(payload, mark + 26, frame.source());
    }

    static boolean present(byte[] array, int mark, int end) {
        return end - mark >= BYTES && array[mark] == MAGIC;
    }

    static int layer(byte[] array, int mark) {
        return array[mark + 1];
    }

    static int temporalLayer(byte[] array, int mark) {
        return array[mark + 2];
    }

    static boolean keyframe(byte[] array, int mark) {
        return array[mark + 3] != 0;
    }

    static int frame(byte[] array, int mark) {
        return Bytes.i32(array, mark + 4);
    }

    static int reference(byte[] array, int mark) {
        return Bytes.i32(array, mark + 8);
    }

    static int packetIndex(byte[] array, int mark) {
        return Bytes.u16(array, mark + 12);
    }

    static int packetCount(byte[] array, int mark) {
        return Bytes.u16(array, mark + 14);
    }

    static long captureNanos(byte[] array, int mark) {
        return Bytes.i64(array, mark + 16);
    }

    static int height(byte[] array, int mark) {
        return Bytes.u16(array, mark + 24);
    }

    static int source(byte[] array, int mark) {
        return Bytes.u16(array, mark + 26);
    }
}
