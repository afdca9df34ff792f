package dev.sfu.bench.target;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerSpecTest {
    @Test
    void serversAreSeparatedByCommasOutsideOfBrackets() {
        List<ServerSpec> specs =
                ServerSpec.parseAll("sfu,sfu[--rtc.shards=2;--rtc.advertise=1.2.3.4,5.6.7.8;jvm=-Xmx2g;name=two],janus");
        assertEquals(List.of("sfu", "sfu", "janus"), specs.stream().map(ServerSpec::kind).toList());
        ServerSpec two = specs.get(1);
        assertEquals(Map.of("--rtc.shards", "2", "--rtc.advertise", "1.2.3.4,5.6.7.8"), two.serverFlags());
        assertEquals(List.of("-Xmx2g"), two.jvmFlags());
        assertEquals("two", two.settings());
        assertEquals("", specs.getFirst().settings());
    }

    @Test
    void settingsAreTheNameOfWhatHasNone() {
        assertEquals(
                "--rtc.shards=2 -XX:+UseZGC",
                ServerSpec.parseAll("sfu[--rtc.shards=2;jvm=-XX:+UseZGC]").getFirst().settings());
    }

    @Test
    void whatCannotBeReadIsRefusedBeforeAnythingStarts() {
        for (String text : List.of(
                "other", "", "sfu,", " sfu", "sfu[", "sfu[]x", "sfu[shards=2]", "sfu[jvm=Xmx1g]", "janus[--a=b]", "sfu]")) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> ServerSpec.parseAll(text), text);
            assertTrue(String.valueOf(refused.getMessage()).startsWith("--target: "), refused.getMessage());
        }
    }

    @Test
    void ownSettingsGoOverCommonOnes() {
        ServerSpec spec = ServerSpec.parseAll("sfu[--rtc.shards=2;jvm=-XX:+UseZGC]").getFirst()
                .over(List.of("-Xmx1g", "-XX:+UseG1GC"), Map.of("--rtc.shards", "1", "--log.level", "warn"));
        assertEquals(Map.of("--rtc.shards", "2", "--log.level", "warn"), spec.serverFlags());
        assertEquals(List.of("-Xmx1g", "-XX:+UseZGC"), spec.jvmFlags());
        assertEquals("--rtc.shards=2 -XX:+UseZGC", spec.settings());
    }

    @Test
    void commonCollectorStaysWhereNoneIsChosen() {
        ServerSpec spec = ServerSpec.parseAll("sfu[jvm=-XX:MaxGCPauseMillis=5]").getFirst()
                .over(List.of("-XX:+UseG1GC"), Map.of());
        assertEquals(List.of("-XX:+UseG1GC", "-XX:MaxGCPauseMillis=5"), spec.jvmFlags());
    }

    @Test
    void anotherBuildTakesThePlaceOfThisCheckouts() {
        Path own = Path.of("/here");
        assertEquals(own, ServerSpec.parseAll("sfu").getFirst().checkout(own));
        assertEquals(
                Path.of("/there"),
                ServerSpec.parseAll("sfu[build=/there]").getFirst().checkout(own));
    }
}
