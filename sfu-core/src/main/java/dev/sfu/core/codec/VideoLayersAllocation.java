package dev.sfu.core.codec;

import java.util.Arrays;

/**
 * A reusable view of a video-layers-allocation00 header extension element: what a sender spends on each layer of all its
 * simulcast streams, as libwebrtc defines it.
 *
 * <p>After a failed parse nothing is allocated.
 */
public final class VideoLayersAllocation {
    /** Simulcast streams that can be described. */
    public static final int MAX_STREAMS = 4;
    /** Spatial layers of one stream. */
    public static final int MAX_SPATIAL_LAYERS = 4;
    /** Temporal layers of one spatial layer. */
    public static final int MAX_TEMPORAL_LAYERS = 4;

    private static final int LAYERS = MAX_STREAMS * MAX_SPATIAL_LAYERS;
    private static final int RESOLUTION_BYTES = 5;
    private static final int MAX_LEB128_BYTES = 5;

    private final BitReader in = new BitReader();
    private final byte[] temporalLayers = new byte[LAYERS];
    private final int[] bitratesKbps = new int[LAYERS * MAX_TEMPORAL_LAYERS];
    private final int[] widths = new int[LAYERS];
    private final int[] heights = new int[LAYERS];
    private final int[] framesPerSecond = new int[LAYERS];
    private int streamIndex;
    private int streams;
    private boolean hasResolutions;

    /** Nothing allocated. */
    public VideoLayersAllocation() {}

    /** Looks at an element; false if it is malformed. */
    public boolean parse(byte[] array, int offset, int length) {
        clear();
        if (length == 1 && array[offset] == 0) {
            // Nothing is sent at all.
            streams = 1;
            return true;
        }
        in.reset(array, offset, length);
        streamIndex = (int) in.bits(2);
        streams = (int) in.bits(2) + 1;
        readTemporalLayers();
        readBitrates();
        int active = activeLayers();
        int left = length - in.consumedBits() / 8;
        if (!in.ok() || streamIndex >= streams || (left != 0 && left != active * RESOLUTION_BYTES)) {
            clear();
            return false;
        }
        hasResolutions = left > 0;
        for (int layer = 0; layer < LAYERS && hasResolutions; layer++) {
            if (temporalLayers[layer] > 0) {
                widths[layer] = (int) in.bits(16) + 1;
                heights[layer] = (int) in.bits(16) + 1;
                framesPerSecond[layer] = (int) in.bits(8);
            }
        }
        return true;
    }

    private void clear() {
        Arrays.fill(temporalLayers, (byte) 0);
        streamIndex = 0;
        streams = 0;
        hasResolutions = false;
    }

    /** Which spatial layers there are, and in how many temporal layers each. */
    private void readTemporalLayers() {
        int common = (int) in.bits(4);
        for (int stream = 0; stream < streams; stream++) {
            int mask = common == 0 ? (int) in.bits(4) : common;
            for (int spatial = 0; spatial < MAX_SPATIAL_LAYERS; spatial++) {
                temporalLayers[MAX_SPATIAL_LAYERS * stream + spatial] = (byte) ((mask >>> spatial) & 1);
            }
        }
        align();
        for (int layer = 0; layer < LAYERS; layer++) {
            if (temporalLayers[layer] > 0) {
                temporalLayers[layer] = (byte) (in.bits(2) + 1);
            }
        }
        align();
    }

    private void readBitrates() {
        for (int layer = 0; layer < LAYERS; layer++) {
            for (int temporal = 0; temporal < temporalLayers[layer] && in.ok(); temporal++) {
                bitratesKbps[MAX_TEMPORAL_LAYERS * layer + temporal] = leb128();
            }
        }
    }

    private int leb128() {
        long value = 0;
        for (int i = 0; i < MAX_LEB128_BYTES; i++) {
            long next = in.bits(8);
            value |= (next & 0x7F) << (7 * i);
            if (next < 0x80) {
                break;
            }
        }
        return (int) Math.min(value, Integer.MAX_VALUE);
    }

    private void align() {
        in.bits(-in.consumedBits() & 7);
    }

    private int activeLayers() {
        int active = 0;
        for (byte count : temporalLayers) {
            active += count > 0 ? 1 : 0;
        }
        return active;
    }

    /** Index of the simulcast stream that the packet belongs to, 0 to 3. */
    public int streamIndex() {
        return streamIndex;
    }

    /** Simulcast streams, 1 to 4; 0 after a failed parse. */
    public int streams() {
        return streams;
    }

    /** Temporal layers of a spatial layer, 1 to 4, or 0 if it is not sent; both indices are 0 to 3. */
    public int temporalLayers(int stream, int spatial) {
        return temporalLayers[MAX_SPATIAL_LAYERS * stream + spatial];
    }

    /** What a temporal layer, 0 to 3, and those below it are meant to take, in kbit/s; 0 if it is not sent. */
    public int bitrateKbps(int stream, int spatial, int temporal) {
        int layer = MAX_SPATIAL_LAYERS * stream + spatial;
        return temporal < temporalLayers[layer] ? bitratesKbps[MAX_TEMPORAL_LAYERS * layer + temporal] : 0;
    }

    /** Width of a spatial layer in pixels, or 0 if it is not said. */
    public int width(int stream, int spatial) {
        return known(stream, spatial) ? widths[MAX_SPATIAL_LAYERS * stream + spatial] : 0;
    }

    /** Height of a spatial layer in pixels, or 0 if it is not said. */
    public int height(int stream, int spatial) {
        return known(stream, spatial) ? heights[MAX_SPATIAL_LAYERS * stream + spatial] : 0;
    }

    /** Highest frame rate of a spatial layer, or 0 if it is not said. */
    public int framesPerSecond(int stream, int spatial) {
        return known(stream, spatial) ? framesPerSecond[MAX_SPATIAL_LAYERS * stream + spatial] : 0;
    }

    private boolean known(int stream, int spatial) {
        return hasResolutions && temporalLayers(stream, spatial) > 0;
    }
}
