package dev.sfu.server.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the client asks for by itself, and what the server makes of it; two encodings, 320 and 640 wide. */
@Timeout(120)
class WishesTest {
    private static final int SMALL = 200;
    private static final int LARGE = 640;
    private static final double STANDS_MILLIS = 1500;
    /** A machine that stalls for longer makes freezes of its own: a browser counts those of 217 ms at 15 frames a second. */
    private static final double STALL_MILLIS = 130;

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene();

    private static BrowserPage page() {
        return scene.scripted("wishes.js", Map.of());
    }

    private static BrowserPage publisher(String room) {
        BrowserPage page = page();
        page.evaluate("() => wishes.publish('" + room + "')");
        page.await("two encodings", "wishes.sent().then(sent => sent.h > 5 && sent.f > 5)");
        return page;
    }

    private static BrowserPage viewer(String room, int width) {
        BrowserPage page = page();
        page.evaluate("() => wishes.watch('" + room + "', " + width + ")");
        return page;
    }

    private static void awaitWidth(BrowserPage viewer, int width) {
        viewer.await("a picture " + width + " wide", "wishes.received().then(s => s.frameWidth === " + width + ")");
    }

    private static double frames(BrowserPage viewer) {
        return viewer.number("wishes.received().then(s => s.framesDecoded ?? 0)");
    }

    @Test
    void anElementGetsWhatItShowsAndWhatNobodyWatchesIsNotSent() {
        try (BrowserPage ada = publisher("size");
                BrowserPage ben = viewer("size", SMALL)) {
            awaitWidth(ben, 320);
            ada.await("nobody watches the larger one", "wishes.active().join() === 'h'");
            ada.await("nothing more of it, while the other one goes on", "wishes.sentIn(" + STANDS_MILLIS
                    + ").then(sent => sent.f === 0 && sent.h > 5)");
            assertEquals("playing", ben.text("wishes.playback()"));

            ben.evaluate("() => wishes.resize(" + LARGE + ")");
            awaitWidth(ben, 640);
            assertEquals("h,f", ada.text("wishes.active().join()"));

            ben.evaluate("() => wishes.resize(" + SMALL + ")");
            awaitWidth(ben, 320);
            neverWithoutAPicture(ada, ben);
            assertEquals(List.of(), ada.complaints());
            assertEquals(List.of(), ben.complaints());
        }
    }

    private static void neverWithoutAPicture(BrowserPage publisher, BrowserPage viewer) {
        double gapMillis = Math.max(
                publisher.number("wishes.longestGapMillis()"), viewer.number("wishes.longestGapMillis()"));
        double freezes = viewer.number("wishes.received().then(s => s.freezeCount)");
        if (gapMillis > STALL_MILLIS) {
            System.out.printf(
                    "MEASURED wishes: this machine stood still for %.0f ms: %.0f freezes say nothing%n", gapMillis, freezes);
        } else {
            assertEquals(0, freezes, "freezes");
        }
    }

    @Test
    void whatCannotBeSeenPausesAndGoesOn() {
        try (BrowserPage ada = publisher("sight");
                BrowserPage ben = viewer("sight", LARGE)) {
            awaitWidth(ben, 640);
            pausesAndGoesOn(ben, "wishes.scroll(true)", "wishes.scroll(false)");
            pausesAndGoesOn(ben, "wishes.hide(true)", "wishes.hide(false)");
            assertEquals(List.of(), ada.complaints());
            assertEquals(List.of(), ben.complaints());
        }
    }

    private static void pausesAndGoesOn(BrowserPage viewer, String away, String back) {
        viewer.evaluate("() => " + away);
        viewer.await("a pause after " + away, "wishes.playback() === 'paused_by_viewer'");
        double before = frames(viewer);
        viewer.page().waitForTimeout(STANDS_MILLIS);
        // What was under way when it paused.
        assertTrue(frames(viewer) - before <= 2, "frames after the pause: " + (frames(viewer) - before));
        viewer.evaluate("() => " + back);
        viewer.await("it goes on", "wishes.playback() === 'playing'");
        viewer.await("pictures again", "wishes.received().then(s => s.framesDecoded > " + (before + 10) + ")");
    }
}
