package dev.sfu.server;

import dev.sfu.admin.AdminConfig;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.server.ValueType.Addresses;
import dev.sfu.server.ValueType.OneOf;
import dev.sfu.server.ValueType.ReadableFile;
import dev.sfu.server.ValueType.Secret;
import dev.sfu.server.ValueType.Switch;
import dev.sfu.server.ValueType.Text;
import dev.sfu.server.ValueType.Whole;
import dev.sfu.signaling.SignalingConfig;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every setting. */
final class ConfigKeys {
    private static final List<ConfigKey<?>> TABLE = new ArrayList<>();

    private static final ValueType<Integer> PORT = new Whole(0, 65_535);
    private static final int MANY = 1_000_000;
    private static final int GIBIBYTE = 1 << 30;
    private static final ValueType<Integer> RATE = new Whole(0, 1_000_000_000);

    private static final SignalingConfig.Limits HTTP = SignalingConfig.Limits.DEFAULT;
    private static final EngineConfig.Limits RTC = EngineConfig.Limits.DEFAULT;
    private static final EngineConfig.Bandwidth BANDWIDTH = EngineConfig.Bandwidth.DEFAULT;

    static final ConfigKey<String> HTTP_HOST =
            key("http.host", new Text(), "0.0.0.0", "Address that signaling and the demo page listen on");
    static final ConfigKey<Integer> HTTP_PORT =
            key("http.port", PORT, 8080, "TCP port of signaling and the demo page; 0 picks a free one");
    static final ConfigKey<Path> HTTP_TLS_CERTIFICATE = open("http.tls.certificate", new ReadableFile(), "none",
            "Certificate chain (PEM) for HTTPS; read again when the file changes");
    static final ConfigKey<Path> HTTP_TLS_KEY =
            open("http.tls.key", new ReadableFile(), "none", "Private key (PEM, PKCS #8) of the certificate");
    static final ConfigKey<Boolean> HTTP_TLS_SELF_SIGNED = key("http.tls.selfSigned", new Switch(), false,
            "HTTPS with a certificate made at start; browsers warn about it");
    static final ConfigKey<Boolean> HTTP_TRUST_FORWARDED_FOR = key("http.trustForwardedFor", new Switch(), false,
            "Take client addresses from X-Forwarded-For; only behind a proxy that sets it");
    static final ConfigKey<Integer> HTTP_WEB_SOCKET_MESSAGE_BYTES = key("http.limits.webSocketMessageBytes",
            new Whole(1024, GIBIBYTE), HTTP.webSocketMessageBytes(), "Largest WebSocket message");
    static final ConfigKey<Integer> HTTP_BODY_BYTES =
            key("http.limits.bodyBytes", new Whole(1024, GIBIBYTE), HTTP.bodyBytes(), "Largest HTTP request body");
    static final ConfigKey<Integer> HTTP_MESSAGES_PER_SECOND = key("http.limits.messagesPerSecond",
            new Whole(1, MANY), HTTP.messagesPerSecond(), "Sustained WebSocket messages of one client");
    static final ConfigKey<Integer> HTTP_JOINS_PER_MINUTE = key("http.limits.joinsPerMinutePerAddress",
            new Whole(1, MANY), HTTP.joinsPerMinutePerAddress(), "Joins from one IPv4 address or IPv6 /64");
    static final ConfigKey<Integer> HTTP_CONNECTIONS = key("http.limits.connections", new Whole(1, MANY),
            HTTP.connections(), "WebSocket connections and WHIP/WHEP sessions together");
    static final ConfigKey<Integer> HTTP_UNSENT_BYTES = key("http.limits.unsentBytes", new Whole(1024, GIBIBYTE),
            HTTP.unsentBytes(), "What may wait for a client that reads too slowly before it is cut off");

    static final ConfigKey<String> ADMIN_HOST = key("admin.host", new Text(), AdminConfig.DEFAULT.host(),
            "Address that the admin interface listens on; beyond loopback it wants admin.token");
    static final ConfigKey<Integer> ADMIN_PORT = key("admin.port", PORT, AdminConfig.DEFAULT.port(),
            "TCP port of the admin interface; 0 picks a free one");
    static final ConfigKey<String> ADMIN_TOKEN = open("admin.token", new Secret(), "none",
            "Bearer token for metrics, statistics and lists; better in the environment than as a flag");

    static final ConfigKey<Integer> RTC_PORT = key("rtc.port", PORT, 10_000,
            "First UDP port for media; shard i uses this plus i; 0 picks free ones");
    static final ConfigKey<Integer> RTC_SHARDS = open("rtc.shards", new Whole(1, 64),
            "processors, at most 64", "Event loops for media, each with its own UDP port unless rtc.singlePort");
    static final ConfigKey<Integer> RTC_TCP_PORT = open("rtc.tcpPort", new Whole(-1, 65_535), "same as rtc.port",
            "First TCP port for media where UDP is blocked, counted like rtc.port; off for none");
    static final ConfigKey<Boolean> RTC_SINGLE_PORT = key("rtc.singlePort", new Switch(), false,
            "All shards share rtc.port and rtc.tcpPort, for where only one port can be opened");
    static final ConfigKey<List<InetAddress>> RTC_ADVERTISE = open("rtc.advertise", new Addresses(),
            "addresses of the interfaces", "Addresses that browsers are told to send media to, such as a public one");
    static final ConfigKey<String> RTC_CRYPTO = key("rtc.crypto", new OneOf(List.of("auto", "corretto", "jdk")), "auto",
            "Who encrypts: Amazon Corretto's native code, the JDK, or what is measured to be cheaper");
    static final ConfigKey<Boolean> RTC_BANDWIDTH_ADAPT = key("rtc.bandwidth.adapt", new Switch(), BANDWIDTH.adapt(),
            "Choose layers, pace and probe by the estimate of each browser's network; off, everybody gets rtc.bandwidth.maxBps");
    static final ConfigKey<Integer> RTC_BANDWIDTH_START_BPS = key("rtc.bandwidth.startBps", new Whole(10_000, 1_000 * MANY),
            (int) BANDWIDTH.startBps(), "Bits per second to one browser before its network is known");
    static final ConfigKey<Integer> RTC_BANDWIDTH_MIN_BPS = key("rtc.bandwidth.minBps", new Whole(10_000, 1_000 * MANY),
            (int) BANDWIDTH.minBps(), "Bits per second that every browser's network is taken to carry");
    static final ConfigKey<Integer> RTC_BANDWIDTH_MAX_BPS = key("rtc.bandwidth.maxBps", new Whole(10_000, 1_000 * MANY),
            (int) BANDWIDTH.maxBps(), "Bits per second to one browser at most");
    static final ConfigKey<Integer> RTC_ROOMS =
            key("rtc.limits.rooms", new Whole(1, MANY), RTC.rooms(), "Rooms at once");
    static final ConfigKey<Integer> RTC_PARTICIPANTS_PER_ROOM = key("rtc.limits.participantsPerRoom",
            new Whole(1, MANY), RTC.participantsPerRoom(), "Participants and viewers in one room");
    static final ConfigKey<Integer> RTC_PARTICIPANTS_PER_SHARD = key("rtc.limits.participantsPerShard",
            new Whole(1, MANY), RTC.participantsPerShard(),
            "Participants of one room on one shard; the next ones go to another shard, as far as there are any");
    static final ConfigKey<Integer> RTC_HANDSHAKES_IN_FLIGHT = key("rtc.limits.handshakesInFlight",
            new Whole(1, MANY), RTC.handshakesInFlight(), "DTLS handshakes under way at once");
    static final ConfigKey<Integer> RTC_CONSENT_TIMEOUT_MILLIS = key("rtc.limits.consentTimeoutMillis",
            new Whole(1_000, 30_000), RTC.consentTimeoutMillis(),
            "Milliseconds without connectivity checks from a browser after which it is gone; RFC 7675 allows 30 seconds");

    static final ConfigKey<Integer> RTC_PUBLISH_MAX_VIDEO_BPS = key("rtc.publish.maxVideoBps", RATE, 0,
            "Bits per second that browsers may send of one video track, all its layers together; 0 for no limit");
    static final ConfigKey<Integer> RTC_PUBLISH_MAX_AUDIO_BPS = key("rtc.publish.maxAudioBps", RATE, 0,
            "Bits per second that browsers may send of one audio track; 0 for no limit");
    static final ConfigKey<Integer> RTC_PUBLISH_MAX_PARTICIPANT_BPS = key("rtc.publish.maxParticipantBps", RATE, 0,
            "Bits per second that a browser may send of all its tracks together; 0 for no limit");

    static final ConfigKey<String> LOG_LEVEL = key("log.level",
            new OneOf(List.of("error", "warn", "info", "debug", "trace")), "info", "What is logged");

    /** All of them, in the order in which they are shown. */
    static final List<ConfigKey<?>> ALL = List.copyOf(TABLE);

    /** What the file can also say of single rooms: {@code rtc.rooms.<name>} and the key's name without {@code rtc}. */
    static final List<ConfigKey<Integer>> BY_ROOM =
            List.of(RTC_PUBLISH_MAX_VIDEO_BPS, RTC_PUBLISH_MAX_AUDIO_BPS, RTC_PUBLISH_MAX_PARTICIPANT_BPS);

    private ConfigKeys() {}

    private static <T> ConfigKey<T> key(String name, ValueType<T> type, T fallback, String description) {
        return add(name, type, fallback, fallback.toString(), description);
    }

    private static <T> ConfigKey<T> open(String name, ValueType<T> type, String fallbackText, String description) {
        return add(name, type, null, fallbackText, description);
    }

    private static <T> ConfigKey<T> add(
            String name, ValueType<T> type, @Nullable T fallback, String fallbackText, String description) {
        ConfigKey<T> key = new ConfigKey<>(name, type, fallback, fallbackText, description);
        TABLE.add(key);
        return key;
    }
}
