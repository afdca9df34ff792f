package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.SlotWish;
import dev.sfu.core.layers.LayerChoice;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerLadderTest {
    private static LayerChoice choice(int encoding, int spatial, int temporal, int kbps, int width, int framesPerSecond) {
        return new LayerChoice(
                encoding, spatial, temporal, kbps * 1000L, width, width * 9 / 16, framesPerSecond, true);
    }

    private static String steps(LayerLadder ladder) {
        StringBuilder text = new StringBuilder();
        for (LayerChoice step : ladder.steps()) {
            text.append(step.encoding()).append(step.spatial()).append(step.temporal()).append(' ');
        }
        return text.toString().trim();
    }

    @Test
    void withoutSpatialLayersTheLowestStays() {
        LayerLadder all = LayerLadder.of(
                List.of(
                        choice(0, 0, 0, 50, 320, 15),
                        choice(0, 0, 1, 80, 320, 30),
                        choice(0, 1, 0, 200, 640, 15),
                        choice(0, 1, 1, 350, 640, 30)),
                SlotWish.everything("0"),
                false);
        assertEquals("000 001 010 011", steps(all));
        LayerLadder base = all.withoutSpatialLayers();
        assertEquals("000 001", steps(base));
        assertTrue(base.onlyBase());
        assertEquals(all.wanted(), base.wanted());
    }

    @Test
    void spatialLayersThatComeLaterAreLeftOutToo() {
        LayerLadder all = LayerLadder.of(
                List.of(choice(0, 0, 0, 100, 320, 30), choice(1, 0, 0, 400, 640, 30)), SlotWish.everything("0"), false);
        assertFalse(all.onlyBase());
        LayerLadder base = all.withoutSpatialLayers();
        assertEquals("000 100", steps(base), "a simulcast");
        assertTrue(base.onlyBase());
    }

    @Test
    void aLargePictureOfAFewFramesIsNoStepOfACamera() {
        List<LayerChoice> choices = List.of(
                choice(0, 0, 0, 60, 320, 4),
                choice(0, 0, 1, 100, 320, 8),
                choice(1, 0, 0, 400, 640, 8),
                choice(2, 0, 0, 700, 1280, 3));
        assertEquals("000 001 100", steps(LayerLadder.of(choices, SlotWish.everything("0"), false)));
        assertEquals("000 001 100 200", steps(LayerLadder.of(choices, SlotWish.everything("0"), true)), "a screen");
    }

    @Test
    void whereFrameRatesAreNotKnownNothingIsLeftOut() {
        List<LayerChoice> choices = List.of(choice(0, 0, 0, 100, 320, 0), choice(1, 0, 0, 400, 640, 0));
        assertEquals("000 100", steps(LayerLadder.of(choices, SlotWish.everything("0"), false)));
    }
}
