package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.sfu.core.impairment.Impairment;
import dev.sfu.core.impairment.ImpairmentProxy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls over networks that lose packets or let no UDP through. */
@Timeout(120)
class NetworkTest {
    private static final long SEED = 5;
    private static final int FRAMES_BETWEEN_LOOKS = 75;

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene(BrowserScene.onKnownPort());

    @Test
    void fivePercentLossBothWaysIsRepaired() throws Exception {
        Impairment lossy = Impairment.NONE.withLoss(0.05).withDelayNanos(10_000_000, 5_000_000);
        try (ImpairmentProxy proxy = ImpairmentProxy.start(scene.media(), SEED)) {
            proxy.impair(lossy, lossy);
            // A camera that its encoder can follow at any bitrate: with noise an encoder leaves out frames when losses make the sender
            // slow, which looks like a freeze and is none of the network's.
            Map<String, Object> wish = Map.of(
                    "via", List.of(proxy.address().getAddress().getHostAddress(), proxy.address().getPort()));
            try (BrowserPage ada = scene.page(wish).join(scene.url(), "loss", "Ada", "codec=VP8", "simulcast=0");
                    BrowserPage ben = scene.page(wish).join(scene.url(), "loss", "Ben", "codec=VP8", "simulcast=0")) {
                double took = ben.awaitFirst("Ada") - ben.number("probe.joinedAt");
                ada.awaitFirst("Ben");
                report("5 %% loss: picture and sound %.0f ms after joining", took);
                assertEquals(proxy.address().getPort(), ada.number("probe.selected().then(s => s.remote.port)"));

                Stats first = ben.received("Ada", "video").orElseThrow();
                Stats second = awaitFrames(ben, first);
                Stats third = awaitFrames(ben, second);
                Stats fourth = awaitFrames(ben, third);
                assertVideoIsFluid(first, second, fourth, third);
                assertRepairIsSeen(ada, ben);
                assertEquals(List.of(), ben.complaints());
            }
            double lost = proxy.countsToServer().lost() + proxy.countsToClients().lost();
            report("5 %% loss: %.0f packets lost on the way", lost);
            assertTrue(lost > 100, lost + " packets lost");
        }
    }

    private static Stats awaitFrames(BrowserPage page, Stats before) {
        return page.await("pictures", () -> page.received("Ada", "video").orElse(Stats.NONE),
                s -> s.number("framesDecoded") >= before.number("framesDecoded") + FRAMES_BETWEEN_LOOKS);
    }

    /** No long freezes, and the jitter buffer holds back the same towards the end as at the beginning. */
    private static void assertVideoIsFluid(Stats first, Stats second, Stats last, Stats lastButOne) {
        double millis = last.number("timestamp") - first.number("timestamp");
        double frozenSeconds = last.number("totalFreezesDuration") - first.number("totalFreezesDuration");
        double early = bufferMillis(first, second);
        double late = bufferMillis(lastButOne, last);
        report("5 %% loss: in %.1f s %.0f pictures, %.0f freezes, %.2f s frozen, jitter buffer %.0f then %.0f ms",
                millis / 1_000, last.number("framesDecoded") - first.number("framesDecoded"),
                last.number("freezeCount") - first.number("freezeCount"), frozenSeconds, early, late);
        assertTrue(frozenSeconds < 0.15 * millis / 1_000, frozenSeconds + " s frozen in " + millis + " ms");
        assertTrue(late < early + 250, "jitter buffer grew from " + early + " to " + late + " ms");
    }

    private static double bufferMillis(Stats from, Stats to) {
        double frames = to.number("jitterBufferEmittedCount") - from.number("jitterBufferEmittedCount");
        return 1_000 * (to.number("jitterBufferDelay") - from.number("jitterBufferDelay")) / frames;
    }

    /** Requests and retransmissions on both legs, as the browsers and as the server count them. */
    private static void assertRepairIsSeen(BrowserPage ada, BrowserPage ben) throws IOException, InterruptedException {
        Stats sent = ada.sent("outbound-rtp", "video").orElseThrow();
        Stats played = ben.received("Ada", "video").orElseThrow();
        Stats arrived = onServer(ada, "inbound-rtp");
        Stats forwarded = onServer(ben, "outbound-rtp");
        report("5 %% loss: sender was asked %.0f times, sent %.0f again, server got %.0f; viewer asked %.0f times, "
                        + "server sent %.0f again, viewer got %.0f",
                sent.number("nackCount"), sent.number("retransmittedPacketsSent"),
                arrived.number("retransmittedPacketsReceived"), played.number("nackCount"),
                forwarded.number("retransmittedPacketsSent"), played.number("retransmittedPacketsReceived"));
        assertTrue(sent.number("nackCount") > 0, "the server asks the sender");
        assertTrue(arrived.number("nackCount") > 0, "and counts it");
        assertTrue(sent.number("retransmittedPacketsSent") > 0, "the sender sends again");
        assertTrue(arrived.number("retransmittedPacketsReceived") > 0, "and the server gets it");
        assertTrue(played.number("nackCount") > 0, "the viewer asks the server");
        assertTrue(forwarded.number("nackCount") > 0, "which counts it");
        assertTrue(forwarded.number("retransmittedPacketsSent") > 0, "and sends again");
        assertTrue(played.number("retransmittedPacketsReceived") > 0, "and the viewer gets it");
    }

    /** The server's own statistics of what it gets from or sends to a page. */
    private static Stats onServer(BrowserPage page, String type) throws IOException, InterruptedException {
        String url = scene.server().adminUrl() + "api/connections/" + page.text("sfu.connectionId") + "/stats";
        try (HttpClient client = HttpClient.newHttpClient()) {
            String json = client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString()).body();
            return ((Map<?, ?>) new Gson().fromJson(json, Map.class)).values().stream()
                    .map(s -> new Stats((Map<?, ?>) s))
                    .filter(s -> s.text("type").equals(type) && s.text("kind").equals("video"))
                    .filter(s -> s.number("packetsReceived") + s.number("packetsSent") > 0)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(json));
        }
    }

    @Test
    void worksOverTcpWhereNoUdpGetsThrough() {
        Map<String, Object> tcpOnly = Map.of("camera", Chromium.SMALL_CAMERA, "transport", "tcp");
        try (BrowserPage ada = scene.page(tcpOnly).join(scene.url(), "tcp", "Ada");
                BrowserPage ben = scene.join("tcp", "Ben")) {
            double took = ada.awaitFirst("Ben") - ada.number("probe.joinedAt");
            ben.awaitFirst("Ada");
            ada.awaitMore("Ben", 20);
            ben.awaitMore("Ada", 20);
            report("TCP only: picture and sound %.0f ms after joining", took);
            assertEquals("tcp tcp", ada.text("probe.selected().then(s => s.local.protocol + ' ' + s.remote.protocol)"));
            assertEquals("udp", ben.text("probe.selected().then(s => s.remote.protocol)"));
            assertEquals(List.of(), ada.complaints());
        }
    }
}
