package dev.sfu.server.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.impairment.Impairment;
import dev.sfu.core.impairment.ImpairmentProxy;
import dev.sfu.server.ServerFixture;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Firefox, alone and with Chromium. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FirefoxTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FRAMES = 20;
    private static final double AUDIBLE = 1e-4;
    private static final int MTU_BYTES = 1200;
    private static final String VP8 = "{codec: 'VP8'}";
    private static final String VP8_SIMULCAST = "{codec: 'VP8', simulcast: true}";
    private static final String SMALL = "{width: 320, height: 180, frameRate: 15}";
    private static final String LARGE = "{width: 1280, height: 720, frameRate: 15}";
    private static final String NO_CAMERA = "null";
    private static final int NOISE_WIDTH = 640;
    /** Everything is new in every frame; the client offers three encodings because it is told that the picture is large. */
    private static final String PUBLISH_NOISE =
            """
            const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 352 });
            const context = canvas.getContext('2d');
            setInterval(() => {
              context.fillStyle = '#204060';
              context.fillRect(0, 0, 640, 352);
              for (let i = 0; i < 60; i++) {
                context.fillStyle = `hsl(${Math.random() * 360} 60% ${20 + Math.random() * 60}%)`;
                context.fillRect(Math.random() * 640, Math.random() * 352, 21, 21);
              }
            }, 80);
            const [track] = canvas.captureStream(12).getVideoTracks();
            track.getSettings = () => ({ width: 1280, height: 720 });
            await client.publish(track, { source: 'camera', maxBitrate: 1_300_000 });
            """;
    private static final int THIN_BPS = 300_000;
    private static final long QUEUE_NANOS = 300_000_000;
    private static final Duration CLIMBS = Duration.ofSeconds(15);
    private static final double LOSS = 0.05;
    private static final long SEED = 7;
    private static final int REPAIRED = 5;

    /** Closed in reverse order. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private ServerFixture server;
    private ServerStatistics statistics;
    private FirefoxBrowser firefox;
    private ChromiumBrowser chromium;

    @BeforeAll
    void start() throws Exception {
        server = opened(ServerFixture.start());
        statistics = new ServerStatistics(server.engine());
        firefox = opened(FirefoxBrowser.start());
        chromium = opened(new ChromiumBrowser());
    }

    @AfterAll
    void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.push(resource);
        return resource;
    }

    @Test
    void firefoxAndChromiumHearAndSeeEachOther() throws Exception {
        try (FirefoxBrowser.Page left = firefox.open(page()); ChromiumBrowser.Tab right = chromium.open(page())) {
            RoomPage fox = RoomPage.join(left, "both", "Firefox", VP8, SMALL);
            RoomPage chrome = RoomPage.join(right, "both", "Chromium", VP8, SMALL);
            playsBoth(fox);
            playsBoth(chrome);
            // Nothing gets lost on this machine, so loss would be counted wrongly.
            for (RoomPage peer : List.of(fox, chrome)) {
                for (Map<String, Object> stream : statistics.ofType(peer.connectionId(), "inbound-rtp")) {
                    assertEquals(0, ServerStatistics.number(stream, "packetsLost"), stream.toString());
                }
            }
            fox.leave();
            chrome.leave();
        }
    }

    @Test
    void firefoxSimulcastPlaysInChromium() throws Exception {
        try (FirefoxBrowser.Page left = firefox.open(page()); ChromiumBrowser.Tab right = chromium.open(page())) {
            RoomPage fox = RoomPage.join(left, "layers", "Firefox", VP8_SIMULCAST, LARGE);
            RoomPage viewer = RoomPage.join(right, "layers", "Chromium", VP8, NO_CAMERA);
            playsBoth(viewer);
            List<Object> rids = Eventually.until(
                    "three rids reach the server", PATIENCE, () -> rids(fox), r -> r.size() == 3);
            assertTrue(rids.containsAll(List.of("q", "h", "f")), rids.toString());
            fox.leave();
            viewer.leave();
        }
    }

    private List<Object> rids(RoomPage publisher) throws Exception {
        return statistics.ofType(publisher.connectionId(), "inbound-rtp").stream()
                .filter(s -> s.containsKey("rid"))
                .map(s -> s.get("rid"))
                .toList();
    }

    /**
     * Firefox's first flight has a post-quantum key share for DTLS 1.3 in it, which does not fit into one datagram: a
     * server of DTLS 1.2 has to put it together and to pass over what it does not know.
     */
    @Test
    void firefoxConnectsWithAClientHelloLargerThanADatagram() throws Exception {
        try (FirefoxBrowser.Page page = firefox.open(page())) {
            RelayedSession session = RelayedSession.offer(page, "/whip/hello", SMALL);
            assertTrue(session.answer().contains("a=setup:passive\r\n"), session.answer());
            try (UdpTap tap = new UdpTap(session.server())) {
                session.connect(tap.address());
                String connectionId = connection("hello").id();
                Map<String, Object> transport = Eventually.until(
                        "DTLS connects", PATIENCE, () -> statistics.transport(connectionId),
                        t -> "connected".equals(t.get("dtlsState")));
                assertEquals("server", transport.get("dtlsRole"));
                assertEquals("AEAD_AES_128_GCM", transport.get("srtpCipher"));
                ClientHello hello = ClientHello.first(tap.dtlsFromClients());
                System.out.println("Firefox: " + hello);
                assertTrue(hello.bytes() > MTU_BYTES, hello.toString());
                assertTrue(hello.records() > 1, hello.toString());
                assertTrue(hello.datagramBytes().size() > 1, hello.toString());
                Eventually.until(
                        "media after it", PATIENCE, () -> statistics.ofType(connectionId, "inbound-rtp"),
                        streams -> streams.size() == 2);
            }
            session.close();
        }
    }

    /** Firefox retransmits what the server missed and the server what Firefox missed, in RTX streams. */
    @Test
    void lossIsRepairedBothWays() throws Exception {
        try (FirefoxBrowser.Page page = firefox.open(page())) {
            RelayedSession publisher = RelayedSession.offer(page, "/whip/loss", SMALL);
            try (ImpairmentProxy proxy = ImpairmentProxy.start(publisher.server(), SEED)) {
                publisher.connect(proxy.address());
                String sending = connection("loss").id();
                RelayedSession viewer = RelayedSession.offer(page, "/whep/loss", NO_CAMERA);
                viewer.connect(proxy.address());
                Eventually.until("video plays", PATIENCE, viewer::receivedVideo, FirefoxTest::decodesFrames);
                String receiving = statistics.connections("loss").stream()
                        .map(ConnectionInfo::id)
                        .filter(id -> !id.equals(sending))
                        .findFirst()
                        .orElseThrow();

                proxy.impair(Impairment.NONE.withLoss(LOSS), Impairment.NONE.withLoss(LOSS));
                Eventually.until(
                        "the server asks and Firefox retransmits", PATIENCE, () -> video(sending, "inbound-rtp"),
                        s -> s.containsKey("rtxSsrc")
                                && ServerStatistics.number(s, "retransmittedPacketsReceived") >= REPAIRED);
                Eventually.until(
                        "Firefox asks and the server retransmits", PATIENCE, () -> video(receiving, "outbound-rtp"),
                        s -> ServerStatistics.number(s, "retransmittedPacketsSent") >= REPAIRED);
                long decoded = viewer.receivedVideo().path("framesDecoded").asLong();
                JsonNode played = Eventually.until(
                        "video goes on under loss", PATIENCE, viewer::receivedVideo,
                        s -> s.path("framesDecoded").asLong() >= decoded + FRAMES);
                // One retransmission or two repair a loss; who does not take them asks on and on.
                long retransmitted = ServerStatistics.number(video(receiving, "outbound-rtp"), "retransmittedPacketsSent");
                assertTrue(retransmitted < 3 * played.path("packetsLost").asLong() + 10, retransmitted + " " + played);
                viewer.close();
            }
            publisher.close();
        }
    }

    /** Firefox publishes three encodings and watches them through a thin link: a small one, and the largest when it is lifted. */
    @Test
    void firefoxGetsWhatItsLinkCarries() throws Exception {
        try (FirefoxBrowser.Page page = firefox.open(page())) {
            RoomPage publisher = RoomPage.join(page, "thin", "Firefox", VP8_SIMULCAST, NO_CAMERA);
            page.run(PUBLISH_NOISE);
            Eventually.until("three encodings flow", PATIENCE, () -> rids(publisher), r -> r.size() == 3);
            RelayedSession viewer = RelayedSession.offer(page, "/whep/thin", NO_CAMERA);
            try (ImpairmentProxy proxy = ImpairmentProxy.start(viewer.server(), SEED)) {
                proxy.impair(
                        Impairment.NONE, Impairment.NONE.withRateBps(THIN_BPS, QUEUE_NANOS));
                viewer.connect(proxy.address());
                Eventually.until("a small picture", PATIENCE, viewer::receivedVideo, FirefoxTest::small);
                long decoded = viewer.receivedVideo().path("framesDecoded").asLong();
                Eventually.until(
                        "which goes on", PATIENCE, viewer::receivedVideo,
                        s -> small(s) && s.path("framesDecoded").asLong() > decoded + FRAMES);
                proxy.impair(Impairment.NONE, Impairment.NONE);
                Eventually.until("the largest picture", CLIMBS, viewer::receivedVideo, s -> width(s) == NOISE_WIDTH);
                viewer.close();
            }
            publisher.leave();
        }
    }

    /** A quarter, or with fewer frames a half. */
    private static boolean small(JsonNode inbound) {
        return width(inbound) > 0 && width(inbound) <= NOISE_WIDTH / 2;
    }

    private static int width(JsonNode inbound) {
        return inbound.path("frameWidth").asInt();
    }

    private Map<String, Object> video(String connectionId, String type) throws Exception {
        return statistics.ofType(connectionId, type).stream()
                .filter(s -> "video".equals(s.get("kind")))
                .findFirst()
                .orElseThrow();
    }

    private static boolean decodesFrames(JsonNode inbound) {
        return inbound.path("framesDecoded").asLong() >= FRAMES;
    }

    @Test
    void firefoxReloadsAndLeaves() throws Exception {
        try (FirefoxBrowser.Page left = firefox.open(page()); ChromiumBrowser.Tab right = chromium.open(page())) {
            RoomPage chrome = RoomPage.join(right, "reload", "Chromium", VP8, NO_CAMERA);
            RoomPage before = RoomPage.join(left, "reload", "Firefox", VP8, SMALL);
            playsBoth(chrome);

            left.reload();
            Eventually.until(
                    "a reload ends the participant", Duration.ofSeconds(5), chrome::events,
                    names -> names.contains("participantleft"));
            assertTrue(statistics.ofType(before.connectionId(), "transport").isEmpty());

            long playedBefore = frames(chrome);
            RoomPage after = RoomPage.join(left, "reload", "Firefox", VP8, SMALL);
            assertFalse(after.connectionId().equals(before.connectionId()));
            Eventually.until(
                    "the same slots play again", PATIENCE, () -> frames(chrome), f -> f >= playedBefore + FRAMES);

            after.leave();
            Eventually.until(
                    "leaving is seen", Duration.ofSeconds(5), () -> statistics.connections("reload"),
                    connections -> connections.size() == 1);
            chrome.leave();
        }
    }

    private String page() {
        return server.url() + "whep.html";
    }

    private ConnectionInfo connection(String room) throws Exception {
        return Eventually.until(
                        "a connection in " + room, PATIENCE, () -> statistics.connections(room), c -> c.size() == 1)
                .getFirst();
    }

    private static void playsBoth(RoomPage viewer) throws Exception {
        Eventually.until("audio and video play", PATIENCE, viewer::received, FirefoxTest::plays);
    }

    private static boolean plays(List<RoomPage.Stream> streams) {
        return streams.stream().anyMatch(s ->
                        s.codec().equals("video/vp8") && s.framesDecoded() >= FRAMES && s.width() > 0)
                && streams.stream().anyMatch(s -> s.codec().equals("audio/opus") && s.audioEnergy() > AUDIBLE);
    }

    private static long frames(RoomPage viewer) throws Exception {
        return viewer.received().stream().mapToLong(RoomPage.Stream::framesDecoded).sum();
    }
}
