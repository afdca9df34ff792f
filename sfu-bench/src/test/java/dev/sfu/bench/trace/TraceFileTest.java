package dev.sfu.bench.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceFileTest {
    private static final Trace TRACE = new Trace(
            "two layers",
            List.of(new Trace.Stream("VP8", 90_000, "q"), new Trace.Stream("VP8", 90_000, "h")),
            List.of(
                    new Trace.Packet(0, 0, 900, false, 0, true, new byte[] {0x10, 1, 2}),
                    new Trace.Packet(0, 17, 899, true, 0, false, new byte[0]),
                    new Trace.Packet(1, 0, 65_535, true, 0, true, new byte[24]),
                    new Trace.Packet(0, 33_000, 1, true, 3003, false, new byte[] {-1}),
                    // B-frames and reordering send an older picture after a newer one.
                    new Trace.Packet(0, 1, 1, true, 1500, false, new byte[0]),
                    new Trace.Packet(1, 2_000_000, 0, true, 1L << 33, false, new byte[0])),
            33_333);

    @Test
    void readsWhatItWrote() throws IOException {
        Trace read = TraceFile.read(new ByteArrayInputStream(written(TRACE)));
        assertEquals(TRACE.name(), read.name());
        assertEquals(TRACE.streams(), read.streams());
        assertEquals(TRACE.tailMicros(), read.tailMicros());
        assertEquals(TRACE.packets().size(), read.packets().size());
        for (int i = 0; i < read.packets().size(); i++) {
            Trace.Packet expected = TRACE.packets().get(i);
            Trace.Packet packet = read.packets().get(i);
            assertEquals(expected.stream(), packet.stream());
            assertEquals(expected.deltaMicros(), packet.deltaMicros());
            assertEquals(expected.payloadBytes(), packet.payloadBytes());
            assertEquals(expected.marker(), packet.marker());
            assertEquals(expected.timestampTicks(), packet.timestampTicks());
            assertEquals(expected.keyframeStart(), packet.keyframeStart());
            assertArrayEquals(expected.head(), packet.head());
        }
    }

    @Test
    void refusesAFileThatEndsTooSoon() throws IOException {
        byte[] file = written(TRACE);
        for (int length = 0; length < file.length; length++) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThrows(IOException.class, () -> TraceFile.read(new ByteArrayInputStream(cut)), "length " + length);
        }
    }

    @Test
    void refusesMoreStreamsThanAPacketCanName() {
        Trace.Stream stream = new Trace.Stream("VP8", 90_000, null);
        Trace wide = new Trace("wide", java.util.Collections.nCopies(33, stream), List.of(), 0);
        assertThrows(IOException.class, () -> written(wide));
    }

    private static byte[] written(Trace trace) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TraceFile.write(trace, out);
        return out.toByteArray();
    }
}
