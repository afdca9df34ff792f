package dev.sfu.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.RoomEvent;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Start, stop and configuration. */
class SignalingServerTest {
    @Test
    void stopTellsClientsAndEndsParticipants() {
        try (SignalingFixture fixture = new SignalingFixture()) {
            SignalingFixture.Client anna = fixture.join("r", "Anna");
            SignalingFixture.Client idle = fixture.connect();
            idle.roundTrip();
            SignalingFixture.await(fixture.server.stop());
            assertEquals("shutting_down", anna.expect("ended").path("code").asText());
            assertEquals(1001, anna.closeCode());
            assertEquals("shutting_down", idle.expect("ended").path("code").asText());
            assertEquals(1001, idle.closeCode());
            // All at once: a crowd that leaves one by one costs the square of its number.
            assertEquals(List.of("join r Anna PARTICIPANT", "end Anna"), fixture.engine.calls());
            assertEquals(List.of(), fixture.engine.names());
            assertThrows(AssertionError.class, fixture::connect);
            SignalingFixture.await(fixture.server.stop());
        }
    }

    @Test
    void stopDoesNotWaitForAClientThatDoesNotRead() {
        try (SignalingFixture fixture = new SignalingFixture()) {
            SignalingFixture.Client stuck = fixture.join("r", "Stuck");
            fixture.mute(stuck);
            fixture.engine.tell("Stuck", new RoomEvent.ChatMessage("p", "n", "x".repeat(20_000_000), 0));
            SignalingFixture.await(fixture.server.stop());
            assertEquals(List.of(), fixture.engine.names());
        }
    }

    @Test
    void aPortInUseFailsTheStart() {
        try (SignalingFixture fixture = new SignalingFixture()) {
            Vertx vertx = Vertx.vertx();
            SignalingServer second =
                    new SignalingServer(vertx, fixture.engine, SignalingConfig.plain("127.0.0.1", fixture.port));
            assertThrows(AssertionError.class, () -> SignalingFixture.await(second.start()));
            SignalingFixture.await(vertx.close());
        }
    }

    @Test
    void forwardedAddressesCountOnlyWhenTrusted() {
        assertEquals(List.of("joined", "error"), joinsFromForwardedAddresses(false));
        assertEquals(List.of("joined", "joined"), joinsFromForwardedAddresses(true));
    }

    private static List<String> joinsFromForwardedAddresses(boolean trusted) {
        SignalingConfig.Limits limits = new SignalingConfig.Limits(4096, 4096, 50, 1, 10, 1 << 20);
        try (SignalingFixture fixture = new SignalingFixture(config -> new SignalingConfig(
                config.host(), config.port(), config.tls(), trusted, limits, config.timing()))) {
            return List.of(
                    fixture.joinFrom("203.0.113.1"), fixture.joinFrom("203.0.113.2"));
        }
    }

    @Test
    void configurationSaysWhatIsWrong() {
        assertTrue(message(() -> SignalingConfig.plain("h", 65_536)).startsWith("http.port: 65536 (expected: "));
        Duration second = Duration.ofSeconds(1);
        assertTrue(message(() -> new SignalingConfig.Timing(second, second, second, second))
                .startsWith("timing.silence: PT1S (expected: "));
        assertTrue(message(() -> new SignalingConfig.Timing(Duration.ZERO, second, second, second))
                .startsWith("timing: PT0S"));
        assertTrue(message(() -> new SignalingConfig.Limits(1, 4096, 1, 1, 1, 4096))
                .startsWith("limits.webSocketMessageBytes: 1 (expected: "));
    }

    private static String message(Runnable failing) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, failing::run).getMessage());
    }
}
