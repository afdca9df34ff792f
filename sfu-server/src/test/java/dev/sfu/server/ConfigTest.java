package dev.sfu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.api.PublishPolicy;
import dev.sfu.signaling.SignalingConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void withoutAnySourceTheDefaultsHold() throws Exception {
        ServerConfig config = config(Map.of());
        assertEquals("0.0.0.0", config.http().host());
        assertEquals(8080, config.http().port());
        assertEquals(new SignalingConfig.Tls.None(), config.http().tls());
        assertEquals(SignalingConfig.Limits.DEFAULT, config.http().limits());
        assertEquals("127.0.0.1", config.admin().host());
        assertEquals(8081, config.admin().port());
        assertNull(config.admin().token());
        assertEquals(10_000, config.rtc().port());
        assertEquals(10_000, config.rtc().tcpPort());
        assertEquals(Math.min(64, Runtime.getRuntime().availableProcessors()), config.rtc().shards());
        assertEquals(List.of(), config.rtc().advertise());
        assertEquals(EngineConfig.Limits.DEFAULT, config.rtc().limits());
        assertEquals("info", config.log().level());
    }

    @Test
    void flagsGoOverTheEnvironmentAndTheEnvironmentOverTheFile() throws Exception {
        String file = file("""
                http:
                  port: 1001
                  host: 127.0.0.1
                admin:
                  port: 1002
                rtc.port: 1003
                """);
        Map<String, String> environment = Map.of("SFU_CONFIG", file, "SFU_ADMIN_PORT", "2002", "SFU_RTC_PORT", "2003");
        ServerConfig config = config(environment, "--rtc.port", "3003", "--log.level=DEBUG");
        assertEquals("127.0.0.1", config.http().host());
        assertEquals(1001, config.http().port());
        assertEquals(2002, config.admin().port());
        assertEquals(3003, config.rtc().port());
        assertEquals("debug", config.log().level());
    }

    @Test
    void theConfigFlagGoesOverTheConfigVariable() throws Exception {
        String file = file("http: {port: 1001}");
        assertEquals(1001, config(Map.of("SFU_CONFIG", "/nonexistent.yaml"), "--config", file).http().port());
    }

    @Test
    void everyKeyCanBeSetFromEverySource() throws Exception {
        Set<String> environmentNames = new HashSet<>();
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            assertTrue(environmentNames.add(key.environmentName()), key.environmentName());
            String bad = key.type() instanceof ValueType.Text || key.type() instanceof ValueType.Secret ? " " : "wrong";
            assertTrue(problems(Map.of(key.environmentName(), bad)).getFirst().startsWith(key.name() + ": "));
            assertTrue(problems(Map.of(), key.flag() + "=" + bad).getFirst().startsWith(key.name() + ": "));
            assertTrue(problems(Map.of(), "--config", file(key.name() + ": '" + bad + "'"))
                    .getFirst().startsWith(key.name() + ": "));
        }
    }

    @Test
    void camelCaseBecomesWordsInTheEnvironment() {
        assertEquals("SFU_RTC_TCP_PORT", ConfigKeys.RTC_TCP_PORT.environmentName());
        assertEquals("SFU_HTTP_TLS_SELF_SIGNED", ConfigKeys.HTTP_TLS_SELF_SIGNED.environmentName());
        assertEquals("SFU_HTTP_LIMITS_JOINS_PER_MINUTE_PER_ADDRESS", ConfigKeys.HTTP_JOINS_PER_MINUTE.environmentName());
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() throws Exception {
        String file = file("""
                http:
                  port: eighty
                  prot: 80
                admin: {token: "", port: 99999}
                """);
        assertEquals(
                List.of(
                        "http.port: eighty (expected: 0 to 65535; from " + file + ")",
                        "http.prot: 80 (expected: a key that --help lists; from " + file + ")",
                        "admin.token: not shown (expected: a secret that is not blank; from " + file + ")",
                        "admin.port: 99999 (expected: 0 to 65535; from " + file + ")",
                        "SFU_HTTP_PROT: 81 (expected: a variable that --help lists)",
                        "rtc.shards: 0 (expected: 1 to 64; from SFU_RTC_SHARDS)",
                        "--nope=1 (expected: a flag that --help lists)",
                        "stray (expected: a flag that --help lists)",
                        "log.level: loud (expected: error, warn, info, debug, trace; from --log.level)",
                        "http.tls.certificate: not set (expected: http.tls.certificate and http.tls.key together)",
                        "admin.token: not set (expected: a secret, because admin.host 0.0.0.0 is not loopback)"),
                problems(Map.of("SFU_HTTP_PROT", "81", "SFU_RTC_SHARDS", "0"),
                        "--config", file, "--nope=1", "stray", "--log.level", "loud", "--admin.host=0.0.0.0",
                        "--http.tls.key=" + file));
    }

    @Test
    void publishersHaveNoLimitsUnlessSaid() throws Exception {
        assertEquals(PublishPolicy.UNLIMITED, config(Map.of()).rtc().publish());
        PublishPolicy set = config(Map.of("SFU_RTC_PUBLISH_MAX_AUDIO_BPS", "32000"), "--rtc.publish.maxVideoBps=1500000",
                "--rtc.publish.maxParticipantBps=2000000").rtc().publish();
        assertEquals(new PublishPolicy(new PublishLimits(1_500_000, 32_000, 2_000_000), Map.of()), set);
    }

    @Test
    void aRoomsOwnLimitsGoOverTheOthers() throws Exception {
        String file = file("""
                rtc:
                  publish: {maxVideoBps: 1500000}
                  rooms:
                    all.hands:
                      publish:
                        maxVideoBps: 800000
                        maxAudioBps: 24000
                    stage: {publish.maxVideoBps: 0}
                    nothing:
                """);
        PublishPolicy policy = config(Map.of(), "--config", file, "--rtc.publish.maxAudioBps=64000").rtc().publish();
        assertEquals(new PublishLimits(800_000, 24_000, 0), policy.of("all.hands"));
        assertEquals(new PublishLimits(0, 64_000, 0), policy.of("stage"));
        assertEquals(new PublishLimits(1_500_000, 64_000, 0), policy.of("nothing"));
    }

    @Test
    void whatIsWrongWithARoomIsSaid() throws Exception {
        String file = file("""
                rtc:
                  rooms:
                    a.b: {publish: {maxVideoBps: lots, maxVideo: 1}}
                    c: 7
                """);
        String keys = "one of publish.maxVideoBps, publish.maxAudioBps, publish.maxParticipantBps below the room";
        assertEquals(
                List.of(
                        "rtc.rooms.a.b.publish.maxVideoBps: lots (expected: 0 to 1000000000; from " + file + ")",
                        "rtc.rooms.a.b.publish.maxVideo: 1 (expected: " + keys + "; from " + file + ")",
                        "rtc.rooms.c: 7 (expected: " + keys + "; from " + file + ")"),
                problems(Map.of(), "--config", file));
        String list = file("rtc.rooms: [a, b]");
        assertEquals(
                List.of("rtc.rooms: [\"a\",\"b\"] (expected: names of rooms with settings below; from " + list + ")"),
                problems(Map.of(), "--config", list));
    }

    @Test
    void aFlagWithoutItsValueOrGivenTwiceIsRefused() {
        assertEquals(1, problems(Map.of(), "--http.port").size());
        assertTrue(problems(Map.of(), "--http.port").getFirst().contains("--http.port"));
        assertTrue(problems(Map.of(), "--http.port=1", "--http.port=2").getFirst().contains("--http.port"));
    }

    @Test
    void secretsDoNotShow() throws Exception {
        ServerConfig config = config(Map.of("SFU_ADMIN_TOKEN", "open sesame"), "--admin.host=0.0.0.0");
        assertEquals("open sesame", config.admin().token());
        assertFalse(config.toString().contains("sesame"));
    }

    @Test
    void variablesThatKubernetesMakesAreRefusedWithTheRemedy() {
        String problem = problems(Map.of("SFU_SERVICE_HOST", "10.0.0.1")).getFirst();
        assertTrue(problem.contains("enableServiceLinks"), problem);
        assertTrue(problems(Map.of("SFU_PORT", "tcp://10.0.0.1:80")).getFirst().contains("enableServiceLinks"));
        assertFalse(problems(Map.of("SFU_PROT", "80")).getFirst().contains("enableServiceLinks"));
    }

    @Test
    void theTcpPortFollowsTheUdpPortUnlessSet() throws Exception {
        assertEquals(4000, config(Map.of(), "--rtc.port=4000").rtc().tcpPort());
        assertEquals(443, config(Map.of(), "--rtc.port=4000", "--rtc.tcpPort=443").rtc().tcpPort());
        assertEquals(-1, config(Map.of(), "--rtc.tcpPort=off").rtc().tcpPort());
        assertEquals(-1, config(Map.of(), "--rtc.tcpPort", "-1").rtc().tcpPort());
        assertEquals(-1, config(Map.of(), "--config", file("rtc: {tcpPort: off}")).rtc().tcpPort());
    }

    @Test
    void shardsMustFitBelowTheLastPort() throws Exception {
        assertEquals(List.of("rtc.port: 65530 (expected: 0 to 65528)"),
                problems(Map.of(), "--rtc.port=65530", "--rtc.shards=8"));
        assertEquals(List.of("rtc.tcpPort: 65530 (expected: -1 to 65528)"),
                problems(Map.of(), "--rtc.tcpPort=65530", "--rtc.shards=8"));
        assertTrue(config(Map.of(), "--rtc.port=65535", "--rtc.shards=8", "--rtc.singlePort=true").rtc().singlePort());
    }

    @Test
    void addressesAreListsInYamlAndHaveCommasElsewhere() throws Exception {
        List<InetAddress> expected = List.of(InetAddress.ofLiteral("203.0.113.7"), InetAddress.ofLiteral("2001:db8::7"));
        String yaml = file("rtc:\n  advertise:\n    - 203.0.113.7\n    - 2001:db8::7\n");
        assertEquals(expected, config(Map.of(), "--config", yaml).rtc().advertise());
        assertEquals(expected, config(Map.of("SFU_RTC_ADVERTISE", "203.0.113.7, 2001:db8::7")).rtc().advertise());
        assertEquals(1, problems(Map.of("SFU_RTC_ADVERTISE", "sfu.example")).size());
    }

    @Test
    void tlsIsASelfSignedCertificateOrFiles() throws Exception {
        assertEquals(new SignalingConfig.Tls.SelfSigned(), config(Map.of(), "--http.tls.selfSigned").http().tls());
        assertEquals(new SignalingConfig.Tls.None(), config(Map.of(), "--http.tls.selfSigned", "false").http().tls());
        String pem = file("");
        assertEquals(
                new SignalingConfig.Tls.Pem(Path.of(pem), Path.of(pem)),
                config(Map.of(), "--http.tls.certificate=" + pem, "--http.tls.key=" + pem).http().tls());
        assertEquals(1, problems(Map.of(), "--http.tls.selfSigned", "--http.tls.certificate=" + pem,
                "--http.tls.key=" + pem).size());
        assertEquals(1, problems(Map.of(), "--http.tls.certificate=/nonexistent").stream()
                .filter(p -> p.contains("a readable file")).count());
    }

    @Test
    void filesThatAreNotSettingsAreRefused() throws Exception {
        assertEquals(8080, config(Map.of(), "--config", file("")).http().port());
        assertEquals(8080, config(Map.of(), "--config", file("http:\n#  port: 1\n")).http().port());
        assertEquals(1, problems(Map.of(), "--config", "/nonexistent.yaml").size());
        assertEquals(1, problems(Map.of(), "--config", file("just text")).size());
        assertEquals(1, problems(Map.of(), "--config", file("- a\n- b\n")).size());
        assertEquals(1, problems(Map.of(), "--config", file("http: 5")).size());
        assertEquals(1, problems(Map.of(), "--config", file("http:\n  port:\n")).size());
        assertTrue(problems(Map.of(), "--config", file("http: {port: 1}\n---\nhttp: {port: 2}\n")).size() > 0);
        assertTrue(problems(Map.of(), "--config", file("log:\n  level: info\n  level: warn\n")).getFirst()
                .contains("line 3"));
        assertTrue(problems(Map.of(), "--config", file("http: [")).getFirst().contains("expected: YAML"));
    }

    @Test
    void helpListsEveryKeyWithVariableAndDefault() {
        String help = new Flags("1.2.3", "--help").information().orElseThrow().replaceAll("\\s+", " ");
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            assertTrue(help.contains(key.flag() + "=") || help.contains(key.flag() + "[="), key.name());
            assertTrue(help.contains(key.environmentName() + "; default: " + key.fallbackText()), key.name());
        }
        assertEquals("sfu 1.2.3\n", new Flags("1.2.3", "--version").information().orElseThrow());
        assertTrue(new Flags("1.2.3").information().isEmpty());
    }

    private static ServerConfig config(Map<String, String> environment, String... arguments) throws ConfigException {
        return new Flags("test", arguments).config(environment);
    }

    private static List<String> problems(Map<String, String> environment, String... arguments) {
        return assertThrows(ConfigException.class, () -> config(environment, arguments)).problems();
    }

    private String file(String yaml) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "config", ".yaml"), yaml).toString();
    }
}
