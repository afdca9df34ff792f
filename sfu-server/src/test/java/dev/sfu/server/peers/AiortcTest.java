package dev.sfu.server.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.server.ServerFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** aiortc over WHIP and WHEP: neither a browser nor libwebrtc, without trickling and with few header extensions. */
@Timeout(90)
class AiortcTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FRAMES = 30;

    @TempDir
    private Path folder;

    private ServerFixture server;

    @BeforeEach
    void start() throws Exception {
        server = ServerFixture.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"VP8, video/VP8", "H264, video/H264"})
    void publishesAndWatches(String codec, String mimeType) throws Exception {
        Path script = AiortcProcess.script(folder);
        ServerStatistics statistics = new ServerStatistics(server.engine());
        String room = "aiortc-" + codec;
        try (AiortcProcess publisher =
                        AiortcProcess.start(script, "publish", server.url() + "whip/" + room, codec, 0);
                AiortcProcess viewer =
                        AiortcProcess.start(script, "watch", server.url() + "whep/" + room, codec, FRAMES)) {
            assertEquals("READY", publisher.line(PATIENCE));
            ConnectionInfo publishing = Eventually.until(
                            "the publisher is connected", PATIENCE, () -> publishers(statistics, room), c -> c.size() == 1)
                    .getFirst();
            Eventually.until(
                    "DTLS connects", PATIENCE, () -> statistics.transport(publishing.id()),
                    t -> "connected".equals(t.get("dtlsState")));
            List<String> types = Eventually.until(
                    "audio and video arrive", PATIENCE, () -> statistics.receivedMimeTypes(publishing.id()), t -> t.size() == 2);
            assertTrue(types.containsAll(List.of(mimeType, "audio/opus")), types.toString());

            JsonNode watched = viewer.result(PATIENCE);
            assertTrue(watched.path("video").path("live").asInt() >= FRAMES, watched.toString());
            assertTrue(watched.path("audio").path("live").asInt() >= FRAMES, watched.toString());
            assertEquals(200, watched.path("deleted").asInt());
            publisher.finish();
            JsonNode published = publisher.result(PATIENCE);
            assertEquals("connected", published.path("state").asText());
            assertEquals(200, published.path("deleted").asInt());
            Eventually.until(
                    "both are gone", PATIENCE, () -> statistics.connections(room), List::isEmpty);
        }
    }

    @Test
    void aiortcAndChromiumPlayEachOther() throws Exception {
        Path script = AiortcProcess.script(folder);
        String room = "mixed";
        try (ChromiumBrowser chromium = new ChromiumBrowser();
                ChromiumBrowser.Tab tab = chromium.open(server.url() + "whep.html")) {
            RoomPage chrome = RoomPage.join(tab, room, "Chromium", "{codec: 'VP8'}", "{width: 320, height: 180}");
            try (AiortcProcess viewer =
                    AiortcProcess.start(script, "watch", server.url() + "whep/" + room, "VP8", FRAMES)) {
                JsonNode watched = viewer.result(PATIENCE);
                assertTrue(watched.path("video").path("live").asInt() >= FRAMES, watched.toString());
                assertTrue(watched.path("audio").path("live").asInt() >= FRAMES, watched.toString());
            }
            try (AiortcProcess publisher =
                    AiortcProcess.start(script, "publish", server.url() + "whip/" + room, "H264", 0)) {
                assertEquals("READY", publisher.line(PATIENCE));
                Eventually.until("Chromium plays it", PATIENCE, chrome::received, AiortcTest::playsH264);
                publisher.finish();
                assertEquals("connected", publisher.result(PATIENCE).path("state").asText());
            }
            chrome.leave();
        }
    }

    private static boolean playsH264(List<RoomPage.Stream> streams) {
        return streams.stream().anyMatch(s -> s.codec().equals("video/h264") && s.framesDecoded() >= FRAMES)
                && streams.stream().anyMatch(s -> s.codec().equals("audio/opus") && s.audioEnergy() > 0);
    }

    private static List<ConnectionInfo> publishers(ServerStatistics statistics, String room) throws Exception {
        return statistics.connections(room).stream()
                .filter(c -> c.role() == JoinRequest.Role.PUBLISHER)
                .toList();
    }
}
