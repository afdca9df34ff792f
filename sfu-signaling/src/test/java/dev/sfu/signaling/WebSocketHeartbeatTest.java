package dev.sfu.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.api.RoomEvent;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Clients that fall silent, never join or do not read. Pings come every 20 ms; time passes when the test says so. */
class WebSocketHeartbeatTest {
    private static final SignalingConfig.Timing QUICK_PINGS = new SignalingConfig.Timing(
            Duration.ofMillis(20), Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofSeconds(60));
    private static final SignalingConfig.Limits SMALL_QUEUE =
            new SignalingConfig.Limits(256 << 10, 1 << 20, 1_000_000, 100, 100, 256 << 10);

    @AutoClose
    private final SignalingFixture fixture =
            new SignalingFixture(config -> config.withLimits(SMALL_QUEUE).withTiming(QUICK_PINGS));
    private final SignalingFixture.Client watcher = fixture.join("r", "Watcher");

    @Test
    void silenceEndsTheParticipant() {
        SignalingFixture.Client client = fixture.joinSeenBy(watcher);
        // Answers neither pings nor anything else from here on, as a device that lost its network.
        fixture.mute(client);
        watcher.roundTrip();
        fixture.nowNanos.addAndGet(Duration.ofSeconds(19).toNanos());
        watcher.roundTrip();
        assertEquals(List.of("Watcher", "Subject"), fixture.engine.names());
        // No round trip from here on: the watcher is told as soon as the next heartbeat looks, maybe before a pong.
        fixture.nowNanos.addAndGet(Duration.ofSeconds(2).toNanos());
        watcher.expect("participantLeft");
    }

    @Test
    void aConnectionThatNeverJoinsIsClosed() {
        SignalingFixture.Client client = fixture.connect();
        client.roundTrip();
        fixture.nowNanos.addAndGet(Duration.ofSeconds(15).toNanos());
        client.roundTrip();
        fixture.nowNanos.addAndGet(Duration.ofSeconds(16).toNanos());
        assertEquals(1008, client.closeCode());
    }

    @Test
    void aClientThatReadsTooSlowlyIsClosed() {
        SignalingFixture.Client client = fixture.joinSeenBy(watcher);
        fixture.mute(client);
        RoomEvent big = new RoomEvent.ChatMessage("p", "n", "x".repeat(100_000), 0);
        // More than what the kernel buffers on both sides of a loopback connection can take.
        for (int i = 0; i < 400 && fixture.engine.names().contains("Subject"); i++) {
            fixture.engine.tellIfThere("Subject", big);
        }
        watcher.expect("participantLeft");
    }
}
