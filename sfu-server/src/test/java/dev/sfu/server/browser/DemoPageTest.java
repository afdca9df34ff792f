package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the demo page's users can do, with and without a camera. */
@Timeout(120)
class DemoPageTest {
    private static final int MANY = 6;

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene("--auto-select-desktop-capture-source=Entire screen");

    @Test
    void whoMayNotUseTheCameraIsToldWhyAndCanListen() {
        try (BrowserPage ada = scene.join("refused", "Ada");
                Chromium asking = Chromium.launchThatAsks();
                BrowserPage ben = asking.page()) {
            ada.await("Ada is in", "sfu.state === 'connected'");
            ben.page().navigate(scene.url() + "?room=refused&name=Ben");
            String note = ben.await("words", () -> ben.page().textContent("#media-note"), text -> !text.isEmpty());
            assertTrue(note.contains("not allowed to use your camera and microphone"), note);
            assertTrue(note.contains("join and just listen"), note);
            assertTrue(ben.page().isVisible("#media-note"));
            ben.page().click("#join");
            ben.awaitFirst("Ada");
            ben.awaitMore("Ada", 10);
            assertTrue(tile(ada, "Ben").locator(".mic-state").isVisible(), "shown as without a microphone");
            assertTrue(ada.received("Ben", "video").isEmpty());
            assertEquals(List.of(), ben.complaints());
        }
    }

    @Test
    void chatMessagesArrive() {
        try (BrowserPage ada = listener("chat", "Ada");
                BrowserPage ben = listener("chat", "Ben")) {
            ada.page().click("#chat-toggle");
            ada.page().fill("#chat-text", "Hello <b>Ben</b> \uD83D\uDC4B");
            ada.page().keyboard().press("Enter");
            ben.await("an unread message", () -> ben.page().textContent("#unread"), "1"::equals);
            ben.page().click("#chat-toggle");
            assertEquals("Hello <b>Ben</b> \uD83D\uDC4B", ben.page().textContent("#chat-log li p"));
            assertEquals("Ada", ben.page().textContent("#chat-log li b"));
            assertFalse(ben.page().isVisible("#unread"));
            ada.await("one's own message", () -> ada.page().locator("#chat-log li b").allTextContents(),
                    List.of("You")::equals);
        }
    }

    @Test
    void othersSeeWhoIsMutedAndWhoseCameraIsOff() {
        try (BrowserPage ada = scene.join("mute", "Ada");
                BrowserPage ben = scene.join("mute", "Ben", "audio=0", "video=0")) {
            ben.awaitFirst("Ada");
            Locator adaAtBen = tile(ben, "Ada");
            assertFalse(adaAtBen.locator(".mic-state").isVisible());
            assertTrue(adaAtBen.locator("video").isVisible());
            ada.page().click("#mic");
            ben.await("muted", () -> adaAtBen.locator(".mic-state").isVisible(), Boolean.TRUE::equals);
            ada.page().click("#cam");
            ben.await("initials", () -> adaAtBen.locator(".avatar").isVisible(), Boolean.TRUE::equals);
            assertEquals("A", adaAtBen.locator(".avatar").textContent());
            ada.page().click("#mic");
            ada.page().click("#cam");
            ben.await("live again", () -> adaAtBen.locator(".mic-state").isVisible(), Boolean.FALSE::equals);
            ben.await("picture again", () -> adaAtBen.locator("video").isVisible(), Boolean.TRUE::equals);
            ben.awaitMore("Ada", 10);
            assertEquals(List.of(), ada.complaints());
        }
    }

    @Test
    void aSharedScreenIsATileOfItsOwn() {
        try (BrowserPage ada = scene.join("screen", "Ada");
                BrowserPage ben = listener("screen", "Ben")) {
            ben.awaitFirst("Ada");
            double clicked = ada.number("probe.now()");
            ada.page().click("#screen");
            Stats screen = ben.await("the screen's picture", () -> ben.received().stream()
                    .filter(s -> s.text("group").equals("screen") && s.text("kind").equals("video"))
                    .findFirst()
                    .orElse(Stats.NONE), s -> s.number("framesDecoded") > 0);
            report("screen: %.0fx%.0f seen %.0f ms after the click", screen.number("frameWidth"),
                    screen.number("frameHeight"), ben.number("probe.now()") - clicked);
            assertTrue(tile(ben, "Ada's screen").locator("video").isVisible());
            assertTrue(tile(ben, "Ada").locator("video").isVisible());
            ben.awaitMore("Ada", 5);
            ada.page().click("#screen");
            ben.await("the screen is gone", () -> tile(ben, "Ada's screen").count(), count -> count == 0);
            ben.awaitMore("Ada", 5);
            ada.page().click("#screen");
            ben.await("shared again", () -> tile(ben, "Ada's screen").locator("video").count(), count -> count == 1);
            assertEquals(List.of(), ada.complaints());
        }
    }

    /** Six publishers from one page, over WHIP; the client begins with four slots. */
    @Test
    void slotsGrowWithTheRoom() {
        try (BrowserPage many = scene.page();
                BrowserPage ada = listener("many", "Ada")) {
            many.page().navigate(scene.url() + "whip.html");
            many.evaluate("(() => { " + Chromium.resource("publish.js") + " })()");
            many.evaluate("publishMany('many', " + MANY + ")");
            for (int i = 1; i <= MANY; i++) {
                String name = "Person " + i;
                ada.await("first picture of " + name, () -> ada.firstAt(name, "video"), at -> at > 0);
            }
            for (int i = 1; i <= MANY; i++) {
                String name = "Person " + i;
                double frames = ada.received(name, "video").orElseThrow().number("framesDecoded");
                ada.await(name + " goes on", () -> ada.received(name, "video").orElse(Stats.NONE),
                        s -> s.number("framesDecoded") > frames);
            }
            assertEquals(MANY + 1, ada.number("document.querySelectorAll('.tile').length"));
            assertEquals(List.of(), ada.complaints());
        }
    }

    @Test
    void aRoomWithoutANameIsRefusedInWords() {
        try (BrowserPage ada = scene.page()) {
            ada.page().navigate(scene.url() + "?name=Ada");
            ada.page().click("#join");
            assertEquals("Please give the room a name.", ada.page().textContent("#join-error"));
            assertEquals("room", ada.text("document.activeElement.id"));
        }
    }

    private static BrowserPage listener(String room, String name) {
        BrowserPage page = scene.join(room, name, "audio=0", "video=0");
        page.await(name + " is in", "probe.pc?.connectionState === 'connected'");
        return page;
    }

    private static Locator tile(BrowserPage page, String name) {
        Locator label = page.page().locator(".tile-name")
                .getByText(name, new Locator.GetByTextOptions().setExact(true));
        return page.page().locator(".tile", new Page.LocatorOptions().setHas(label));
    }
}
