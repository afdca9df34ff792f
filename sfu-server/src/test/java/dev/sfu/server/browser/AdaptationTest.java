package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.microsoft.playwright.Browser;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.impairment.Impairment;
import dev.sfu.core.impairment.ImpairmentProxy;
import dev.sfu.server.ServerFixture;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One publisher, viewers behind links of different rates: each gets what its link carries. */
@Timeout(120)
class AdaptationTest {
    private static final long SEED = 11;
    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    private static final int FRAMES_PER_SECOND = 15;
    private static final int NARROW_BPS = 300_000;
    private static final int MEDIUM_BPS = 1_000_000;
    private static final long QUEUE_NANOS = 300_000_000;
    private static final Duration SETTLES = Duration.ofSeconds(10);
    private static final Duration CLIMBS = Duration.ofSeconds(15);
    private static final Gson GSON = new Gson();

    @AutoClose
    private static ServerFixture server;

    @AutoClose
    private static Chromium chromium;

    private static int udpPort;

    /** What is published, and how wide the picture may be behind each of the two slow links. */
    private enum Mode {
        VP8_SIMULCAST("VP8", 3, "", 240, 240, 480, 480),
        H264_SIMULCAST("H264", 3, "", 240, 240, 480, 480),
        VP9_SIMULCAST("VP9", 3, "L1T1", 240, 240, 480, 480),
        AV1_SIMULCAST("AV1", 3, "L1T1", 240, 240, 480, 480),
        /** With fewer pictures a second the next size may fit. */
        VP9_L3T3_KEY("VP9", 1, "L3T3_KEY", 240, 480, 480, 960),
        AV1_L3T3_KEY("AV1", 1, "L3T3_KEY", 240, 480, 480, 960);

        private final String codec;
        private final int encodings;
        private final String scalabilityMode;
        private final int narrowFrom;
        private final int narrowTo;
        private final int mediumFrom;
        private final int mediumTo;

        Mode(String codec, int encodings, String scalabilityMode, int narrowFrom, int narrowTo, int mediumFrom, int mediumTo) {
            this.codec = codec;
            this.encodings = encodings;
            this.scalabilityMode = scalabilityMode;
            this.narrowFrom = narrowFrom;
            this.narrowTo = narrowTo;
            this.mediumFrom = mediumFrom;
            this.mediumTo = mediumTo;
        }

        String wish(String room) {
            List<Map<String, Object>> all = new ArrayList<>();
            int[] bitrates = {100_000, 400_000, 1_300_000};
            for (int i = 0; i < encodings; i++) {
                Map<String, Object> encoding = new HashMap<>();
                if (encodings > 1) {
                    encoding.put("rid", String.valueOf("qhf".charAt(i)));
                    encoding.put("scaleResolutionDownBy", 1 << (2 - i));
                    encoding.put("maxBitrate", bitrates[i]);
                } else {
                    encoding.put("maxBitrate", 1_600_000);
                }
                if (!scalabilityMode.isEmpty()) {
                    encoding.put("scalabilityMode", scalabilityMode);
                }
                all.add(encoding);
            }
            return GSON.toJson(Map.of("room", room, "codec", codec, "encodings", all, "width", WIDTH, "height", HEIGHT,
                    "framesPerSecond", FRAMES_PER_SECOND));
        }
    }

    /** A page that watches through a link of its own. */
    private static final class Viewer implements AutoCloseable {
        final ImpairmentProxy proxy;
        final BrowserPage page;
        final String name;

        Viewer(String name, String room, int rateBps, double loss) throws IOException {
            this.name = name;
            proxy = ImpairmentProxy.start(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), udpPort), SEED);
            limit(rateBps, loss);
            InetSocketAddress via = proxy.address();
            page = AdaptationTest.page(Map.of("via", List.of(via.getAddress().getHostAddress(), via.getPort())));
            page.evaluate("() => adaptation.watch(" + GSON.toJson(Map.of("room", room)) + ")");
        }

        void limit(int rateBps, double loss) {
            Impairment link = Impairment.NONE.withDelayNanos(10_000_000, 0).withLoss(loss);
            proxy.impair(link, rateBps == 0 ? link : link.withRateBps(rateBps, QUEUE_NANOS));
        }

        Stats look() {
            return page.evaluate("() => adaptation.received()") instanceof Map<?, ?> members ? new Stats(members) : Stats.NONE;
        }

        Stats await(Duration patience, int fromWidth, int toWidth) {
            return page.await(name + ": picture " + fromWidth + " to " + toWidth + " wide", patience, this::look,
                    s -> s.number("frameWidth") >= fromWidth && s.number("frameWidth") <= toWidth
                            && s.number("framesPerSecond") > 0);
        }

        @Override
        public void close() {
            page.close();
            proxy.close();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        chromium = Chromium.launch();
        try (DatagramSocket free = new DatagramSocket()) {
            udpPort = free.getLocalPort();
        }
        server = ServerFixture.start(new EngineConfig(udpPort, 1, 0, List.of(), EngineConfig.Limits.DEFAULT));
    }

    private static BrowserPage page(Map<String, Object> wish) {
        BrowserPage page = chromium.page(new Browser.NewContextOptions(), wish);
        page.page().navigate(server.url() + "whep.html");
        page.evaluate("() => {" + Chromium.resource("adaptation.js") + "}");
        return page;
    }

    private static BrowserPage publish(Mode mode, String room) {
        BrowserPage publisher = page(Map.of());
        publisher.evaluate("() => adaptation.publish(" + mode.wish(room) + ")");
        publisher.await("the publisher's " + mode.encodings + " encodings", "adaptation.sent().then(all => all.filter(s => "
                + "s.framesSent > 15).length === " + mode.encodings + ")");
        return publisher;
    }

    @ParameterizedTest
    @EnumSource
    void everyViewerGetsWhatItsLinkCarries(Mode mode) throws Exception {
        String room = "adapt-" + mode;
        try (BrowserPage publisher = publish(mode, room);
                Viewer narrow = new Viewer("300 kbit/s", room, NARROW_BPS, 0);
                Viewer medium = new Viewer("1 Mbit/s", room, MEDIUM_BPS, 0);
                Viewer wide = new Viewer("unlimited", room, 0, 0)) {
            double began = System.nanoTime();
            wide.await(SETTLES, WIDTH, WIDTH);
            report("%s: unlimited settles on %d after %.1f s", mode, WIDTH, seconds(began));
            report("%s: 1 Mbit/s settles on %.0f after %.1f s", mode,
                    medium.await(SETTLES, mode.mediumFrom, mode.mediumTo).number("frameWidth"), seconds(began));
            report("%s: 300 kbit/s settles on %.0f after %.1f s", mode,
                    narrow.await(SETTLES, mode.narrowFrom, mode.narrowTo).number("frameWidth"), seconds(began));
            assertEquals(WIDTH, wide.look().number("frameWidth"), "nobody's link lowers anyone else's picture");

            Stats mediumBefore = medium.look();
            Stats narrowBefore = narrow.look();
            narrow.limit(0, 0);
            medium.limit(0, 0);
            double lifted = System.nanoTime();
            Stats mediumAfter = medium.await(CLIMBS, WIDTH, WIDTH);
            report("%s: 1 Mbit/s climbs to %d after %.1f s", mode, WIDTH, seconds(lifted));
            Stats narrowAfter = narrow.await(CLIMBS, WIDTH, WIDTH);
            report("%s: 300 kbit/s climbs to %d after %.1f s", mode, WIDTH, seconds(lifted));
            assertNoFreeze(mode + " unlimited", Stats.NONE, wide.look());
            assertNoFreeze(mode + " 1 Mbit/s, lifted", mediumBefore, mediumAfter);
            assertNoFreeze(mode + " 300 kbit/s, lifted", narrowBefore, narrowAfter);
            assertEquals(List.of(), publisher.complaints());
        }
    }

    private static double seconds(double fromNanos) {
        return (System.nanoTime() - fromNanos) / 1e9;
    }

    private static void assertNoFreeze(String what, Stats from, Stats to) {
        double freezes = to.number("freezeCount") - from.number("freezeCount");
        double frozen = to.number("totalFreezesDuration") - from.number("totalFreezesDuration");
        report("%s: %.0f freezes, %.2f s, %.0f keyframes", what, freezes, frozen,
                to.number("keyFramesDecoded") - from.number("keyFramesDecoded"));
        assertEquals(0, freezes, what);
    }

    @Test
    void soundSurvivesWhereNoPictureFits() throws Exception {
        try (BrowserPage publisher = publish(Mode.VP8_SIMULCAST, "sound");
                Viewer viewer = new Viewer("100 kbit/s, 10 % loss", "sound", 100_000, 0.1)) {
            viewer.page.await("sound", viewer::look, s -> s.number("soundSamples") > 48_000);
            double framesBefore = viewer.page.await("a picture that stands", viewer::look, new Standing()::test)
                    .number("framesDecoded");
            Stats from = viewer.look();
            Stats to = viewer.page.await("five seconds of sound", viewer::look,
                    s -> s.number("soundSamples") > from.number("soundSamples") + 5 * 48_000);
            double samples = to.number("soundSamples") - from.number("soundSamples");
            double concealed = to.number("concealedSamples") - from.number("concealedSamples");
            report("100 kbit/s, 10 %% loss: %.0f %% of the sound is made up, picture paused at frame %.0f",
                    100 * concealed / samples, framesBefore);
            assertTrue(concealed < 0.25 * samples, concealed + " of " + samples + " samples concealed");
            assertEquals(List.of(), publisher.complaints());
        }
    }

    /** Whether no picture has come for two seconds. */
    private static final class Standing {
        private double frames = -1;
        private long sinceNanos = System.nanoTime();

        boolean test(Stats stats) {
            if (stats.number("framesDecoded") != frames) {
                frames = stats.number("framesDecoded");
                sinceNanos = System.nanoTime();
            }
            return System.nanoTime() - sinceNanos > 2_000_000_000L;
        }
    }
}
