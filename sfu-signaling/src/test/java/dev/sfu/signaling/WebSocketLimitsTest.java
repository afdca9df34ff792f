package dev.sfu.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What clients cannot do to the server: sizes and rates. */
class WebSocketLimitsTest {
    private static final SignalingConfig.Limits LIMITS =
            new SignalingConfig.Limits(4096, 8192, 5, 3, 4, 256 << 10);

    @AutoClose
    private final SignalingFixture fixture = new SignalingFixture(config -> config.withLimits(LIMITS));
    private final SignalingFixture.Client watcher = fixture.join("r", "Watcher");

    @Test
    void aFrameOverTheLimitClosesTheConnection() {
        SignalingFixture.Client client = fixture.joinSeenBy(watcher);
        client.send("x".repeat(5000));
        watcher.expect("participantLeft");
        assertEquals(1009, client.closeCode());
    }

    @Test
    void aFragmentedMessageOverTheLimitClosesTheConnection() {
        SignalingFixture.Client client = fixture.joinSeenBy(watcher);
        SignalingFixture.await(client.socket.writeFrame(WebSocketFrame.textFrame("x".repeat(3000), false)));
        SignalingFixture.await(client.socket.writeFrame(
                WebSocketFrame.continuationFrame(Buffer.buffer("x".repeat(3000)), true)));
        assertEquals(1009, client.closeCode());
        watcher.expect("participantLeft");
    }

    @Test
    void aFloodIsToldAndClosed() {
        SignalingFixture.Client client = fixture.joinSeenBy(watcher);
        // The clock stands, so nothing is refilled: 20 frames pass, of which the join was one.
        for (int i = 0; i < 19; i++) {
            client.roundTrip();
        }
        client.send("{\"type\":\"ping\"}");
        client.expect("pong");
        client.expectError("limit_reached", "");
        assertEquals(1008, client.closeCode());
        watcher.expect("participantLeft");
    }

    @Test
    void pingFramesCountAsMessages() {
        SignalingFixture.Client client = fixture.joinSeenBy(watcher);
        for (int i = 0; i < 20; i++) {
            SignalingFixture.await(client.socket.writePing(Buffer.buffer("p")));
        }
        client.expectError("limit_reached", "");
        assertEquals(1008, client.closeCode());
    }

    @Test
    void tokensComeBackWithTime() {
        TokenBucket bucket = new TokenBucket(2, 3, 0);
        assertEquals(
                List.of(true, true, true, false),
                List.of(bucket.tryTake(0), bucket.tryTake(0), bucket.tryTake(0), bucket.tryTake(400_000_000)));
        assertEquals(
                List.of(true, false), List.of(bucket.tryTake(500_000_000), bucket.tryTake(600_000_000)));
        assertTrue(bucket.tryTake(100_000_000_000L));
    }

    @Test
    void joinsPerAddressAreLimitedAndRecover() {
        fixture.joinSeenBy(watcher);
        fixture.join("r", "Third");
        SignalingFixture.Client fourth = fixture.connect();
        fourth.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"Fourth\"}");
        fourth.expectError("limit_reached", "join");
        fixture.nowNanos.addAndGet(Duration.ofSeconds(20).toNanos());
        fourth.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"Fourth\"}");
        fourth.expect("joined");
    }

    @Test
    void joinLimiterTakesAnIpv6NetworkAsOneAddress() {
        JoinLimiter limiter = new JoinLimiter(1);
        assertEquals(
                List.of(true, false, true, true, true, false),
                List.of(
                        limiter.tryJoin("2001:db8:1:2:3:4:5:6", 0),
                        limiter.tryJoin("2001:db8:1:2:ffff:0:0:1", 0),
                        limiter.tryJoin("2001:db8:1:3:3:4:5:6", 0),
                        limiter.tryJoin("10.0.0.1", 0),
                        limiter.tryJoin("10.0.0.2", 0),
                        limiter.tryJoin("10.0.0.2", 0)));
    }

    @Test
    void connectionsOverTheLimitAreRefused() {
        fixture.connect();
        fixture.connect();
        fixture.connect();
        AssertionError refused = assertThrows(AssertionError.class, () -> fixture.connect());
        assertTrue(String.valueOf(refused.getMessage()).contains("503"), () -> String.valueOf(refused.getMessage()));
    }
}
