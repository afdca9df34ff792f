package dev.sfu.core.codec;

/**
 * A reusable view of a VP8 payload descriptor (RFC 7741 section 4.2), which can be written again with other numbers.
 *
 * <p>Fields that are absent read as -1. After a failed parse the view is empty.
 */
public final class Vp8Descriptor extends NumberedDescriptor {
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
        clearNumbers();
        layerAt = -1;
        hasTid = false;
        hasKeyIdx = false;
        keyframe = false;
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
     * Writes this descriptor as {@link #write(byte[], int, int, int, boolean)} does, with another temporal key frame index,
     * too.
     */
    public int write(byte[] target, int targetOffset, int pictureId, int tl0PicIdx, int keyIdx, boolean wide) {
        int written = write(target, targetOffset, pictureId, tl0PicIdx, wide);
        if (written > 0 && hasKeyIdx) {
            int at = layerAt + targetOffset - offset + written - bytes;
            target[at] = (byte) ((array[layerAt] & 0xE0) | (keyIdx & 0x1F));
        }
        return written;
    }
}
