package dev.sfu.core.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.DependencyDescriptor;
import dev.sfu.core.codec.LayerReader;
import dev.sfu.core.codec.PacketLayers;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was recorded is what its name says, and the engine reads it as this package does. */
class LayerTraceTest {
    static List<String> names() {
        return LayerTrace.NAMES;
    }

    @ParameterizedTest
    @MethodSource("names")
    void hasTheLayersOfItsName(String name) {
        LayerTrace trace = LayerTrace.read(name);
        boolean simulcast = name.contains("simulcast");
        assertEquals(simulcast ? 3 : 1, trace.rids().size());
        int spatial = 0;
        int temporal = 0;
        boolean described = false;
        for (int i = 0; i < trace.rids().size(); i++) {
            TracedStream stream = Objects.requireNonNull(TracedStream.ofUsable(trace, i), name);
            assertTrue(stream.keys.length >= 3, stream + " (expected: at least three keyframes)");
            for (TracedFrame frame : stream.frames) {
                spatial = Math.max(spatial, frame.spatial);
                temporal = Math.max(temporal, frame.temporal);
                described |= frame.dependencies != null;
            }
        }
        assertEquals(name.contains("l3t3") ? 2 : 0, spatial);
        boolean withoutTemporal = name.contains("l1t1") || name.equals("h264-simulcast") || name.equals("vp8-single");
        assertEquals(withoutTemporal ? 0 : name.contains("firefox") ? 1 : 2, temporal);
        assertEquals(name.contains("described") || trace.codec() == Codec.AV1 || name.contains("firefox"), described);
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsAsTheEngineReadsIt(String name) {
        LayerTrace trace = LayerTrace.read(name);
        for (int i = 0; i < trace.rids().size(); i++) {
            TracedStream stream = new TracedStream(trace, i);
            LayerReader reader = new LayerReader();
            for (TracedFrame frame : stream.frames) {
                for (LayerTrace.Packet packet : frame.packets) {
                    compare(trace.codec(), reader, frame, packet);
                }
            }
        }
    }

    private static void compare(Codec codec, LayerReader reader, TracedFrame frame, LayerTrace.Packet packet) {
        byte[] both = new byte[packet.head().length + packet.descriptor().length];
        System.arraycopy(packet.head(), 0, both, 0, packet.head().length);
        System.arraycopy(packet.descriptor(), 0, both, packet.head().length, packet.descriptor().length);
        boolean described = packet.descriptor().length > 0;
        PacketLayers layers = reader.read(codec, packet.timestamp(), both, 0, packet.head().length,
                described ? packet.head().length : -1, packet.descriptor().length);
        assertNotNull(layers);
        boolean first = packet.sequence() == frame.first().sequence();
        assertEquals(frame.spatial, layers.spatial());
        assertEquals(frame.temporal, layers.temporal());
        if (codec != Codec.H264 || described) {
            assertEquals(frame.key && first, layers.keyframeStart());
        }
        Dependencies expected = frame.dependencies;
        DependencyDescriptor read = layers.dependencies();
        assertEquals(described, read != null);
        if (expected == null || read == null) {
            return;
        }
        assertEquals(expected.frame(), layers.frame() & 0xFFFF);
        assertEquals(first, layers.startOfFrame());
        assertEquals((packet.descriptor()[0] & 0x40) != 0, layers.endOfFrame());
        int[] references = new int[read.referenceCount()];
        for (int i = 0; i < references.length; i++) {
            references[i] = read.reference(i);
        }
        assertArrayEquals(expected.differences(), references);
        int[] indications = new int[read.structure().targetCount()];
        for (int i = 0; i < indications.length; i++) {
            indications[i] = read.indication(i);
        }
        assertArrayEquals(expected.indications(), indications);
    }
}
