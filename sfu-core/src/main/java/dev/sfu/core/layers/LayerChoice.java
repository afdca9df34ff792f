package dev.sfu.core.layers;

/**
 * Something that a subscriber can be given of a published track: an encoding, up to a spatial and a temporal layer.
 *
 * @param encoding number of the stream, as for {@link LayerSelector#setTarget}
 * @param spatial highest spatial layer, 0 in a stream without
 * @param temporal highest temporal layer, 0 in a stream without
 * @param bitrateBps what a receiver of it is sent, RTP headers included
 * @param width of the picture in pixels; estimated when the stream does not say
 * @param height of the picture in pixels; estimated when the stream does not say
 * @param framesPerSecond of this choice, 0 when unknown
 * @param flows whether it arrives now; if not, it was there or was announced, and may come back when it is asked for
 */
public record LayerChoice(
        int encoding,
        int spatial,
        int temporal,
        long bitrateBps,
        int width,
        int height,
        int framesPerSecond,
        boolean flows) {
    /** Whether both are the same layers of the same encoding, whatever they cost now. */
    public boolean sameLayers(LayerChoice other) {
        return encoding == other.encoding && spatial == other.spatial && temporal == other.temporal;
    }

    /** Whether both are pictures of one size: they differ in frame rate at most. */
    public boolean sameLevel(LayerChoice other) {
        return encoding == other.encoding && spatial == other.spatial;
    }

    /** Pixels of a picture. */
    public long pixels() {
        return (long) width * height;
    }
}
