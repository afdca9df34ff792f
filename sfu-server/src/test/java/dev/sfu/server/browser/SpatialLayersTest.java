package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.stats.StatsReport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A camera in spatial layers of one stream. Of pictures 640 × 360 Chromium makes two where three are asked for.
 *
 * <p>A browser that lacks what it needs asks for a keyframe; that tells a fault from a machine that is merely slow.
 */
@Timeout(120)
class SpatialLayersTest {
    private static final Map<String, Object> CAMERA = Map.of("camera", Map.of("width", 640, "height", 360, "frameRate", 15));
    private static final int TURNS = 3;
    private static final int SOME_FRAMES = 15;
    private static final int MANY_FRAMES = 60;
    private static final int ANSWER_SECONDS = 5;

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene();

    private static BrowserPage page() {
        return scene.scripted("layers.js", CAMERA);
    }

    private static BrowserPage publisher(String room, String codec, String mode) {
        BrowserPage page = page();
        page.evaluate("() => layers.publish('" + room + "', '" + codec + "', '" + mode + "')");
        return page;
    }

    private static BrowserPage viewer(String room, boolean described) {
        BrowserPage page = page();
        page.evaluate("() => layers.watch('" + room + "', " + described + ")");
        String offer = page.await("an offer", () -> page.text("layers.offer()"), sdp -> sdp.contains("m=video"));
        assertEquals(described, offer.contains("dependency-descriptor"));
        return page;
    }

    private static Stats received(BrowserPage viewer) {
        return viewer.page().evaluate("() => layers.received()") instanceof Map<?, ?> members ? new Stats(members) : Stats.NONE;
    }

    private static Stats awaitWidth(BrowserPage viewer, int width) {
        return viewer.await("a picture " + width + " wide", () -> received(viewer), s -> s.number("frameWidth") == width);
    }

    private static Stats awaitFrames(BrowserPage viewer, Stats since, int frames) {
        return viewer.await(frames + " frames more", () -> received(viewer),
                s -> s.number("framesDecoded") >= since.number("framesDecoded") + frames);
    }

    /** What the server says it sends Ben. */
    private static Stats saidToBeSent(String room) {
        MediaEngine engine = scene.server().engine();
        return get(engine.connections()).stream()
                .filter(c -> c.room().equals(room) && c.participantName().equals("Ben"))
                .map(ConnectionInfo::id)
                .flatMap(id -> get(engine.stats(id)).map(StatsReport::stats).orElse(List.of()).stream())
                .filter(s -> "outbound-rtp".equals(s.get("type")) && s.containsKey("frameWidth"))
                .map(Stats::new)
                .findAny()
                .orElse(Stats.NONE);
    }

    private static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("no answer of the engine", e);
        }
    }

    /** The picture that the browser shows is the one that the server says it sends, of the spatial layer of that number. */
    private static void awaitSaid(BrowserPage viewer, String room, int spatial) {
        viewer.await("the server tells layer " + spatial, () -> saidToBeSent(room), said -> {
            Stats shown = received(viewer);
            return said.text("layer").startsWith(spatial + "/")
                    && said.number("frameWidth") == shown.number("frameWidth")
                    && said.number("frameHeight") == shown.number("frameHeight");
        });
    }

    /** In L3T3 every frame refers to the layer below, in L3T3_KEY only those of keyframes. */
    @ParameterizedTest
    @CsvSource({"AV1, L3T3", "AV1, L3T3_KEY", "VP9, L3T3_KEY"})
    void theLayersOfEachPictureThatAViewerGetsMakeAPicture(String codec, String mode) {
        String room = codec + mode;
        try (BrowserPage ada = publisher(room, codec, mode);
                BrowserPage ben = viewer(room, true)) {
            Stats first = awaitWidth(ben, 640);
            awaitSaid(ben, room, 1);
            for (int turn = 0; turn < TURNS; turn++) {
                ben.evaluate("() => layers.wish(0)");
                awaitFrames(ben, awaitWidth(ben, 320), SOME_FRAMES);
                awaitSaid(ben, room, 0);
                ben.evaluate("() => layers.wish(2)");
                awaitFrames(ben, awaitWidth(ben, 640), SOME_FRAMES);
                awaitSaid(ben, room, 1);
            }
            Stats last = received(ben);
            report("%s %s, %d times down and up: %.0f freezes of %.2f s, %.0f keyframes asked for by the browser", codec,
                    ada.text("layers.sent().then(s => s.scalabilityMode)"), TURNS, last.number("freezeCount"),
                    last.number("totalFreezesDuration"), last.number("pliCount") - first.number("pliCount"));
            assertEquals(first.number("pliCount"), last.number("pliCount"), "keyframes asked for");
            assertEquals(List.of(), ada.complaints());
            assertEquals(List.of(), ben.complaints());
        }
    }

    @Test
    void whoIsNotToldOfLayersGetsTheLowestOnlyFromTheFirstFrameOn() {
        try (BrowserPage ben = viewer("untold", false);
                BrowserPage ada = publisher("untold", "AV1", "L3T3")) {
            Stats first = awaitWidth(ben, 320);
            ada.await("the larger layer is sent", "layers.sent().then(s => s.frameWidth === 640)");
            Stats last = awaitFrames(ben, first, MANY_FRAMES);
            assertEquals(320, last.number("frameWidth"));
            assertEquals(0, last.number("pliCount"), "keyframes asked for");
            awaitSaid(ben, "untold", 0);
            assertEquals(List.of(), ada.complaints());
            assertEquals(List.of(), ben.complaints());
        }
    }
}
