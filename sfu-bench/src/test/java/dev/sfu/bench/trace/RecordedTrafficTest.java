package dev.sfu.bench.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.Keyframes;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordedTrafficTest {
    private static final int MAX_FILE_BYTES = 150_000;

    @ParameterizedTest
    @EnumSource
    void isSmallAndAboutTenSecondsLong(RecordedTraffic traffic) throws IOException {
        var file = RecordedTraffic.class.getResourceAsStream(traffic.fileName());
        assertNotNull(file, traffic.fileName());
        try (file) {
            assertTrue(file.readAllBytes().length < MAX_FILE_BYTES);
        }
        Trace trace = traffic.load();
        assertEquals(traffic.label(), trace.name());
        assertEquals(traffic.layers(), trace.streams().size());
        assertTrue(trace.durationMicros() > 9_500_000 && trace.durationMicros() < 12_000_000, trace.durationMicros() + " us");
    }

    /** What makes a packet a decoder's start must be in the bytes that were kept. */
    @ParameterizedTest
    @EnumSource
    void headsSayWhatTheRecorderSaw(RecordedTraffic traffic) throws IOException {
        Trace trace = traffic.load();
        for (Trace.Packet packet : trace.packets()) {
            Trace.Stream stream = trace.streams().get(packet.stream());
            MediaKind kind = stream.audio() ? MediaKind.AUDIO : MediaKind.VIDEO;
            Codec codec = Codec.of(kind, stream.codec());
            assertNotNull(codec, stream.codec());
            byte[] payload = Arrays.copyOf(packet.head(), packet.payloadBytes());
            assertTrue(packet.head().length <= PayloadHead.MAX_BYTES);
            assertEquals(
                    packet.keyframeStart(), Keyframes.startsKeyframe(codec, payload, 0, payload.length), packet.toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyStreamStartsWithAKeyframeAndEndsWithAFrame(RecordedTraffic traffic) throws IOException {
        Trace trace = traffic.load();
        Set<Integer> started = new HashSet<>();
        boolean[] marked = new boolean[trace.streams().size()];
        for (Trace.Packet packet : trace.packets()) {
            if (started.add(packet.stream())) {
                assertTrue(packet.keyframeStart(), "first packet of stream " + packet.stream());
                assertEquals(0, packet.timestampTicks());
            }
            marked[packet.stream()] = packet.marker();
        }
        for (int stream = 0; stream < marked.length; stream++) {
            assertTrue(marked[stream] || trace.streams().get(stream).audio(), "last packet of stream " + stream);
        }
    }
}
