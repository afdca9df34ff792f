package dev.sfu.server;

import dev.sfu.admin.AdminConfig;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.api.PublishPolicy;
import dev.sfu.signaling.SignalingConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Everything that can be set.
 *
 * @param http signaling and the demo page
 * @param admin the admin interface
 * @param rtc the media engine
 * @param crypto who encrypts: auto, corretto or jdk
 * @param log what is logged
 */
record ServerConfig(SignalingConfig http, AdminConfig admin, EngineConfig rtc, String crypto, Log log) {
    /** @param level error, warn, info, debug or trace */
    record Log(String level) {}

    /** Turns settings into configuration, or throws everything that is wrong with them. */
    static ServerConfig of(Settings settings) throws ConfigException {
        Optional<SignalingConfig> http = settings.check(() -> http(settings));
        Optional<AdminConfig> admin = settings.check(() -> new AdminConfig(
                settings.get(ConfigKeys.ADMIN_HOST),
                settings.get(ConfigKeys.ADMIN_PORT),
                settings.find(ConfigKeys.ADMIN_TOKEN).orElse(null)));
        Optional<EngineConfig> rtc = settings.check(() -> rtc(settings));
        settings.refuseProblems();
        return new ServerConfig(http.orElseThrow(), admin.orElseThrow(), rtc.orElseThrow(),
                settings.get(ConfigKeys.RTC_CRYPTO),
                new Log(settings.get(ConfigKeys.LOG_LEVEL)));
    }

    private static SignalingConfig http(Settings settings) {
        return new SignalingConfig(
                settings.get(ConfigKeys.HTTP_HOST),
                settings.get(ConfigKeys.HTTP_PORT),
                tls(settings),
                settings.get(ConfigKeys.HTTP_TRUST_FORWARDED_FOR),
                new SignalingConfig.Limits(
                        settings.get(ConfigKeys.HTTP_WEB_SOCKET_MESSAGE_BYTES),
                        settings.get(ConfigKeys.HTTP_BODY_BYTES),
                        settings.get(ConfigKeys.HTTP_MESSAGES_PER_SECOND),
                        settings.get(ConfigKeys.HTTP_JOINS_PER_MINUTE),
                        settings.get(ConfigKeys.HTTP_CONNECTIONS),
                        settings.get(ConfigKeys.HTTP_UNSENT_BYTES)),
                SignalingConfig.Timing.DEFAULT);
    }

    private static SignalingConfig.Tls tls(Settings settings) {
        Optional<Path> certificate = settings.find(ConfigKeys.HTTP_TLS_CERTIFICATE);
        Optional<Path> key = settings.find(ConfigKeys.HTTP_TLS_KEY);
        boolean selfSigned = settings.get(ConfigKeys.HTTP_TLS_SELF_SIGNED);
        if (certificate.isPresent() != key.isPresent()) {
            ConfigKey<Path> absent = certificate.isPresent() ? ConfigKeys.HTTP_TLS_KEY : ConfigKeys.HTTP_TLS_CERTIFICATE;
            throw new IllegalArgumentException(
                    absent.name() + ": not set (expected: http.tls.certificate and http.tls.key together)");
        }
        if (selfSigned && certificate.isPresent()) {
            throw new IllegalArgumentException(
                    "http.tls.selfSigned: true (expected: false, because http.tls.certificate is set)");
        }
        if (certificate.isPresent() && key.isPresent()) {
            return new SignalingConfig.Tls.Pem(certificate.get(), key.get());
        }
        return selfSigned ? new SignalingConfig.Tls.SelfSigned() : new SignalingConfig.Tls.None();
    }

    private static EngineConfig rtc(Settings settings) {
        int port = settings.get(ConfigKeys.RTC_PORT);
        int processors = Math.min(64, Runtime.getRuntime().availableProcessors());
        return new EngineConfig(
                port,
                settings.find(ConfigKeys.RTC_SHARDS).orElse(processors),
                settings.find(ConfigKeys.RTC_TCP_PORT).orElse(port),
                settings.get(ConfigKeys.RTC_SINGLE_PORT),
                settings.find(ConfigKeys.RTC_ADVERTISE).orElse(List.of()),
                new EngineConfig.Limits(
                        settings.get(ConfigKeys.RTC_ROOMS),
                        settings.get(ConfigKeys.RTC_PARTICIPANTS_PER_ROOM),
                        settings.get(ConfigKeys.RTC_PARTICIPANTS_PER_SHARD),
                        settings.get(ConfigKeys.RTC_HANDSHAKES_IN_FLIGHT),
                        settings.get(ConfigKeys.RTC_CONSENT_TIMEOUT_MILLIS)),
                new EngineConfig.Bandwidth(
                        settings.get(ConfigKeys.RTC_BANDWIDTH_START_BPS),
                        settings.get(ConfigKeys.RTC_BANDWIDTH_MIN_BPS),
                        settings.get(ConfigKeys.RTC_BANDWIDTH_MAX_BPS),
                        settings.get(ConfigKeys.RTC_BANDWIDTH_ADAPT)),
                publish(settings));
    }

    private static PublishPolicy publish(Settings settings) {
        PublishLimits everywhere = new PublishLimits(
                settings.get(ConfigKeys.RTC_PUBLISH_MAX_VIDEO_BPS),
                settings.get(ConfigKeys.RTC_PUBLISH_MAX_AUDIO_BPS),
                settings.get(ConfigKeys.RTC_PUBLISH_MAX_PARTICIPANT_BPS));
        return new PublishPolicy(everywhere, settings.rooms().stream().collect(Collectors.toMap(
                Function.identity(),
                room -> new PublishLimits(
                        settings.getForRoom(room, ConfigKeys.RTC_PUBLISH_MAX_VIDEO_BPS),
                        settings.getForRoom(room, ConfigKeys.RTC_PUBLISH_MAX_AUDIO_BPS),
                        settings.getForRoom(room, ConfigKeys.RTC_PUBLISH_MAX_PARTICIPANT_BPS)))));
    }
}
