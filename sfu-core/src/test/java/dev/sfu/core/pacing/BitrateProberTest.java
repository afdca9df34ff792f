package dev.sfu.core.pacing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Probes as a pacer sends them. */
class BitrateProberTest {
    private static final long MS = PacerScene.MS;

    private final PacerScene scene = new PacerScene();

    @Test
    void aProbeIsSentAtItsRate() {
        // 2.4 Mbit/s: 1000 bytes in 3.33 ms; portions of 600 bytes, each one packet here.
        scene.pacer.addProbe(new ProbeCluster(3, 2_400_000, 4500, 5, scene.nowMs * MS));
        assertTrue(scene.pacer.nextDeadlineNanos() <= scene.nowMs * MS);
        for (int i = 0; i < 3; i++) {
            assertFalse(scene.video(1, i, 1));
        }
        scene.run(30);
        // Three packets of media and scene.padding for the rest.
        assertEquals(3, scene.sent.stream().filter(s -> s.packet() >= 0 && s.probe() == 3).count());
        assertTrue(scene.padding >= 1500 && scene.padding <= 2500, "padding: " + scene.padding);
        long first = scene.sent.getFirst().atMs();
        long last = scene.sent.getLast().atMs();
        assertEquals(15, (double) last - first, 4);
        assertEquals(0, scene.pacer.probesFailed());
        assertTrue(scene.video(1, 50, 50));
    }

    @Test
    void aProbeWithoutPaddingWaitsForMediaAndEndsWhenThereIsTooLittle() {
        scene.paddingAvailable = 0;
        scene.pacer.addProbe(new ProbeCluster(3, 2_400_000, 4500, 5, scene.nowMs * MS));
        scene.run(10);
        assertEquals(Deadlines.NEVER, scene.pacer.nextDeadlineNanos());
        assertFalse(scene.video(1, 1, 1));
        scene.run(1);
        assertEquals(List.of(new PacerScene.Sent(1, 1, 3, scene.nowMs)), scene.sent);
        scene.run(20);
        assertEquals(1, scene.pacer.probesFailed());
        assertTrue(scene.video(1, 2, 2));
    }

    @Test
    void aProbeThatCouldNotStartIsGivenUp() {
        scene.paddingAvailable = 0;
        scene.pacer.addProbe(new ProbeCluster(3, 2_400_000, 4500, 5, scene.nowMs * MS));
        scene.run(6000);
        assertTrue(scene.video(1, 1, 1));
        assertEquals(1, scene.pacer.probesFailed());
    }

    @Test
    void probesFollowEachOtherAndAreBounded() {
        for (int id = 1; id <= 10; id++) {
            scene.pacer.addProbe(new ProbeCluster(id, 2_400_000, 4500, 5, scene.nowMs * MS));
        }
        assertEquals(6, scene.pacer.probesFailed());
        scene.run(200);
        assertEquals(List.of(7, 8, 9, 10), scene.sent.stream().map(PacerScene.Sent::probe).distinct().toList());
    }
}
