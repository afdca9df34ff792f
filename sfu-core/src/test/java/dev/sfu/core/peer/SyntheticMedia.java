package dev.sfu.core.peer;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.codec.Vp8Descriptor;

/**
 * The payloads of synthetic packets: a codec header that the server can parse, then which stream and frame they come from,
 * so that who receives them can tell.
 */
final class SyntheticMedia {
    static final int PICTURE_ID_MASK = 0x7FFF;

    private static final int DESCRIPTOR_BYTES = 6;
    private static final int FRAME_HEAD_BYTES = 10;
    private static final int MARK_BYTES = 9;
    private static final int MIN_AUDIO_BYTES = 1 + MARK_BYTES;

    private SyntheticMedia() {}

    /** A packet of a VP8 frame with a 15-bit picture id, TL0PICIDX and one temporal layer (RFC 7741 section 4.2). */
    static byte[] vp8(int source, int frame, int index, boolean keyframe, int pictureId, int tl0PicIdx, int bytes) {
        byte[] payload = new byte[Math.max(bytes, DESCRIPTOR_BYTES + FRAME_HEAD_BYTES + MARK_BYTES)];
        payload[0] = (byte) (index == 0 ? 0x90 : 0x80);
        payload[1] = (byte) 0xE0;
        Bytes.put16(payload, 2, 0x8000 | (pictureId & PICTURE_ID_MASK));
        payload[4] = (byte) tl0PicIdx;
        payload[5] = 0;
        payload[6] = (byte) (keyframe ? 0x10 : 0x11);
        if (keyframe) {
            Bytes.put24(payload, 9, 0x9D012A);
        }
        mark(payload, DESCRIPTOR_BYTES + FRAME_HEAD_BYTES, source, frame, index);
        return payload;
    }

    static byte[] opus(int source, int frame, int bytes) {
        byte[] payload = new byte[Math.max(bytes, MIN_AUDIO_BYTES)];
        payload[0] = 0x78;
        mark(payload, 1, source, frame, 0);
        return payload;
    }

    private static void mark(byte[] payload, int at, int source, int frame, int index) {
        Bytes.put32(payload, at, source);
        Bytes.put32(payload, at + 4, frame);
        payload[at + 8] = (byte) index;
        for (int i = at + MARK_BYTES; i < payload.length; i++) {
            payload[i] = (byte) (source + frame * 31 + index * 7 + i);
        }
    }

    /** Where the mark is, or -1 if the payload is too short for one. */
    static int markAt(boolean video, Vp8Descriptor descriptor, byte[] array, int offset, int length) {
        int head = 1;
        if (video) {
            if (!descriptor.parse(array, offset, length)) {
                return -1;
            }
            head = descriptor.descriptorBytes() + FRAME_HEAD_BYTES;
        }
        return length < head + MARK_BYTES ? -1 : offset + head;
    }

    static int source(byte[] array, int mark) {
        return Bytes.i32(array, mark);
    }

    static int frame(byte[] array, int mark) {
        return Bytes.i32(array, mark + 4);
    }

    /** Whether what follows the mark is as it was made. */
    static boolean intact(byte[] array, int mark, int payloadOffset, int payloadEnd) {
        int source = source(array, mark);
        int frame = frame(array, mark);
        int index = array[mark + 8];
        for (int i = mark + MARK_BYTES; i < payloadEnd; i++) {
            if (array[i] != (byte) (source + frame * 31 + index * 7 + (i - payloadOffset))) {
                return false;
            }
        }
        return true;
    }
}
