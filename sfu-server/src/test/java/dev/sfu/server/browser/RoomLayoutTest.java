package dev.sfu.server.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A room of three on a desk and on a phone; pictures of both land in {@code target}. */
@Timeout(120)
class RoomLayoutTest {
    private static final Map<String, Object> ADA = Map.ofEntries(
            Map.entry("wall", List.of("#c9d8e4", "#8fa9bd")),
            Map.entry("lamp", 180),
            Map.entry("shelf", 690),
            Map.entry("books", 200),
            Map.entry("skin", List.of("#e8b796", "#d39c7b")),
            Map.entry("hair", "#3a2a24"),
            Map.entry("shirt", List.of("#31597a", "#25445e")),
            Map.entry("parting", 30),
            Map.entry("long", true),
            Map.entry("glasses", false),
            Map.entry("beard", false));
    private static final Map<String, Object> BEN = Map.ofEntries(
            Map.entry("wall", List.of("#e6d3bb", "#b8956f")),
            Map.entry("lamp", 780),
            Map.entry("shelf", 60),
            Map.entry("books", 20),
            Map.entry("skin", List.of("#8d5a3c", "#74462c")),
            Map.entry("hair", "#1d1615"),
            Map.entry("shirt", List.of("#b7472f", "#8d3422")),
            Map.entry("parting", -20),
            Map.entry("long", false),
            Map.entry("glasses", true),
            Map.entry("beard", true));
    private static final Map<String, Object> CLEO = Map.ofEntries(
            Map.entry("wall", List.of("#cfe0cf", "#86a68c")),
            Map.entry("lamp", 200),
            Map.entry("shelf", 700),
            Map.entry("books", 90),
            Map.entry("skin", List.of("#f0c9a8", "#dcae8a")),
            Map.entry("hair", "#b5653a"),
            Map.entry("shirt", List.of("#e9e4da", "#c9c2b4")),
            Map.entry("parting", -60),
            Map.entry("long", true),
            Map.entry("glasses", true),
            Map.entry("beard", false));

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene();

    @Test
    void everybodyFitsOnADeskAndOnAPhone() {
        Browser.NewContextOptions desk = new Browser.NewContextOptions().setViewportSize(1280, 800);
        Browser.NewContextOptions phone = new Browser.NewContextOptions()
                .setViewportSize(390, 844)
                .setDeviceScaleFactor(2)
                .setHasTouch(true)
                .setIsMobile(true);
        try (BrowserPage ada = scene.page(desk, person(ADA)).join(scene.url(), "design-review", "Ada");
                BrowserPage ben = scene.page(phone, person(BEN)).join(scene.url(), "design-review", "Ben");
                BrowserPage cleo = scene.page(desk, person(CLEO)).join(scene.url(), "design-review", "Cleo")) {
            for (String name : List.of("Ben", "Cleo")) {
                ada.awaitFirst(name);
            }
            for (String name : List.of("Ada", "Cleo")) {
                ben.awaitFirst(name);
            }
            cleo.page().click("#mic");
            ada.await("Cleo muted", "document.querySelectorAll('.tile.muted').length === 1");
            ben.await("Cleo muted", "document.querySelectorAll('.tile.muted').length === 1");
            for (BrowserPage page : List.of(ada, ben)) {
                // Three cameras in layers are much for two processors.
                page.await("sharp pictures", Duration.ofSeconds(60), () -> page.evaluate(
                        "() => [...document.querySelectorAll('.tile:not(.own) video')].every(v => v.videoWidth >= 640)"),
                        Boolean.TRUE::equals);
                page.await("no toasts", "document.querySelectorAll('.toast').length === 0");
                assertFits(page);
            }
            write(ben, "Second draft of the start page is up");
            write(cleo, "Looks good! Two small things, I will share my screen in a minute");
            ada.page().click("#chat-toggle");
            write(ada, "Great, take your time");
            ada.await("messages", "document.querySelectorAll('#chat-log li').length === 3");
            assertFits(ada);
            ada.page().screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "room-desk.png")));
            ben.page().screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "room-phone.png")));
        }
    }

    private static void write(BrowserPage page, String text) {
        page.evaluate("sfu.chat('" + text + "')");
    }

    private static Map<String, Object> person(Map<String, Object> look) {
        return Map.of("scene", "person", "look", look);
    }

    private static void assertFits(BrowserPage page) {
        assertEquals(3, page.number("document.querySelectorAll('.tile').length"));
        assertTrue(page.number("document.documentElement.scrollWidth - innerWidth") <= 0, "no sideways scrolling");
        assertEquals("[]", page.text("JSON.stringify([...document.querySelectorAll('.tile, .control')].filter(e => {"
                + " const r = e.getBoundingClientRect(); return r.left < 0 || r.top < 0 || r.right > innerWidth + 1"
                + " || r.bottom > innerHeight + 1; }).map(e => e.id || e.dataset.key))"), "all in view");
        assertEquals("[]", page.text("JSON.stringify([...document.querySelectorAll('.control')].filter(e => {"
                + " const r = e.getBoundingClientRect(); return r.height < 44 || r.width < 44; }).map(e => e.id))"),
                "large enough for fingers");
        assertTrue(page.number("Math.min(...[...document.querySelectorAll('.tile')].map(e => e.clientWidth))") >= 150);
    }
}
