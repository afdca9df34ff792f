package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.sfu.core.impairment.Impairment;
import dev.sfu.core.impairment.ImpairmentProxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One publisher, viewers behind links of different rates: each gets what its link carries.
 *
 * <p>The pictures are small, because five browsers share the machine; Chromium is told to send three encodings all the same, and makes
 * two spatial layers of the three asked for.
 */
@Timeout(150)
class AdaptationTest {
    private static final long SEED = 11;
    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int FRAMES_PER_SECOND = 12;
    private static final int NARROW_BPS = 300_000;
    private static final int MEDIUM_BPS = 1_000_000;
    private static final long QUEUE_NANOS = 300_000_000;
    private static final Duration SETTLES = Duration.ofSeconds(10);
    private static final Duration CLIMBS = Duration.ofSeconds(15);
    /** What stays so long has settled. */
    private static final long STAYS_NANOS = 2_000_000_000L;
    /** A machine that stalls for longer makes freezes of its own: a browser counts those of 230 ms at this frame rate. */
    private static final double STALL_MILLIS = 210;
    private static final double LOOK_MILLIS = 2000;
    private static final String THREE_LAYERS_OF_SMALL_PICTURES =
            "--force-fieldtrials=WebRTC-LegacySimulcastLayerLimit/Disabled/";
    private static final Gson GSON = new Gson();

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene(BrowserScene.onKnownPort(), THREE_LAYERS_OF_SMALL_PICTURES);

    /** What is published, and how wide the picture may be behind each of the two slow links. */
    private enum Mode {
        /** With fewer pictures a second the next size may fit. */
        VP8_SIMULCAST("VP8", 3, "", 160, 320, 320, 640),
        H264_SIMULCAST("H264", 3, "", 160, 160, 320, 320),
        VP9_SIMULCAST("VP9", 3, "L1T1", 160, 160, 320, 320),
        AV1_SIMULCAST("AV1", 3, "L1T1", 160, 160, 320, 320),
        VP9_L3T3_KEY("VP9", 1, "L3T3_KEY", 160, 320, 320, 640),
        AV1_L3T3_KEY("AV1", 1, "L3T3_KEY", 160, 320, 320, 640);

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

        /** What two processors encode of AV1 in several layers while others decode it. */
        int captured() {
            return this == AV1_L3T3_KEY ? 8 : FRAMES_PER_SECOND;
        }

        /** As the browser counts them: of two spatial layers each. */
        int framesPerSecond() {
            return encodings > 1 ? captured() : 2 * captured();
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
                    "framesPerSecond", captured()));
        }
    }

    /** A page that watches through a link of its own. */
    private static final class Viewer implements AutoCloseable {
        final ImpairmentProxy proxy;
        final BrowserPage page;
        final String name;

        Viewer(String name, String room, int rateBps, double loss) throws IOException {
            this.name = name;
            proxy = ImpairmentProxy.start(scene.media(), SEED);
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

        /** Waits until the picture is as wide, moves, and stays so; gives what was seen first. */
        Stats await(Duration patience, int fromWidth, int toWidth) {
            return await(patience, new Settling(fromWidth, toWidth, 1));
        }

        /** Waits until the picture is all there is. */
        void awaitBest(Duration patience, Mode mode) {
            await(patience, new Settling(WIDTH, WIDTH, 0.6 * mode.captured()));
        }

        private Stats await(Duration patience, Settling settling) {
            page.await(name + ": " + settling,
                    patience.plusNanos(STAYS_NANOS), this::look, settling::test);
            return settling.first;
        }

        @Override
        public void close() {
            page.close();
            proxy.close();
        }
    }

    private static BrowserPage page(Map<String, Object> wish) {
        return scene.scripted("adaptation.js", wish);
    }

    private static BrowserPage publish(Mode mode, String room) {
        BrowserPage publisher = page(Map.of());
        publisher.evaluate("() => adaptation.publish(" + mode.wish(room) + ")");
        try {
            publisher.await("the publisher's " + mode.encodings + " encodings",
                    "adaptation.sent().then(all => all.filter(s => s.framesSent > 15).length === " + mode.encodings + ")");
        } catch (AssertionError failure) {
            needSteady(mode, publisher);
            throw failure;
        }
        return publisher;
    }

    /** A publisher that is short of time sends large pictures now and then, which fit thin links: nothing to be seen by that. */
    private static void needRealTime(Mode mode, BrowserPage publisher) {
        double before = framesSent(publisher);
        publisher.page().waitForTimeout(LOOK_MILLIS);
        double framesPerSecond = (framesSent(publisher) - before) * 1000 / LOOK_MILLIS;
        if (framesPerSecond < 0.75 * mode.framesPerSecond()) {
            skip(mode + ": this machine encodes " + framesPerSecond + " of " + mode.framesPerSecond() + " frames a second");
        }
    }

    /** Where several frames in a row do not leave their encoder, nothing is in time. */
    private static void needSteady(Mode mode, BrowserPage publisher) {
        double stallMillis = longestGapMillis(publisher);
        if (stallMillis > 2 * STALL_MILLIS) {
            skip(mode + ": this machine stood still for " + Math.round(stallMillis) + " ms");
        }
    }

    /** Of the encoding that has sent fewest. */
    private static double framesSent(BrowserPage publisher) {
        return publisher.number("adaptation.sent().then(all => Math.min(...all.map(s => s.framesSent ?? 0)))");
    }

    private static void skip(String why) {
        System.err.println("SKIPPED, " + why);
        Assumptions.abort(why);
    }

    @ParameterizedTest
    @EnumSource
    void everyViewerGetsWhatItsLinkCarries(Mode mode) throws Exception {
        String room = "adapt-" + mode;
        try (BrowserPage publisher = publish(mode, room);
                Viewer wide = new Viewer("unlimited", room, 0, 0);
                Viewer narrow = new Viewer("300 kbit/s", room, NARROW_BPS, 0);
                Viewer medium = new Viewer("1 Mbit/s", room, MEDIUM_BPS, 0)) {
            needRealTime(mode, publisher);
            try {
                settle(mode, wide, medium, narrow);
                climb(mode, publisher, wide, medium, narrow);
            } catch (AssertionError failure) {
                needSteady(mode, publisher);
                needRealTime(mode, publisher);
                throw failure;
            }
            assertEquals(List.of(), publisher.complaints());
        }
    }

    private static void settle(Mode mode, Viewer wide, Viewer medium, Viewer narrow) {
        double began = System.nanoTime();
        wide.awaitBest(SETTLES, mode);
        report("%s: 1 Mbit/s settles on %.0f", mode,
                medium.await(SETTLES, mode.mediumFrom, mode.mediumTo).number("frameWidth"));
        report("%s: 300 kbit/s settles on %.0f, all have after %.1f s", mode,
                narrow.await(SETTLES, mode.narrowFrom, mode.narrowTo).number("frameWidth"), seconds(began));
        // Nobody's link lowers anyone else's picture.
        wide.awaitBest(SETTLES, mode);
    }

    private static void climb(Mode mode, BrowserPage publisher, Viewer wide, Viewer medium, Viewer narrow) {
        List<Viewer> viewers = List.of(wide, medium, narrow);
        List<Stats> before = viewers.stream().map(Viewer::look).toList();
        List<BrowserPage> pages = List.of(publisher, wide.page, medium.page, narrow.page);
        pages.forEach(AdaptationTest::longestGapMillis);
        double framesBefore = framesSent(publisher);
        narrow.limit(0, 0);
        medium.limit(0, 0);
        double lifted = System.nanoTime();
        medium.awaitBest(CLIMBS, mode);
        report("%s: 1 Mbit/s climbs to %d within %.1f s", mode, WIDTH, seconds(lifted));
        narrow.awaitBest(CLIMBS, mode);
        report("%s: 300 kbit/s climbs to %d within %.1f s", mode, WIDTH, seconds(lifted));
        double climbing = seconds(lifted) - STAYS_NANOS / 1e9;
        double framesPerSecond = (framesSent(publisher) - framesBefore) / seconds(lifted);
        double stallMillis = pages.stream().mapToDouble(AdaptationTest::longestGapMillis).max().orElse(0);
        if (stallMillis > STALL_MILLIS || framesPerSecond < 0.9 * mode.framesPerSecond()) {
            report("%s: this machine stood still for %.0f ms and encoded %.1f frames a second: times and freezes say nothing",
                    mode, stallMillis, framesPerSecond);
            return;
        }
        assertTrue(climbing < CLIMBS.toSeconds(), "both have climbed after " + climbing + " s");
        for (int i = 0; i < viewers.size(); i++) {
            assertNoFreeze(mode + ", " + viewers.get(i).name, before.get(i), viewers.get(i).look());
        }
    }

    private static double longestGapMillis(BrowserPage page) {
        return page.number("adaptation.longestGapMillis()");
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

    /** Whether the picture has been as wide for a while. */
    private static final class Settling {
        private final int fromWidth;
        private final int toWidth;
        private final double framesPerSecond;
        private long sinceNanos;
        private Stats first = Stats.NONE;

        Settling(int fromWidth, int toWidth, double framesPerSecond) {
            this.fromWidth = fromWidth;
            this.toWidth = toWidth;
            this.framesPerSecond = framesPerSecond;
        }

        boolean test(Stats stats) {
            double width = stats.number("frameWidth");
            if (width < fromWidth || width > toWidth || stats.number("framesPerSecond") < framesPerSecond) {
                first = Stats.NONE;
                return false;
            }
            if (first.equals(Stats.NONE)) {
                first = stats;
                sinceNanos = System.nanoTime();
            }
            return System.nanoTime() - sinceNanos >= STAYS_NANOS;
        }

        @Override
        public String toString() {
            return "picture " + fromWidth + " to " + toWidth + " wide, " + framesPerSecond + " a second at least";
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
