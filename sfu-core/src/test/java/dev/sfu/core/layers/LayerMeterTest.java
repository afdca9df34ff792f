package dev.sfu.core.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.LayerReader;
import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.codec.ScalabilityMode;
import dev.sfu.core.codec.ScalabilityMode.Template;
import dev.sfu.core.codec.VideoLayersAllocation;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LayerMeterTest {
    private static final long MS = 1_000_000;
    private static final long FRAME = 40 * MS;

    private final LayerMeter meter = new LayerMeter(false);
    private long now = 77_000 * MS;

    /** A stream of 25 frames per second; every frame is one packet, of as many bytes as its layer has. */
    private abstract static class Source {
        final LayerReader reader = new LayerReader();
        final int encoding;
        long timestamp = 90_000;
        int picture;

        Source(int encoding) {
            this.encoding = encoding;
        }

        abstract boolean send(LayerMeter meter, boolean key, long now);

        boolean measure(LayerMeter meter, Codec codec, byte[] payload, byte[] descriptor, int bytes, long now) {
            byte[] both = new byte[payload.length + descriptor.length];
            System.arraycopy(payload, 0, both, 0, payload.length);
            System.arraycopy(descriptor, 0, both, payload.length, descriptor.length);
            PacketLayers layers = Objects.requireNonNull(reader.read(
                    codec, timestamp, both, 0, payload.length, descriptor.length > 0 ? payload.length : -1, descriptor.length));
            return meter.onPacket(encoding, layers, bytes, now);
        }
    }

    /** Three temporal layers: a quarter, a quarter and a half of the frames. */
    private static final class Vp8 extends Source {
        private final int width;
        private final int height;
        int bytes;
        int keyBytes;

        Vp8(int encoding, int width, int height, int bytes) {
            super(encoding);
            this.width = width;
            this.height = height;
            this.bytes = bytes;
            this.keyBytes = 8 * bytes;
        }

        @Override
        boolean send(LayerMeter meter, boolean key, long now) {
            picture = key ? 0 : picture + 1;
            timestamp += 3600;
            int temporal = new int[] {0, 2, 1, 2}[picture % 4];
            byte[] payload = {
                (byte) 0x90, (byte) 0xE0, (byte) (picture & 0x7F), (byte) (picture / 4), (byte) (temporal << 6),
                (byte) (key ? 0 : 1), 0, 0, (byte) 0x9D, 1, 0x2A,
                (byte) width, (byte) (width >> 8), (byte) height, (byte) (height >> 8)
            };
            return measure(meter, Codec.VP8, payload, new byte[0], key ? keyBytes : bytes, now);
        }
    }

    /** H264 says nothing of its size. */
    private static final class H264 extends Source {
        private final int bytes;

        H264(int encoding, int bytes) {
            super(encoding);
            this.bytes = bytes;
        }

        @Override
        boolean send(LayerMeter meter, boolean key, long now) {
            timestamp += 3600;
            return measure(meter, Codec.H264, new byte[] {(byte) (key ? 0x65 : 0x41), 1, 2}, new byte[0], bytes, now);
        }
    }

    /** AV1 with a dependency descriptor; spatial layers take 100, 300 and 800 bytes a frame. */
    private static final class Described extends Source {
        private final ScalabilityMode mode;
        private int frame;
        private int inCycle;
        int layers = 3;

        Described(ScalabilityMode mode) {
            super(0);
            this.mode = mode;
        }

        @Override
        boolean send(LayerMeter meter, boolean key, long now) {
            List<Template> templates = key ? mode.key() : mode.cycle();
            boolean appears = false;
            if (key) {
                inCycle = 0;
            }
            for (int layer = 0; layer < mode.key().size(); layer++) {
                Template template = templates.get(key ? layer : inCycle++ % templates.size());
                byte[] descriptor = key && layer == 0
                        ? mode.withStructure(true, 0, template, frame)
                        : ScalabilityMode.plain(true, true, template.id(), frame);
                frame++;
                if (layer < layers) {
                    appears |= measure(meter, Codec.AV1, new byte[] {0x10, 0x30}, descriptor,
                            new int[] {100, 300, 800}[layer], now);
                }
            }
            timestamp += 3600;
            return appears;
        }
    }

    /** VP9 L3T1 with sizes in the key picture; only key pictures refer to the layer below. */
    private static final class Vp9 extends Source {
        Vp9() {
            super(0);
        }

        @Override
        boolean send(LayerMeter meter, boolean key, long now) {
            picture = key ? 0 : picture + 1;
            boolean appears = false;
            for (int spatial = 0; spatial < 3; spatial++) {
                int flags = 0x80 | 0x20 | 0x0C | (key ? spatial == 0 ? 2 : 0 : 0x40) | (spatial == 2 || !key ? 1 : 0);
                byte[] head = {
                    (byte) flags, (byte) (picture & 0x7F), (byte) (spatial << 1 | (spatial > 0 && key ? 1 : 0)), 0
                };
                byte[] sizes = Bytes.hex(key && spatial == 0 ? "50 0140 00B4 0280 0168 0500 02D0" : "");
                byte[] payload = new byte[head.length + sizes.length + 1];
                System.arraycopy(head, 0, payload, 0, head.length);
                System.arraycopy(sizes, 0, payload, head.length, sizes.length);
                appears |= measure(
                        meter, Codec.VP9, payload, new byte[0], new int[] {100, 300, 800}[spatial], now);
            }
            timestamp += 3600;
            return appears;
        }
    }

    private void run(long nanos, Source... sources) {
        for (long end = now + nanos; now < end; now += FRAME) {
            for (Source source : sources) {
                source.send(meter, source.picture == 0 && source.timestamp == 90_000, now);
            }
        }
    }

    private List<LayerChoice> choices() {
        return meter.choices(now);
    }

    private LayerChoice choice(int index) {
        return choices().get(index);
    }

    private static void assertNear(long expected, long actual) {
        assertTrue(Math.abs(expected - actual) <= expected / 12, actual + " (expected: about " + expected + ")");
    }

    private String layers(boolean flowing) {
        StringBuilder text = new StringBuilder();
        for (LayerChoice choice : choices()) {
            if (choice.flows() || !flowing) {
                text.append(choice.encoding()).append(choice.spatial()).append(choice.temporal()).append(' ');
            }
        }
        return text.toString().trim();
    }

    @Test
    void simulcastIsOrderedBySizeWithRatesAndFrames() {
        Vp8 high = new Vp8(0, 1280, 720, 6000);
        Vp8 low = new Vp8(2, 320, 180, 500);
        Vp8 mid = new Vp8(1, 640, 360, 2000);
        run(6000 * MS, high, low, mid);
        assertEquals("200 201 202 100 101 102 000 001 002", layers(true));
        assertNear(500 * 8 * 25, choice(2).bitrateBps());
        assertNear(500 * 8 * 25 / 2, choice(1).bitrateBps());
        assertNear(500 * 8 * 25 / 4, choice(0).bitrateBps());
        assertNear(6000 * 8 * 25, choice(8).bitrateBps());
        assertEquals(25, choice(8).framesPerSecond());
        assertTrue(Math.abs(6 - choice(0).framesPerSecond()) <= 1);
        assertEquals(1280, choice(8).width());
        assertEquals(180, choice(0).height());
    }

    @Test
    void anEncodingOfWhichOnlyAFewFramesTrickleInDoesNotFlow() {
        Vp8 low = new Vp8(0, 320, 180, 500);
        Vp8 high = new Vp8(1, 640, 360, 2000);
        runWithChoices(3000 * MS, 1, low, high);
        assertEquals("000 001 002 100 101 102", layers(true));
        runWithChoices(1000 * MS, 8, low, high);
        assertEquals("000 001 002", layers(true));
        assertEquals("000 001 002 100 101 102", layers(false));
        runWithChoices(1000 * MS, 1, low, high);
        assertEquals("000 001 002 100 101 102", layers(true));
    }

    @Test
    void whenAllEncodingsSlowDownTogetherTheyFlow() {
        Vp8 low = new Vp8(0, 320, 180, 500);
        Vp8 high = new Vp8(1, 640, 360, 2000);
        runWithChoices(3000 * MS, 1, low, high);
        for (int i = 0; i < 5; i++) {
            runWithChoices(7 * FRAME, 8, high);
            runWithChoices(FRAME, 1, low, high);
            assertEquals("000 001 002 100 101 102", layers(true));
        }
    }

    /** Of the last source only one frame of {@code every} arrives; the choices are asked for as a server does. */
    private void runWithChoices(long nanos, int every, Source... sources) {
        int frame = 0;
        for (long end = now + nanos; now < end; now += FRAME) {
            for (int i = 0; i < sources.length; i++) {
                if (i < sources.length - 1 || frame % every == 0) {
                    sources[i].send(meter, sources[i].picture == 0 && sources[i].timestamp == 90_000, now);
                }
            }
            if (frame++ % 5 == 0) {
                choices();
            }
        }
    }

    @Test
    void aKeyframeCountsLittle() {
        Vp8 source = new Vp8(0, 640, 360, 2000);
        run(6000 * MS, source);
        long before = choice(2).bitrateBps();
        source.send(meter, true, now);
        run(100 * MS, source);
        long after = choice(2).bitrateBps();
        assertTrue(after > before && after < before * 5 / 4, before + " → " + after);
        run(8000 * MS, source);
        assertNear(before, choice(2).bitrateBps());
    }

    @Test
    void whatRisesIsSeenSoonAndWhatFallsIsBelievedSlowly() {
        Vp8 source = new Vp8(0, 640, 360, 1000);
        run(6000 * MS, source);
        source.bytes = 4000;
        run(2000 * MS, source);
        assertNear(4000 * 8 * 25, choice(2).bitrateBps());
        source.bytes = 1000;
        run(1000 * MS, source);
        assertTrue(choice(2).bitrateBps() > 1500 * 8 * 25);
        for (int i = 0; i < 80; i++) {
            run(250 * MS, source);
            choices();
        }
        assertNear(1000 * 8 * 25, choice(2).bitrateBps());
    }

    /** What a keyframe takes is paid back by the frames after it. */
    @Test
    void whatRisesDoesNotRiseAtOnce() {
        Vp8 source = new Vp8(0, 640, 360, 1000);
        for (int i = 0; i < 60; i++) {
            run(100 * MS, source);
            choices();
        }
        long before = choice(2).bitrateBps();
        source.keyBytes = 50_000;
        source.send(meter, true, now);
        now += FRAME;
        // Over two seconds that is as much again.
        assertTrue(choice(2).bitrateBps() < before * 5 / 4, before + " → " + choice(2).bitrateBps());
        source.bytes = 4000;
        run(3000 * MS, source);
        choices();
        run(FRAME, source);
        assertNear(4000 * 8 * 25, choice(2).bitrateBps());
    }

    @Test
    void whatStaysHigherIsBelievedWithinASecondOrTwo() {
        Vp8 source = new Vp8(0, 640, 360, 1000);
        run(6000 * MS, source);
        choices();
        source.bytes = 4000;
        long began = now;
        long wanted = 3000 * 8 * 25;
        while (choice(2).bitrateBps() < wanted) {
            run(100 * MS, source);
            assertTrue(now - began < 4000 * MS, "not believed after 4 s: " + choice(2).bitrateBps());
        }
        assertTrue(now - began > 700 * MS, "believed after " + (now - began) / MS + " ms");
    }

    @Test
    void whatBeginsCostsWhatItTakesFromTheFirstSecondOn() {
        Vp8 source = new Vp8(0, 640, 360, 4000);
        source.keyBytes = 4000;
        for (int i = 0; i < 9; i++) {
            run(100 * MS, source);
            choices();
        }
        assertTrue(choice(2).bitrateBps() > 3400 * 8 * 25, "rate " + choice(2).bitrateBps());
    }

    @Test
    void anEncodingThatFallsSilentWhileOthersGoOnIsGoneAndComesBackAtOnce() {
        Vp8 low = new Vp8(0, 320, 180, 500);
        Vp8 high = new Vp8(1, 1280, 720, 6000);
        assertTrue(low.send(meter, true, now));
        assertTrue(high.send(meter, true, now));
        assertFalse(high.send(meter, false, now));
        run(3000 * MS, low, high);
        assertEquals("000 001 002 100 101 102", layers(true));
        run(440 * MS, low);
        assertEquals("000 001 002 100 101 102", layers(true));
        run(120 * MS, low);
        assertEquals("000 001 002", layers(true));
        run(10_000 * MS, low);
        assertEquals("000 001 002 100 101 102", layers(false), "still known");
        assertNear(6000 * 8 * 25, choices().getLast().bitrateBps());
        assertTrue(high.send(meter, true, now));
        assertTrue(layers(true).contains("100"));
        assertTrue(choices().getLast().bitrateBps() > 500 * 8 * 25, "not thought to cost nothing");
    }

    @Test
    void aTrackThatIsSilentAsAWholeStaysAsItWas() {
        Vp8 low = new Vp8(0, 960, 540, 500);
        Vp8 high = new Vp8(1, 1920, 1080, 6000);
        run(3000 * MS, low, high);
        now += 60_000 * MS;
        assertEquals("000 001 002 100 101 102", layers(true));
        assertFalse(high.send(meter, false, now));
        assertFalse(low.send(meter, false, now));
    }

    @Test
    void fullSvcCostsTheSumOfTheLayersAndKeySvcOnlyTheLayerItself() {
        Described full = new Described(ScalabilityMode.L3T3);
        run(6000 * MS, full);
        assertEquals("000 001 002 010 011 012 020 021 022", layers(true));
        assertNear(1200 * 8 * 25, choice(8).bitrateBps());
        assertNear(400 * 8 * 25, choice(5).bitrateBps());
        assertNear(400 * 8 * 25 / 4, choice(3).bitrateBps());
        assertEquals(25, choice(8).framesPerSecond());
        meter.onEnded(0);
        assertEquals(List.of(), choices());
        run(6000 * MS, new Described(ScalabilityMode.L3T3_KEY));
        assertEquals("000 001 002 010 011 012 020 021 022", layers(true));
        assertNear(800 * 8 * 25, choice(8).bitrateBps());
        assertNear(300 * 8 * 25, choice(5).bitrateBps());
        assertNear(100 * 8 * 25, choice(2).bitrateBps());
    }

    @Test
    void vp9SaysSizesOfAllItsLayers() {
        run(6000 * MS, new Vp9());
        assertEquals("000 010 020", layers(true));
        assertEquals(320, choice(0).width());
        assertEquals(360, choice(1).height());
        assertEquals(1280, choice(2).width());
        assertNear(800 * 8 * 25, choice(2).bitrateBps());
    }

    @Test
    void aSpatialLayerThatEndsIsGone() {
        Described source = new Described(ScalabilityMode.L3T3);
        run(3000 * MS, source);
        choices();
        source.layers = 2;
        run(600 * MS, source);
        assertEquals("000 001 002 010 011 012", layers(true));
    }

    @Test
    void sizesThatNobodySaysAreEstimatedByOrder() {
        run(3000 * MS, new H264(0, 4000), new H264(1, 300), new H264(2, 1200));
        assertEquals("100 200 000", layers(true));
        assertEquals(320, choice(0).width());
        assertEquals(360, choice(1).height());
        assertEquals(1280, choice(2).width());
    }

    @Test
    void announcedRatesServeUntilThereIsAMeasurementAndStoppedStreamsAreGoneAtOnce() {
        VideoLayersAllocation allocation = new VideoLayersAllocation();
        // This is stream 1 of 2, both with one spatial and one temporal layer; 150 and 1000 kbit/s; 320 x 180 and 1280 x 720.
        byte[] both = Bytes.hex("51 00 9601 E807 013F00B31E 04FF02CF1E");
        assertTrue(allocation.parse(both, 0, both.length));
        H264 low = new H264(4, 500);
        H264 high = new H264(7, 4000);
        run(3000 * MS, low);
        high.send(meter, true, now);
        meter.onAllocation(7, allocation);
        assertEquals("400 700", layers(true));
        assertEquals(1_000_000, choice(1).bitrateBps());
        assertEquals(1280, choice(1).width());
        run(2000 * MS, low, high);
        assertNear(800_000, choice(1).bitrateBps());
        byte[] one = Bytes.hex("01 00 9601 013F00B31E");
        assertTrue(allocation.parse(one, 0, one.length), "stream 0 of 1");
        meter.onAllocation(4, allocation);
        assertEquals("400", layers(true));
        run(40 * MS, low, high);
        assertEquals("400 700", layers(true));
    }

    @Test
    void anAllocationMayLeaveTheLowestStreamOut() {
        VideoLayersAllocation allocation = new VideoLayersAllocation();
        H264 low = new H264(0, 500);
        H264 high = new H264(1, 4000);
        run(3000 * MS, low, high);
        assertTrue(allocation.parse(new byte[1], 0, 1), "stream 0 of 1, and nothing is sent");
        meter.onAllocation(0, allocation);
        assertEquals("100", layers(true));
        // This is stream 1 of 2, of which stream 0 has no layer; 1000 kbit/s.
        byte[] upper = Bytes.hex("50 01 00 E807");
        assertTrue(allocation.parse(upper, 0, upper.length));
        run(40 * MS, low);
        meter.onAllocation(1, allocation);
        assertEquals("100", layers(true));
    }

    @Test
    void theListIsTheSameUntilSomethingMatters() {
        Vp8 source = new Vp8(0, 640, 360, 1000);
        run(6000 * MS, source);
        List<LayerChoice> before = choices();
        run(1000 * MS, source);
        assertSame(before, choices());
        source.bytes = 1200;
        run(2000 * MS, source);
        assertNotSame(before, choices());
    }
}
