package dev.sfu.bench.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.Keyframes;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyntheticTracesTest {
    @Test
    void framesHaveTheBitrateAndComeInBurstsOfNearEqualPackets() {
        Trace trace = SyntheticTraces.frames(1_500_000);
        assertEquals(10_000_000, trace.durationMicros());
        assertEquals(1_500_000, bitrateBps(trace), 75_000);
        double perFrame = (double) trace.packets().size()
                / trace.packets().stream().filter(Trace.Packet::marker).count();
        assertTrue(perFrame > 5 && perFrame < 6.5, () -> perFrame + " packets per frame");
        for (int i = 1; i < trace.packets().size(); i++) {
            Trace.Packet before = trace.packets().get(i - 1);
            Trace.Packet packet = trace.packets().get(i);
            if (packet.timestampTicks() == before.timestampTicks()) {
                assertTrue(Math.abs(before.payloadBytes() - packet.payloadBytes()) <= 1);
            }
        }
    }

    @Test
    void uniformPacketsAreEvenlySpaced() {
        Trace trace = SyntheticTraces.uniform(1_500_000, 1_180);
        assertEquals(1_500_000, bitrateBps(trace), 15_000);
        List<Integer> gaps =
                trace.packets().stream().skip(1).map(Trace.Packet::deltaMicros).distinct().toList();
        assertEquals(List.of(6_293), gaps);
    }

    @Test
    void everyStreamStartsWithAKeyframe() {
        for (Trace trace : List.of(
                SyntheticTraces.frames(1_000_000), SyntheticTraces.uniform(500_000, 900), SyntheticTraces.simulcast())) {
            for (int stream = 0; stream < trace.streams().size(); stream++) {
                int wanted = stream;
                Trace.Packet first = trace.packets().stream()
                        .filter(packet -> packet.stream() == wanted)
                        .findFirst()
                        .orElseThrow();
                assertTrue(first.keyframeStart());
                assertTrue(Keyframes.startsKeyframe(Codec.VP8, first.head(), 0, first.head().length));
                assertEquals(0, first.timestampTicks());
            }
        }
    }

    private static double bitrateBps(Trace trace) {
        return trace.packets().stream().mapToLong(Trace.Packet::payloadBytes).sum() * 8e6 / trace.durationMicros();
    }
}
