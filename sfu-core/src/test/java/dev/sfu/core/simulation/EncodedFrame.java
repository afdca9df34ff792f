package dev.sfu.core.simulation;

/**
 * A frame as a synthetic encoder made it.
 *
 * @param source the publisher
 * @param layer simulcast layer, 0 the smallest
 * @param number counted in its layer
 * @param reference the frame of its layer that it refers to; its own number in a keyframe
 * @param temporalLayer 0 to 2
 * @param layerSync whether it refers to the base layer only
 * @param keyframe whether it refers to nothing
 * @param bytes its size, without headers
 * @param width in pixels
 * @param height in pixels
 * @param captureNanos when it was taken
 */
record EncodedFrame(
        int source,
        int layer,
        int number,
        int reference,
        int temporalLayer,
        boolean layerSync,
        boolean keyframe,
        int bytes,
        int width,
        int height,
        long captureNanos) {}
