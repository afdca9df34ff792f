package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SyntheticPeer;
import dev.sfu.core.stats.StatsReport;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pacing with a real clock, whose timers are late. */
class EnginePacingTest {
    private final EngineScene scene = EngineScene.adapting();

    @AfterEach
    void stop() {
        scene.close();
    }

    /** Frames of 20,000 bytes five times a second: more than may leave at once, 800 kbit/s in all. */
    @Test
    void whatHasToWaitLeavesToo() {
        SyntheticPeer ann = scene.publisher("ann");
        SentStream camera = ann.tracks().getFirst().stream();
        camera.setFrame(20, 1000);
        ann.tracks().getFirst().setInterval(200 * Deadlines.MILLISECOND);
        SyntheticPeer bob = scene.listener("bob", 1);
        bob.rtcp().setNacks(true);
        bob.awaitPackets(camera, 300);
        assertTrue(waited("bob") > 20, waited("bob") + " packets waited");
        assertTrue(scene.counter("deadlines_met") > 20, scene.counter("deadlines_met") + " deadlines");
        scene.awaitComplete(ann, bob);
        scene.assertFaultless();
    }

    private long waited(String name) {
        for (ConnectionInfo connection : scene.loop.await("connections", scene.engine.connections())) {
            if (connection.participantName().equals(name)) {
                Optional<StatsReport> report = scene.loop.await("statistics", scene.engine.stats(connection.id()));
                return report.map(StatsReport::stats).orElse(List.of()).stream()
                        .filter(stats -> stats.get("bandwidth") instanceof Map)
                        .mapToLong(stats -> packetsThatWaited((Map<?, ?>) stats.get("bandwidth")))
                        .sum();
            }
        }
        return 0;
    }

    private static long packetsThatWaited(Map<?, ?> bandwidth) {
        return bandwidth.get("packetsThatWaited") instanceof Number count ? count.longValue() : 0;
    }
}
