package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;

/** What the payload descriptors of VP8 and VP9 have in common: a picture id of 7 or 15 bits and an index of base layer frames. */
abstract sealed class NumberedDescriptor permits Vp8Descriptor, Vp9Descriptor {
    private static final byte[] NO_BYTES = new byte[0];

    /** What was parsed; empty after a failed parse. */
    byte[] array = NO_BYTES;

    int offset;
    int bytes;
    /** Where in {@link #array} they stand, or -1. */
    int pictureIdAt = -1;

    int tl0PicIdxAt = -1;

    final void clearNumbers() {
        array = NO_BYTES;
        offset = 0;
        bytes = 0;
        pictureIdAt = -1;
        tl0PicIdxAt = -1;
    }

    /** Bytes of the descriptor; 0 if there is none. */
    public final int descriptorBytes() {
        return bytes;
    }

    /** Width of the picture id: 7 or 15 bits, or 0 if there is none. */
    public final int pictureIdBits() {
        return pictureIdAt < 0 ? 0 : array[pictureIdAt] < 0 ? 15 : 7;
    }

    /** Picture id in its {@link #pictureIdBits()}, or -1. */
    public final int pictureId() {
        return switch (pictureIdBits()) {
            case 15 -> Bytes.u16(array, pictureIdAt) & 0x7FFF;
            case 7 -> array[pictureIdAt];
            default -> -1;
        };
    }

    /** Running index of base layer frames, 0 to 255, or -1. */
    public final int tl0PicIdx() {
        return tl0PicIdxAt < 0 ? -1 : array[tl0PicIdxAt] & 0xFF;
    }

    /**
     * Writes this descriptor with another picture id and base layer index. The form is kept: each number is cut to the
     * width it has here and left out where it is absent here.
     *
     * @param wide whether a picture id of 7 bits becomes one of 15, which takes a byte more
     * @return bytes written, or -1 if nothing was parsed or it does not fit
     */
    public final int write(byte[] target, int targetOffset, int pictureId, int tl0PicIdx, boolean wide) {
        int pictureIdBits = pictureIdBits();
        int grown = wide && pictureIdBits == 7 ? 1 : 0;
        if (bytes == 0 || targetOffset < 0 || bytes + grown > target.length - targetOffset) {
            return -1;
        }
        int move = targetOffset - offset;
        System.arraycopy(array, offset, target, targetOffset, bytes);
        if (grown > 0) {
            int behind = pictureIdAt + 1;
            System.arraycopy(array, behind, target, behind + move + 1, bytes - (behind - offset));
        }
        if (grown > 0 || pictureIdBits == 15) {
            Bytes.put16(target, pictureIdAt + move, 0x8000 | pictureId);
        } else if (pictureIdBits == 7) {
            target[pictureIdAt + move] = (byte) (pictureId & 0x7F);
        }
        if (tl0PicIdxAt >= 0) {
            target[tl0PicIdxAt + move + grown] = (byte) tl0PicIdx;
        }
        return bytes + grown;
    }
}
