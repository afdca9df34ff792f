package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.api.PublishPolicy;
import dev.sfu.server.ServerFixture;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A camera that could fill any link, in rooms with limits. */
@Timeout(120)
class PublishLimitsTest {
    private static final int LIMIT_BPS = 500_000;
    /** Bytes of RTP that all video encodings sent. */
    private static final String VIDEO_BYTES = "probe.stats().then(all => all.filter(s => s.type === 'outbound-rtp'"
            + " && s.kind === 'video').reduce((sum, s) => sum + s.bytesSent + s.headerBytesSent, 0))";

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene(ServerFixture.rtc(1, false, EngineConfig.Limits.DEFAULT)
            .withPublish(new PublishPolicy(PublishLimits.NONE, Map.of(
                    "track", new PublishLimits(LIMIT_BPS, 0, 0), "participant", new PublishLimits(0, 0, LIMIT_BPS)))));

    @ParameterizedTest
    @ValueSource(strings = {"track", "participant"})
    void aBrowserKeepsToTheLimitOfItsRoom(String room) {
        // What it would like to send, which shows that the limit is what holds.
        try (BrowserPage free = noise("free " + room)) {
            free.await("more than the limit", Duration.ofSeconds(40), () -> bps(free, 2), bps -> bps > 1.5 * LIMIT_BPS);
        }
        try (BrowserPage limited = noise(room)) {
            limited.await("about the limit", Duration.ofSeconds(40), () -> bps(limited, 2), bps -> bps > 0.5 * LIMIT_BPS);
            double bps = bps(limited, 6);
            report("%s limited to %d kbit/s: sends %.0f of video", room, LIMIT_BPS / 1_000, bps / 1_000);
            assertTrue(bps < 1.15 * LIMIT_BPS, bps + " bit/s");
            double available = limited.number("probe.rates.at(-1)[2]");
            assertTrue(available < 1.5 * LIMIT_BPS, "Chromium's estimate: " + available);
        }
    }

    private static BrowserPage noise(String room) {
        return scene.page(Map.of("scene", "noise")).join(scene.url(), room, "Ada", "codec=VP8");
    }

    private static double bps(BrowserPage page, int seconds) {
        double before = page.number(VIDEO_BYTES);
        double at = page.number("probe.now()");
        page.page().waitForTimeout(seconds * 1_000.0);
        return (page.number(VIDEO_BYTES) - before) * 8_000 / (page.number("probe.now()") - at);
    }
}
