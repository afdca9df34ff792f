package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Response;
import dev.sfu.core.api.RoomInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The WHIP and WHEP pages. */
@Timeout(120)
class WhipWhepPagesTest {
    private static final String PLAYED = "probe.stats().then(all => all"
            + ".filter(s => s.type === 'inbound-rtp').reduce((sum, s) => sum + (s.framesDecoded ?? 0), 0))";
    private static final String HEARD = "probe.stats().then(all => all"
            + ".filter(s => s.type === 'inbound-rtp').reduce((sum, s) => sum + (s.totalAudioEnergy ?? 0), 0))";

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene();

    @Test
    void whatOnePagePublishesTheOtherPlaysUntilStopped() {
        try (BrowserPage whip = scene.page();
                BrowserPage whep = scene.page()) {
            whip.page().navigate(scene.url() + "whip.html?start=1&room=stage&name=Ada");
            awaitStatus(whip, "Connection: connected");
            whep.page().navigate(scene.url() + "whep.html?start=1&room=stage&name=Ben");
            whep.await("pictures", () -> whep.number(PLAYED), frames -> frames >= 15);
            whep.await("sound", () -> whep.number(HEARD), energy -> energy > 0);
            report("WHEP: 15 pictures %.0f ms after 'connected'", whep.number("probe.now() - probe.connectedAt"));
            assertEquals("true 0", whep.text("(v => !v.paused + ' ' + v.error?.code)(document.querySelector('video'))")
                    .replace("undefined", "0"));
            RoomInfo room = rooms().getFirst();
            assertEquals("stage", room.name());
            assertEquals(List.of("Ada"), room.participants().stream().map(p -> p.name()).toList());
            assertEquals(1, room.viewers());

            Response deleted = whep.page().waitForResponse(
                    response -> response.request().method().equals("DELETE"), () -> whep.page().click("#stop"));
            assertEquals(200, deleted.status());
            whep.await("no viewer", () -> rooms().getFirst().viewers(), viewers -> viewers == 0);
            assertEquals("Not connected", status(whep));
            double framesSent = whip.sent("outbound-rtp", "video").orElseThrow().number("framesSent");
            whip.await("publisher goes on", () -> whip.sent("outbound-rtp", "video").orElseThrow().number("framesSent"),
                    frames -> frames > framesSent);
            // Closing the page must end the session as well.
            long closing = System.nanoTime();
            whip.page().navigate("about:blank");
            whip.await("no room", WhipWhepPagesTest::rooms, List::isEmpty);
            report("WHIP: session over %d ms after leaving the page", (System.nanoTime() - closing) / 1_000_000);
            assertEquals(List.of(), whip.complaints());
            assertEquals(List.of(), whep.complaints());
        }
    }

    @Test
    void thePagesAndTheRoomMeet() {
        try (BrowserPage whip = scene.page();
                BrowserPage whep = scene.page();
                BrowserPage ada = scene.join("mixed", "Ada")) {
            whip.page().navigate(scene.url() + "whip.html?start=1&room=mixed&name=Stream");
            ada.awaitFirst("Stream");
            ada.awaitMore("Stream", 10);
            whip.page().click("#stop");
            ada.await("Stream gone", "probe.leftAt['Stream'] > 0");
            whep.page().navigate(scene.url() + "whep.html?start=1&room=mixed");
            whep.await("Ada's picture", () -> whep.number(PLAYED), frames -> frames >= 10);
            assertEquals(1, ada.number("document.querySelectorAll('.tile').length"), "viewers are not shown");
        }
    }

    @Test
    void aRoomNameThatIsMissingIsAskedFor() {
        try (BrowserPage whep = scene.page()) {
            whep.page().navigate(scene.url() + "whep.html");
            whep.page().click("#start");
            assertEquals(1, whep.number("document.querySelectorAll('#room:invalid').length"));
            assertTrue(rooms().isEmpty());
        }
    }

    private static void awaitStatus(BrowserPage page, String text) {
        page.await(text, () -> status(page), text::equals);
    }

    private static String status(BrowserPage page) {
        return page.text("document.getElementById('status').textContent");
    }

    private static List<RoomInfo> rooms() {
        return scene.server().engine().rooms().toCompletableFuture().join();
    }
}
