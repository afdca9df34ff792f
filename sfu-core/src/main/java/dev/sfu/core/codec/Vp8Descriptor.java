package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;

/**
 * A reusable view of a VP8 payload descriptor (RFC 7741 section 4.2), which can be written again with other numbers.
 *
 * <p>Fields that are absent read as -1. After a failed parse the view is empty.
 */
public final class Vp8Descriptor {
    private static final byte[] NO_BYTES = new byte[0];

    private byte[] array = NO_BYTES;
    private int offset;
    private int bytes;
    private int pictureIdAt;
    private int tl0PicIdxAt;
    private int layerAt;
    private boolean hasTid;
    private boolean hasKeyIdx;
    private boolean keyframe;

    /**
     * Looks at the start of an RTP payload.
     *
     * @return false if the descriptor does not fit in {@code length}
     */
    public boolean parse(byte[] payload, int payloadOffset, int length) {
        clear();
        if (length < 1) {
            return false;
        }
        int end = payloadOffset + length;
        int position = payloadOffset + 1;
        int pictureId = -1;
        int tl0 = -1;
        int layer = -1;
        int fields = 0;
        if ((payload[payloadOffset] & 0x80) != 0) {
            if (position >= end) {
                return false;
            }
            fields = payload[position++];
        }
        if ((fields & 0x80) != 0) {
            if (position >= end) {
                return false;
            }
            pictureId = position;
            position += payload[position] < 0 ? 2 : 1;
        }
        if ((fields & 0x40) != 0) {
            tl0 = position++;
        }
        if ((fields & 0x30) != 0) {
            layer = position++;
        }
        if (position > end) {
            return false;
        }
        array = payload;
        offset = payloadOffset;
        bytes = position - payloadOffset;
        pictureIdAt = pictureId;
        tl0PicIdxAt = tl0;
        layerAt = layer;
        hasTid = (fields & 0x20) != 0;
        hasKeyIdx = (fields & 0x10) != 0;
        // The P bit of the frame header is inverted: 0 is a keyframe (RFC 7741 section 4.3).
        keyframe = startsFrame() && position < end && (payload[position] & 0x01) == 0;
        return true;
    }

    private void clear() {
        array = NO_BYTES;
        offset = 0;
        bytes = 0;
        pictureIdAt = -1;
        tl0PicIdxAt = -1;
        layerAt = -1;
        hasTid = false;
        hasKeyIdx = false;
        keyframe = false;
    }

    /** Bytes of the descriptor, 1 to 6; 0 if there is none. */
    public int descriptorBytes() {
        return bytes;
    }

    /** The S bit: the packet begins a partition. */
    public boolean startOfPartition() {
        return bytes > 0 && (array[offset] & 0x10) != 0;
    }

    /** Partition index, 0 to 7. */
    public int partitionIndex() {
        return bytes > 0 ? array[offset] & 0x07 : 0;
    }

    /** The N bit: no other frame refers to this one. */
    public boolean nonReference() {
        return bytes > 0 && (array[offset] & 0x20) != 0;
    }

    /** Whether this is the first packet of a frame. */
    public boolean startsFrame() {
        return startOfPartition() && partitionIndex() == 0;
    }

    /** Whether this is the first packet of a keyframe. */
    public boolean startsKeyframe() {
        return keyframe;
    }

    /** Width of the picture id: 7 or 15 bits, or 0 if there is none. */
    public int pictureIdBits() {
        return pictureIdAt < 0 ? 0 : array[pictureIdAt] < 0 ? 15 : 7;
    }

    /** Picture id in its {@link #pictureIdBits()}, or -1. */
    public int pictureId() {
        return switch (pictureIdBits()) {
            case 15 -> Bytes.u16(array, pictureIdAt) & 0x7FFF;
            case 7 -> array[pictureIdAt];
            default -> -1;
        };
    }

    /** Running index of base layer frames, 0 to 255, or -1. */
    public int tl0PicIdx() {
        return tl0PicIdxAt < 0 ? -1 : array[tl0PicIdxAt] & 0xFF;
    }

    /** Temporal layer, 0 to 3, or -1. */
    public int temporalLayer() {
        return hasTid ? (array[layerAt] & 0xC0) >>> 6 : -1;
    }

    /** The Y bit: the frame depends on the base layer only, so a receiver may switch up to its layer here. */
    public boolean layerSync() {
        return hasTid && (array[layerAt] & 0x20) != 0;
    }

    /** Temporal key frame index, 0 to 31, or -1. */
    public int keyIdx() {
        return hasKeyIdx ? array[layerAt] & 0x1F : -1;
    }

    /**
     * Writes this descriptor with another picture id and base layer index. The form is kept: each number is cut to the
     * width it has here and left out where it is absent here.
     *
     * @return bytes written, always {@link #descriptorBytes()}, or -1 if nothing was parsed or it does not fit
     */
    public int write(byte[] target, int targetOffset, int pictureId, int tl0PicIdx) {
        return write(target, targetOffset, pictureId, tl0PicIdx, Math.max(0, keyIdx()), false);
    }

    /**
     * The same with another temporal key frame index, too.
     *
     * @param wide whether a picture id of 7 bits becomes one of 15, which takes a byte more
     */
    public int write(byte[] target, int targetOffset, int pictureId, int tl0PicIdx, int keyIdx, boolean wide) {
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
        if (hasKeyIdx) {
            target[layerAt + move + grown] = (byte) ((array[layerAt] & 0xE0) | (keyIdx & 0x1F));
        }
        return bytes + grown;
    }
}
