package dev.sfu.core.api;

import java.net.InetAddress;
import java.util.List;

/**
 * How the engine meets the network.
 *
 * @param port the first UDP port; shard <i>i</i> uses {@code port + i}; 0 picks free ports
 * @param shards event loops, each with its own port, 1 to 64
 * @param tcpPort the port for passive ICE-TCP, counted like {@code port}; 0 picks free ones, -1 turns it off
 * @param singlePort whether all shards share {@code port} and {@code tcpPort} instead
 * @param advertise addresses to put into candidates; empty means the usable interface addresses and loopback
 * @param limits upper bounds
 * @param bandwidth bounds of what is sent to one peer
 * @param publish how much publishers may send
 */
public record EngineConfig(
        int port,
        int shards,
        int tcpPort,
        boolean singlePort,
        List<InetAddress> advertise,
        Limits limits,
        Bandwidth bandwidth,
        PublishPolicy publish) {
    /**
     * Upper bounds on what remote parties can make the engine hold.
     *
     * @param rooms rooms in the engine
     * @param participantsPerRoom participants and viewers in one room
     * @param participantsPerShard of them on one shard before the next ones go to another, as far as there are any
     * @param handshakesInFlight DTLS handshakes under way at once in the engine
     * @param consentTimeoutMillis silence of the peer's connectivity checks after which it is gone
     */
    public record Limits(
            int rooms,
            int participantsPerRoom,
            int participantsPerShard,
            int handshakesInFlight,
            int consentTimeoutMillis) {
        /** 10 000 rooms of 5 000, 250 of them on one shard, 256 handshakes, 25 s. */
        public static final Limits DEFAULT = new Limits(10_000, 5_000, 250, 256, 25_000);
    }

    /**
     * Bounds of the estimate of what one peer's network carries from here, bits per second.
     *
     * @param startBps what is sent before anything is known
     * @param minBps what is always sent
     * @param maxBps what is never exceeded
     * @param adapt whether the estimate decides what is sent: layers, pauses, pacing and probes. If not it is only shown, and
     *     everybody is taken to be able to receive {@code maxBps}
     */
    public record Bandwidth(long startBps, long minBps, long maxBps, boolean adapt) {
        /** 600 kbit/s, 30 kbit/s, 50 Mbit/s; the estimate decides. */
        public static final Bandwidth DEFAULT = new Bandwidth(600_000, 30_000, 50_000_000, true);
        /** The same bounds; the estimate is only shown. */
        public static final Bandwidth FIXED = new Bandwidth(600_000, 30_000, 50_000_000, false);

        /** Checks the order. */
        public Bandwidth {
            if (minBps < 1 || minBps > startBps) {
                throw new IllegalArgumentException(
                        "rtc.bandwidth.minBps: " + minBps + " (expected: 1 to rtc.bandwidth.startBps, " + startBps + ")");
            }
            if (maxBps < startBps) {
                throw new IllegalArgumentException("rtc.bandwidth.maxBps: " + maxBps
                        + " (expected: at least rtc.bandwidth.startBps, " + startBps + ")");
            }
        }
    }

    /** The usual bandwidth, and publishers without limits. */
    public EngineConfig(
            int port, int shards, int tcpPort, boolean singlePort, List<InetAddress> advertise, Limits limits) {
        this(port, shards, tcpPort, singlePort, advertise, limits, Bandwidth.DEFAULT, PublishPolicy.UNLIMITED);
    }

    /** A port for each shard, the usual bandwidth, and publishers without limits. */
    public EngineConfig(int port, int shards, int tcpPort, List<InetAddress> advertise, Limits limits) {
        this(port, shards, tcpPort, false, advertise, limits);
    }

    /** The same with other limits for publishers. */
    public EngineConfig withPublish(PublishPolicy policy) {
        return new EngineConfig(port, shards, tcpPort, singlePort, advertise, limits, bandwidth, policy);
    }

    /** Checks ranges and copies the list. */
    public EngineConfig {
        advertise = List.copyOf(advertise);
        if (shards < 1 || shards > 64) {
            throw new IllegalArgumentException("rtc.shards: " + shards + " (expected: 1 to 64)");
        }
        int highest = singlePort ? 65_535 : 65_536 - shards;
        if (port < 0 || port > highest) {
            throw new IllegalArgumentException("rtc.port: " + port + " (expected: 0 to " + highest + ")");
        }
        if (tcpPort < -1 || tcpPort > highest) {
            throw new IllegalArgumentException("rtc.tcpPort: " + tcpPort + " (expected: -1 to " + highest + ")");
        }
    }
}
