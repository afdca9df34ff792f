package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LayerEncoderTest {
    private final LayerEncoder encoder =
            new LayerEncoder(7, 2, VideoSource.CAMERA_720P, false, new SplittableRandom(1));

    @Test
    void keepsItsBitrateKeyframesIncluded() {
        encoder.setTargetBps(2_000_000);
        long bytes = 0;
        for (int frame = 0; frame < 3_000; frame++) {
            if (frame % 300 == 0) {
                encoder.wantKeyframe();
            }
            bytes += encoder.encode(frame).bytes();
        }
        assertEquals(2_000_000, bytes * 8 / 100.0, 100_000.0);
    }

    @Test
    void framesReferToWhatTheirTemporalLayerMay() {
        encoder.setTargetBps(500_000);
        EncodedFrame[] frames = new EncodedFrame[9];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = encoder.encode(i);
        }
        assertTrue(frames[0].keyframe());
        int[] layers = {0, 2, 1, 2, 0, 2, 1, 2, 0};
        int[] references = {0, 0, 0, 2, 0, 4, 4, 6, 4};
        for (int i = 0; i < frames.length; i++) {
            assertEquals(layers[i], frames[i].temporalLayer(), "frame " + i);
            assertEquals(references[i], frames[i].reference(), "frame " + i);
            assertEquals(i % 4 == 1 || i % 4 == 2, frames[i].layerSync(), "frame " + i);
        }
    }

    @Test
    void aLayerThatComesBackStartsWithAKeyframe() {
        encoder.setTargetBps(500_000);
        assertTrue(encoder.encode(0).keyframe());
        assertFalse(encoder.encode(1).keyframe());
        encoder.setTargetBps(0);
        encoder.setTargetBps(400_000);
        assertTrue(encoder.encode(2).keyframe());
        assertEquals(2, encoder.keyframes());
    }

    @Test
    void aScreenIsMostlyStillAndSometimesLarge() {
        LayerEncoder screen = new LayerEncoder(7, 0, VideoSource.SCREEN_1080P, true, new SplittableRandom(1));
        screen.setTargetBps(2_000_000);
        screen.encode(0);
        int large = 0;
        int small = 0;
        for (int frame = 1; frame < 3_000; frame++) {
            int bytes = screen.encode(frame).bytes();
            large += bytes > 80_000 ? 1 : 0;
            small += bytes < 2_000 ? 1 : 0;
        }
        assertTrue(large > 10 && large < 50, large + " changes in 200 s");
        assertTrue(small > 2_900, small + " still frames");
    }
}
