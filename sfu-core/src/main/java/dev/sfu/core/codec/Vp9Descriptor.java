package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;

/**
 * A reusable view of a VP9 payload descriptor (RFC 9628 section 4.2), which can be written again with other numbers.
 *
 * <p>Fields that are absent read as -1. After a failed parse the view is empty.
 */
public final class Vp9Descriptor extends NumberedDescriptor {
    /** Spatial layers that a scalability structure can describe. */
    public static final int MAX_SPATIAL_LAYERS = 8;
    /** Reference indices that one frame can have. */
    public static final int MAX_REFERENCES = 3;

    private static final int PICTURE_ID = 0x80;
    private static final int INTER_PICTURE = 0x40;
    private static final int LAYERS = 0x20;
    private static final int FLEXIBLE = 0x10;
    private static final int STRUCTURE = 0x02;

    private final int[] references = new int[MAX_REFERENCES];
    private final int[] widths = new int[MAX_SPATIAL_LAYERS];
    private final int[] heights = new int[MAX_SPATIAL_LAYERS];

    private int flags;
    private int layersAt;
    private int referenceCount;
    private int structureLayers;
    private boolean structureHasSizes;
    private int pictureGroupSize;

    /**
     * Looks at the start of an RTP payload.
     *
     * @return false if the descriptor does not fit in {@code length} or has more than {@link #MAX_REFERENCES}
     *         references
     */
    public boolean parse(byte[] payload, int payloadOffset, int length) {
        clear();
        if (length < 1) {
            return false;
        }
        array = payload;
        offset = payloadOffset;
        flags = payload[payloadOffset] & 0xFF;
        int end = payloadOffset + length;
        int position = parseFields(payloadOffset + 1, end);
        if (position >= 0 && (flags & STRUCTURE) != 0) {
            position = parseStructure(position, end);
        }
        if (position < 0) {
            clear();
            return false;
        }
        bytes = position - payloadOffset;
        return true;
    }

    private void clear() {
        clearNumbers();
        flags = 0;
        layersAt = -1;
        referenceCount = 0;
        structureLayers = 0;
        structureHasSizes = false;
        pictureGroupSize = 0;
    }

    /** Picture id, layer indices and references; the index behind them, or -1. */
    private int parseFields(int start, int end) {
        int position = start;
        if ((flags & PICTURE_ID) != 0) {
            if (position >= end) {
                return -1;
            }
            pictureIdAt = position;
            position += array[position] < 0 ? 2 : 1;
        }
        if ((flags & LAYERS) != 0) {
            layersAt = position++;
            if ((flags & FLEXIBLE) == 0) {
                tl0PicIdxAt = position++;
            }
        }
        if (position > end) {
            return -1;
        }
        boolean more = (flags & (FLEXIBLE | INTER_PICTURE)) == (FLEXIBLE | INTER_PICTURE);
        while (more) {
            if (position >= end || referenceCount == MAX_REFERENCES) {
                return -1;
            }
            int reference = array[position++] & 0xFF;
            references[referenceCount++] = reference >>> 1;
            more = (reference & 0x01) != 0;
        }
        return position;
    }

    /** The scalability structure (section 4.2.1); the index behind it, or -1. */
    private int parseStructure(int start, int end) {
        if (start >= end) {
            return -1;
        }
        int header = array[start] & 0xFF;
        int position = start + 1;
        structureLayers = (header >>> 5) + 1;
        structureHasSizes = (header & 0x10) != 0;
        if (structureHasSizes) {
            if (4 * structureLayers > end - position) {
                return -1;
            }
            for (int layer = 0; layer < structureLayers; layer++) {
                widths[layer] = Bytes.u16(array, position);
                heights[layer] = Bytes.u16(array, position + 2);
                position += 4;
            }
        }
        if ((header & 0x08) == 0) {
            return position;
        }
        if (position >= end) {
            return -1;
        }
        pictureGroupSize = array[position++] & 0xFF;
        for (int picture = 0; picture < pictureGroupSize; picture++) {
            if (position >= end) {
                return -1;
            }
            position += 1 + ((array[position] >>> 2) & 0x03);
        }
        return position <= end ? position : -1;
    }

    /** The P bit: the frame is predicted from an earlier picture. */
    public boolean interPicturePredicted() {
        return (flags & INTER_PICTURE) != 0;
    }

    /** The F bit: references are listed in the descriptor and there is no base layer index. */
    public boolean flexibleMode() {
        return (flags & FLEXIBLE) != 0;
    }

    /** The B bit: first packet of a layer frame. */
    public boolean startOfFrame() {
        return (flags & 0x08) != 0;
    }

    /** The E bit: last packet of a layer frame. */
    public boolean endOfFrame() {
        return (flags & 0x04) != 0;
    }

    /** The Z bit: no frame of a higher spatial layer refers to this one. */
    public boolean notReferenceForUpperLayers() {
        return (flags & 0x01) != 0;
    }

    /** Whether this is the first packet of a picture that needs no earlier one. */
    public boolean startsKeyframe() {
        return startOfFrame() && !interPicturePredicted() && spatialLayer() <= 0;
    }

    /** Temporal layer, 0 to 7, or -1. */
    public int temporalLayer() {
        return layersAt < 0 ? -1 : (array[layersAt] & 0xE0) >>> 5;
    }

    /** Spatial layer, 0 to 7, or -1. */
    public int spatialLayer() {
        return layersAt < 0 ? -1 : (array[layersAt] & 0x0E) >>> 1;
    }

    /** The U bit: a receiver may switch up to this frame's temporal layer from here on. */
    public boolean switchingUpPoint() {
        return layersAt >= 0 && (array[layersAt] & 0x10) != 0;
    }

    /** The D bit: the frame is predicted from the spatial layer below in the same picture. */
    public boolean interLayerPredicted() {
        return layersAt >= 0 && (array[layersAt] & 0x01) != 0;
    }

    /** References listed, 0 to {@link #MAX_REFERENCES}; only in flexible mode. */
    public int referenceCount() {
        return referenceCount;
    }

    /** How many picture ids back a reference lies, 0 to 127; {@code index} is below {@link #referenceCount()}. */
    public int reference(int index) {
        return references[index];
    }

    /** Spatial layers that the scalability structure announces, 1 to 8, or 0 without a structure. */
    public int structureLayers() {
        return structureLayers;
    }

    /** Width of a layer in pixels, or 0 if the structure does not say; {@code layer} is 0 to 7. */
    public int width(int layer) {
        return structureHasSizes && layer < structureLayers ? widths[layer] : 0;
    }

    /** Height of a layer in pixels, or 0 if the structure does not say; {@code layer} is 0 to 7. */
    public int height(int layer) {
        return structureHasSizes && layer < structureLayers ? heights[layer] : 0;
    }

    /** Pictures in the announced picture group, 0 to 255. */
    public int pictureGroupSize() {
        return pictureGroupSize;
    }
}
