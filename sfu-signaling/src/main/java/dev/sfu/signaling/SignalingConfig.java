package dev.sfu.signaling;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where signaling listens and what it allows.
 *
 * @param host the address to bind
 * @param port the TCP port to bind, 0 to 65535; 0 picks a free one
 * @param tls whether and with which certificate to speak TLS
 * @param trustForwardedFor whether the client's address is taken from {@code X-Forwarded-For}; only behind a proxy that
 *     sets it, or clients choose the address that limits are counted by
 * @param limits upper bounds on what clients may send
 * @param timing heartbeat and other intervals
 */
public record SignalingConfig(
        String host, int port, Tls tls, boolean trustForwardedFor, Limits limits, Timing timing) {

    /** The certificate to serve with. */
    public sealed interface Tls {
        /** Plain HTTP: for localhost, and behind a proxy that ends TLS. */
        record None() implements Tls {}

        /** A certificate made at start; browsers warn about it. */
        record SelfSigned() implements Tls {}

        /** PEM files, read again when they change. */
        record Pem(Path certificate, Path key) implements Tls {}
    }

    /**
     * Upper bounds.
     *
     * @param webSocketMessageBytes one WebSocket message
     * @param bodyBytes one HTTP request body
     * @param messagesPerSecond sustained WebSocket frames of one connection; bursts of four seconds' worth pass
     * @param joinsPerMinutePerAddress joins from one IPv4 address or IPv6 /64, over WebSocket, WHIP and WHEP together
     * @param connections WebSocket connections and WHIP/WHEP sessions together
     * @param unsentBytes what may wait for a client that reads too slowly before its connection is closed
     */
    public record Limits(
            int webSocketMessageBytes,
            int bodyBytes,
            int messagesPerSecond,
            int joinsPerMinutePerAddress,
            int connections,
            int unsentBytes) {
        /** 256 KiB, 1 MiB, 50/s, 600/min, 20 000 and 1 MiB. */
        public static final Limits DEFAULT = new Limits(256 << 10, 1 << 20, 50, 600, 20_000, 1 << 20);

        /** Checks ranges. */
        public Limits {
            atLeast("limits.webSocketMessageBytes", webSocketMessageBytes, 1024);
            atLeast("limits.bodyBytes", bodyBytes, 1024);
            atLeast("limits.messagesPerSecond", messagesPerSecond, 1);
            atLeast("limits.joinsPerMinutePerAddress", joinsPerMinutePerAddress, 1);
            atLeast("limits.connections", connections, 1);
            atLeast("limits.unsentBytes", unsentBytes, 1024);
        }

        private static void atLeast(String name, int value, int least) {
            if (value < least) {
                throw new IllegalArgumentException(name + ": " + value + " (expected: at least " + least + ")");
            }
        }
    }

    /**
     * Intervals.
     *
     * @param ping between the server's WebSocket pings
     * @param silence without any frame from the client after which its participant leaves
     * @param join within which a new WebSocket must have sent its join
     * @param certificateCheck between looks at PEM files for changes
     */
    public record Timing(Duration ping, Duration silence, Duration join, Duration certificateCheck) {
        /** Ping every 10 s, gone after 20 s, join within 30 s, certificates every 60 s. */
        public static final Timing DEFAULT = new Timing(
                Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofSeconds(60));

        /** Checks that the intervals make sense together. */
        public Timing {
            if (!ping.isPositive() || !join.isPositive() || !certificateCheck.isPositive()) {
                throw new IllegalArgumentException("timing: " + ping + ", " + join + ", " + certificateCheck
                        + " (expected: all above zero)");
            }
            if (silence.compareTo(ping) <= 0) {
                throw new IllegalArgumentException("timing.silence: " + silence + " (expected: above ping, " + ping + ")");
            }
        }
    }

    /** Checks the port. */
    public SignalingConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("http.port: " + port + " (expected: 0 to 65535)");
        }
    }

    /** Plain HTTP with the default limits. */
    public static SignalingConfig plain(String host, int port) {
        return new SignalingConfig(host, port, new Tls.None(), false, Limits.DEFAULT, Timing.DEFAULT);
    }

    /** The same with another TLS setting. */
    public SignalingConfig withTls(Tls other) {
        return new SignalingConfig(host, port, other, trustForwardedFor, limits, timing);
    }

    /** The same with other limits. */
    public SignalingConfig withLimits(Limits other) {
        return new SignalingConfig(host, port, tls, trustForwardedFor, other, timing);
    }

    /** The same with other intervals. */
    public SignalingConfig withTiming(Timing other) {
        return new SignalingConfig(host, port, tls, trustForwardedFor, limits, other);
    }
}
