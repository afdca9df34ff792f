package dev.sfu.core.simulation;

import java.util.SplittableRandom;

/**
 * One simulcast layer's encoder: three temporal layers, frames of varying size around a target bitrate, keyframes that
 * are several times as large and paid back by smaller frames after them.
 */
final class LayerEncoder {
    /** Of the bits of four frames, the base layer's frame has 40 %, the next one 20 %, the two others 20 % each. */
    private static final double[] SHARE = {1.6, 0.8, 0.8};
    private static final int[] PATTERN = {0, 2, 1, 2};
    private static final double SIZE_SPREAD = 0.2;
    private static final double KEYFRAME_FACTOR = 5;
    private static final double MIN_FRAME_BYTES = 60;
    /** Frames in which what a keyframe took is paid back. */
    private static final double REPAYMENT_FRAMES = 30;
    /** A still screen: hardly anything changes from frame to frame. */
    private static final double STILL_FACTOR = 0.03;
    private static final double CHANGE_FACTOR = 12;
    private static final double CHANGES_PER_SECOND = 1 / 8.0;

    private final int source;
    private final int layer;
    private final VideoSource.Layer limits;
    private final double framesPerSecond;
    private final boolean screen;
    private final SplittableRandom random;
    private long targetBps;
    private boolean keyframeWanted = true;
    private int next;
    private int position;
    private int baseFrame;
    private int middleFrame;
    private double debtBytes;
    private int keyframes;

    LayerEncoder(int source, int layer, VideoSource of, boolean screen, SplittableRandom random) {
        this.source = source;
        this.layer = layer;
        this.limits = of.layers().get(layer);
        this.framesPerSecond = of.framesPerSecond();
        this.screen = screen;
        this.random = random;
    }

    VideoSource.Layer limits() {
        return limits;
    }

    long targetBps() {
        return targetBps;
    }

    int keyframes() {
        return keyframes;
    }

    /** Sets what it may use; a layer that starts again starts with a keyframe. */
    void setTargetBps(long bps) {
        keyframeWanted |= targetBps == 0 && bps > 0;
        targetBps = bps;
    }

    void wantKeyframe() {
        keyframeWanted = true;
    }

    EncodedFrame encode(long nowNanos) {
        boolean keyframe = keyframeWanted;
        keyframeWanted = false;
        if (keyframe) {
            position = 0;
            keyframes++;
        }
        int temporalLayer = PATTERN[position];
        int number = next++;
        // The last frame of four refers to the middle one, the others to the base layer's latest.
        int reference = keyframe ? number : position == 3 ? middleFrame : baseFrame;
        boolean sync = !keyframe && (position == 1 || position == 2);
        if (temporalLayer == 0) {
            baseFrame = number;
        } else if (temporalLayer == 1) {
            middleFrame = number;
        }
        position = (position + 1) % PATTERN.length;
        return new EncodedFrame(source, layer, number, reference, temporalLayer, sync, keyframe,
                frameBytes(keyframe, temporalLayer), limits.width(), limits.height(), nowNanos);
    }

    private int frameBytes(boolean keyframe, int temporalLayer) {
        double mean = targetBps / (8 * framesPerSecond);
        double varied = mean * Math.exp(SIZE_SPREAD * random.nextGaussian());
        if (keyframe) {
            double bytes = varied * KEYFRAME_FACTOR;
            debtBytes += bytes - mean;
            return (int) Math.max(MIN_FRAME_BYTES, bytes);
        }
        if (screen) {
            boolean changed = random.nextDouble() < CHANGES_PER_SECOND / framesPerSecond;
            return (int) Math.max(MIN_FRAME_BYTES, varied * (changed ? CHANGE_FACTOR : STILL_FACTOR));
        }
        double repaid = Math.min(debtBytes / REPAYMENT_FRAMES, mean / 2);
        debtBytes = Math.max(0, debtBytes - repaid);
        return (int) Math.max(MIN_FRAME_BYTES, varied * SHARE[temporalLayer] - repaid);
    }
}
