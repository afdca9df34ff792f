package dev.sfu.core.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.LayerReader;
import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.codec.ScalabilityMode;
import dev.sfu.core.codec.ScalabilityMode.Template;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is forwarded of streams whose frames are one packet each: a digit names a frame by its spatial and temporal layer. */
class LayerSelectorTest {
    private final LayerSelector selector = new LayerSelector();

    /** A stream whose pictures follow each other, with what the selector makes of each. */
    private abstract class Source {
        private final LayerReader reader = new LayerReader();
        final int encoding;
        long sequence = 1000;
        long timestamp = 90_000;
        int picture;

        Source(int encoding) {
            this.encoding = encoding;
        }

        /** Sends a picture; gives the frames forwarded, a marker as {@code !}, a switch as {@code >}. */
        abstract String send(boolean key);

        String send(int pictures) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < pictures; i++) {
                all.append(i == 0 ? "" : " ").append(send(false));
            }
            return all.toString();
        }

        String offer(Codec codec, byte[] payload, byte[] descriptor, int spatial, int temporal, boolean marker) {
            byte[] both = new byte[payload.length + descriptor.length];
            System.arraycopy(payload, 0, both, 0, payload.length);
            System.arraycopy(descriptor, 0, both, payload.length, descriptor.length);
            PacketLayers layers = Objects.requireNonNull(reader.read(
                    codec, timestamp, both, 0, payload.length, descriptor.length > 0 ? payload.length : -1, descriptor.length));
            Verdict verdict = selector.decide(encoding, layers, sequence++, marker);
            if (!verdict.forwarded()) {
                return "";
            }
            return (verdict == Verdict.SWITCH ? ">" : "") + spatial + temporal + (selector.marker() ? "!" : "");
        }
    }

    /** AV1 with a dependency descriptor. */
    private final class Described extends Source {
        private final ScalabilityMode mode;
        private int frame;
        private int offset;
        private int inCycle;

        Described(int encoding, ScalabilityMode mode) {
            super(encoding);
            this.mode = mode;
        }

        @Override
        String send(boolean key) {
            List<Template> templates = key ? mode.key() : mode.cycle();
            int layers = mode.key().size();
            if (key) {
                inCycle = 0;
                offset = (offset + 17) % 64;
            }
            StringBuilder forwarded = new StringBuilder();
            for (int layer = 0; layer < layers; layer++) {
                Template template = templates.get(key ? layer : inCycle++ % templates.size());
                byte[] descriptor = key && layer == 0
                        ? mode.withStructure(true, offset, template, frame)
                        : ScalabilityMode.plain(true, true, (offset + template.id()) % 64, frame);
                frame++;
                forwarded.append(offer(Codec.AV1, new byte[] {0x10, 0x30}, descriptor,
                        template.spatial(), template.temporal(), layer == layers - 1));
            }
            timestamp += 3000;
            return forwarded.toString();
        }
    }

    /** VP9 with three spatial and three temporal layers. */
    private final class Vp9 extends Source {
        private final boolean onlyKeysInterLayer;

        Vp9(int encoding, boolean onlyKeysInterLayer) {
            super(encoding);
            this.onlyKeysInterLayer = onlyKeysInterLayer;
        }

        @Override
        String send(boolean key) {
            picture = key ? 0 : picture + 1;
            int temporal = new int[] {0, 2, 1, 2}[picture % 4];
            StringBuilder forwarded = new StringBuilder();
            for (int spatial = 0; spatial < 3; spatial++) {
                boolean interLayer = spatial > 0 && (key || !onlyKeysInterLayer);
                boolean unused = spatial == 2 || (onlyKeysInterLayer && !key);
                int flags = 0x80 | 0x20 | 0x0C | (key ? 0 : 0x40) | (unused ? 1 : 0);
                int layer = temporal << 5 | 0x10 | spatial << 1 | (interLayer ? 1 : 0);
                byte[] payload = {(byte) flags, (byte) picture, (byte) layer, (byte) (picture / 4), 0};
                forwarded.append(offer(Codec.VP9, payload, new byte[0], spatial, temporal, spatial == 2));
            }
            timestamp += 3000;
            return forwarded.toString();
        }
    }

    /** VP8 with three temporal layers; the layer frames after a base frame are synchronised to it. */
    private final class Vp8 extends Source {
        Vp8(int encoding) {
            super(encoding);
        }

        @Override
        String send(boolean key) {
            picture = key ? 0 : picture + 1;
            int temporal = new int[] {0, 2, 1, 2}[picture % 4];
            boolean sync = picture % 4 == 1 || picture % 4 == 2;
            byte[] payload = {
                (byte) 0x90, (byte) 0xE0, (byte) (picture & 0x7F), (byte) (picture / 4),
                (byte) (temporal << 6 | (sync ? 0x20 : 0)), (byte) (key ? 0 : 1), 0
            };
            timestamp += 3000;
            return offer(Codec.VP8, payload, new byte[0], 0, temporal, true);
        }
    }

    @Test
    void nothingPlaysBeforeAKeyframe() {
        Described source = new Described(0, ScalabilityMode.L1T3);
        source.send(true);
        assertEquals(LayerSelector.NO_ENCODING, selector.playing());
        selector.setTarget(0, LayerSelector.ALL, LayerSelector.ALL);
        assertTrue(selector.awaitsKeyframe());
        assertEquals("   ", source.send(4));
        assertEquals(">00!", source.send(true));
        assertFalse(selector.awaitsKeyframe());
        assertEquals("02! 01! 02! 00!", source.send(4));
        selector.restart();
        assertEquals("", source.send(false));
    }

    @Test
    void temporalLayersFallAtOnceAndRiseAtSwitchingPoints() {
        for (Source source : List.of(new Described(0, ScalabilityMode.L1T3), new Vp8(1))) {
            selector.setTarget(source.encoding, LayerSelector.ALL, LayerSelector.ALL);
            assertEquals(">00!", source.send(true));
            assertEquals("02! 01! 02! 00!", source.send(4));
            selector.setTarget(source.encoding, LayerSelector.ALL, 1);
            assertEquals(" 01!  00!", source.send(4));
            selector.setTarget(source.encoding, LayerSelector.ALL, 0);
            assertEquals("   00!", source.send(4));
            assertFalse(selector.awaitsKeyframe());
            selector.setTarget(source.encoding, LayerSelector.ALL, 1);
            assertEquals(" 01!  00!", source.send(4));
            assertEquals("", source.send(1));
            selector.setTarget(source.encoding, LayerSelector.ALL, 2);
            // For the descriptor that is a switching point; for VP8, the next 02 is not synchronised to the base layer.
            String fourth = source instanceof Vp8 ? "" : "02!";
            assertEquals("01! " + fourth + " 00! 02!", source.send(4));
        }
    }

    @Test
    void vp8RisesLayerByLayer() {
        Vp8 source = new Vp8(0);
        selector.setTarget(0, 0, 0);
        source.send(true);
        selector.setTarget(0, 0, 2);
        // 02 is synchronised to the base layer, but the 01 that follows may not be.
        assertEquals(" 01!  00!", source.send(4));
        assertEquals("02! 01! 02! 00!", source.send(4));
    }

    @Test
    void spatialLayersOfFullSvcFallAtOnceAndRiseAtKeyframes() {
        for (Source source : List.of(new Described(0, ScalabilityMode.L3T3), new Vp9(1, false))) {
            selector.setTarget(source.encoding, 2, 2);
            assertEquals(">001020!", source.send(true));
            assertEquals("021222! 011121! 021222! 001020!", source.send(4));
            selector.setTarget(source.encoding, 1, 1);
            assertEquals(" 0111!  0010!", source.send(4));
            selector.setTarget(source.encoding, 0, 2);
            assertEquals("02! 01! 02! 00!", source.send(4));
            assertFalse(selector.awaitsKeyframe());
            selector.setTarget(source.encoding, 2, 2);
            assertEquals("02! 01! 02! 00!", source.send(4));
            assertTrue(selector.awaitsKeyframe());
            assertEquals("001020!", source.send(true));
            assertFalse(selector.awaitsKeyframe());
            assertEquals("021222!", source.send(1));
        }
    }

    @Test
    void keySvcLeavesLowerLayersOutAndChangesAtKeyframes() {
        for (Source source : List.of(new Described(0, ScalabilityMode.L3T3_KEY), new Vp9(1, true))) {
            selector.setTarget(source.encoding, 2, 2);
            assertEquals(">001020!", source.send(true));
            assertEquals("22! 21! 22! 20!", source.send(4));
            selector.setTarget(source.encoding, 1, 0);
            assertEquals("   20!", source.send(4), "the temporal layer falls meanwhile");
            assertTrue(selector.awaitsKeyframe());
            assertEquals("0010!", source.send(true));
            assertEquals("   10!", source.send(4));
            selector.setTarget(source.encoding, 1, 2);
            assertFalse(selector.awaitsKeyframe());
            source.send(4);
            assertEquals("12! 11! 12! 10!", source.send(4));
        }
    }

    @Test
    void spatialLayersThatDoWithoutEachOtherBeginWithTheirOwn() {
        Described source = new Described(0, ScalabilityMode.S2T1);
        selector.setTarget(0, LayerSelector.ALL, LayerSelector.ALL);
        assertEquals(">10!", source.send(true));
        assertEquals("10! 10!", source.send(2));
        selector.setTarget(0, 0, LayerSelector.ALL);
        assertEquals(" ", source.send(2).replaceAll("[0-9!]", ""));
    }

    @Test
    void anEncodingIsReplacedAtAKeyframeOnly() {
        Described low = new Described(0, ScalabilityMode.L1T3);
        Described high = new Described(1, ScalabilityMode.L1T3);
        selector.setTarget(0, 0, 2);
        assertEquals(">00!", low.send(true));
        assertEquals("", high.send(true));
        selector.setTarget(1, 0, 2);
        assertTrue(selector.awaitsKeyframe());
        assertEquals("02! 01! 02! 00!", low.send(4));
        assertEquals("   ", high.send(4));
        assertEquals("02!", low.send(1));
        assertEquals(">00!", high.send(true));
        assertEquals("", low.send(1));
        assertEquals("02! 01! 02! 00!", high.send(4));
        assertEquals(1, selector.playing());
    }

    @Test
    void aKeyframeOfWhichPacketsHavePassedIsNoStart() {
        Vp8 source = new Vp8(0);
        selector.setTarget(0, 0, 2);
        source.sequence = 50;
        assertEquals("", source.send(1));
        source.sequence = 40;
        assertEquals("", source.send(true), "came after a later packet that was not forwarded");
        source.sequence = 51;
        assertEquals("", source.send(1));
        assertEquals(">00!", source.send(true));
    }

    @Test
    void lateFramesAreTreatedLikeThoseBeforeThem() {
        Described source = new Described(0, ScalabilityMode.L1T3);
        selector.setTarget(0, 0, 2);
        source.send(true);
        assertEquals("02!", source.send(1));
        // The 01 comes late, after the layers have been lowered.
        int frame = source.frame++;
        Template late = ScalabilityMode.L1T3.cycle().get(source.inCycle++);
        long sequence = source.sequence++;
        source.timestamp += 3000;
        selector.setTarget(0, 0, 0);
        assertEquals("", source.send(1));
        source.timestamp -= 6000;
        source.sequence = sequence;
        byte[] descriptor = ScalabilityMode.plain(true, true, source.offset + late.id(), frame);
        assertEquals("01!", source.offer(Codec.AV1, new byte[] {0x10, 0x30}, descriptor, 0, 1, true));
    }

    @Test
    void aLateFrameIsTreatedByTheLayersThatThereWereAtItsTime() {
        Vp9 source = new Vp9(0, true);
        selector.setTarget(0, 2, 2);
        assertEquals(">001020!", source.send(true));
        assertEquals("22! 21!", source.send(2));
        long late = source.timestamp;
        // A key picture whose structure has two layers.
        source.timestamp += 3000;
        assertEquals("00", source.offer(
                Codec.VP9, new byte[] {(byte) 0xAE, 0, 0x10, 0, 0x20, 0}, new byte[0], 0, 0, false));
        assertEquals("10!", source.offer(Codec.VP9, new byte[] {(byte) 0xAD, 0, 0x13, 0, 0}, new byte[0], 1, 0, true));
        // S1 of the picture before it, of which a receiver of S2 gets nothing but that.
        source.timestamp = late;
        assertEquals("", source.offer(Codec.VP9, new byte[] {(byte) 0xED, 3, 0x52, 0, 0}, new byte[0], 1, 2, false));
    }

    @Test
    void whatIsMissingBetweenLeftOutPacketsOfOnePictureIsLeftOut() {
        Vp9 source = new Vp9(0, false);
        selector.setTarget(0, 0, 2);
        source.send(true);
        assertTrue(selector.gapLeftOut());
        source.send(1);
        assertTrue(selector.gapLeftOut(), "S1 and S2 of one picture");
        selector.setTarget(0, 1, 2);
        source.send(true);
        assertFalse(selector.gapLeftOut(), "S1 was forwarded");
    }

    @Test
    void tellsTheDecodeTargetsThatAreForwarded() {
        Described source = new Described(0, ScalabilityMode.L3T3);
        selector.setTarget(0, 1, 1);
        byte[] key = ScalabilityMode.L3T3.withStructure(true, 0, ScalabilityMode.L3T3.key().getFirst(), 0);
        LayerReader reader = new LayerReader();
        PacketLayers layers = Objects.requireNonNull(
                reader.read(Codec.AV1, 0, key, 0, 2, 0, key.length));
        assertEquals(Verdict.SWITCH, selector.decide(0, layers, 1, false));
        assertEquals(0x200 | 0b011011, selector.targetsToTell());
        selector.restart();
        selector.setTarget(0, 2, 2);
        assertEquals(Verdict.SWITCH, selector.decide(0, layers, 2, false));
        assertEquals(0, selector.targetsToTell(), "all of them");
        assertEquals(0, source.frame);
    }

    @Test
    void tellsTheDecodeTargetsAgainAfterAStructureThatCameLate() {
        ScalabilityMode mode = ScalabilityMode.L3T3_KEY;
        Described source = new Described(0, mode);
        selector.setTarget(0, 1, 2);
        assertEquals(">0010!", source.send(true));
        assertEquals("12! 11! 12! 10! 12! 11! 12! 10!", source.send(8));
        assertEquals(0, selector.targetsToTell(), "told often enough");

        // The first packet of the next keyframe comes after the other one and after the layer above.
        int frame = source.frame;
        byte[] payload = {0x10, 0x30};
        source.sequence += 1;
        assertEquals("00", source.offer(
                Codec.AV1, payload, ScalabilityMode.plain(false, true, source.offset + 1, frame), 0, 0, false));
        assertEquals("10!", source.offer(
                Codec.AV1, payload, ScalabilityMode.plain(true, true, source.offset + 6, frame + 1), 1, 0, false));
        assertEquals(0, selector.targetsToTell());
        source.sequence -= 3;
        byte[] structure = mode.withStructure(false, source.offset, mode.key().getFirst(), frame);
        assertEquals("00", source.offer(Codec.AV1, payload, structure, 0, 0, false));
        assertEquals(0x200 | 0b000111000, selector.targetsToTell(), "a structure makes all of them active");
        source.sequence += 2;
        source.timestamp += 3000;
        assertEquals("12!", source.offer(
                Codec.AV1, payload, ScalabilityMode.plain(true, true, source.offset + 8, frame + 4), 1, 2, false));
        assertEquals(0x200 | 0b000111000, selector.targetsToTell());
    }

    /** As Chromium's encoder when it drops the frame of the layer below: what it refers to instead may be older than a keyframe. */
    @Test
    void whatRefersToAFrameThatWasLeftOutIsMissedUntilTheNextFrameOfItsChain() {
        ScalabilityMode mode = ScalabilityMode.L3T3;
        Described source = new Described(0, mode);
        selector.setTarget(0, 1, 0);
        assertEquals(">0010!", source.send(true));
        assertEquals("   0010!", source.send(4));
        int leftOut = source.frame - 6;
        selector.setTarget(0, 1, 2);
        assertEquals("0010!", source.send(true));
        assertEquals("0212!", source.send(1));

        // S1 of a picture of the middle temporal layer, alone.
        source.frame++;
        Template alone = new Template(7, 1, 1, "----DS-RR", new int[] {7, 6, 5}, 6, source.frame - leftOut);
        byte[] descriptor = mode.custom(true, true, (source.offset + alone.id()) % 64, source.frame, 0x1FF, alone);
        assertEquals("", source.offer(Codec.AV1, new byte[] {0x10, 0x30}, descriptor, 1, 1, true));
        assertFalse(selector.awaitsKeyframe(), "a keyframe would not bring it");
        source.frame += 2;
        source.inCycle += 3;
        source.timestamp += 3000;
        assertEquals("02 0010! 0212! 0111!", source.send(4), "the next 12 refers to it");
        assertFalse(selector.awaitsKeyframe());
    }

    /** The encoder has got two spatial layers more, and the first packet that tells so is late. */
    @Test
    void layersGoOnWithAStructureThatCameLate() {
        Described source = new Described(0, ScalabilityMode.L1T3);
        selector.setTarget(0, LayerSelector.ALL, LayerSelector.ALL);
        assertEquals(">00!", source.send(true));
        ScalabilityMode mode = ScalabilityMode.L3T3;
        int offset = 40;
        int frame = source.frame;
        byte[] payload = {0x10, 0x30};
        assertEquals("10", source.offer(
                Codec.AV1, payload, ScalabilityMode.plain(true, true, offset + 6, frame + 1), 1, 0, false));
        assertEquals("20!", source.offer(
                Codec.AV1, payload, ScalabilityMode.plain(true, true, offset + 11, frame + 2), 2, 0, true));
        source.timestamp += 3000;
        assertEquals("02", source.offer(
                Codec.AV1, payload, ScalabilityMode.plain(true, true, offset + 3, frame + 3), 0, 2, false));
        source.timestamp -= 3000;
        byte[] structure = mode.withStructure(true, offset, mode.key().getFirst(), frame);
        assertEquals("00", source.offer(Codec.AV1, payload, structure, 0, 0, false));
        source.timestamp += 3000;
        assertEquals("12", source.offer(
                Codec.AV1, payload, ScalabilityMode.plain(true, true, offset + 8, frame + 4), 1, 2, false));
        assertEquals("22!", source.offer(
                Codec.AV1, payload, ScalabilityMode.plain(true, true, offset + 13, frame + 5), 2, 2, false));
    }
}
