package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.impairment.Impairment;
import dev.sfu.core.impairment.ImpairmentProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redundant audio (RFC 2198) between browsers that want it and browsers that do not. */
@Timeout(120)
class RedundantAudioTest {
    private static final String WITH_RED = "audio/red";
    private static final String WITHOUT_RED = "audio/opus";
    /** The codecs of what is sent and of what is received are put into this order. */
    private static final String PREFER = """
            (() => {
              const [sent, received] = [SENT, RECEIVED];
              const order = (kind, names) => {
                const codecs = RTCRtpReceiver.getCapabilities(kind).codecs;
                return names.flatMap(name => codecs.filter(c => c.mimeType.toLowerCase() === name));
              };
              const add = RTCPeerConnection.prototype.addTransceiver;
              RTCPeerConnection.prototype.addTransceiver = function (track, init) {
                const transceiver = add.call(this, track, init);
                if (transceiver.receiver.track.kind === 'audio') {
                  const names = transceiver.direction === 'recvonly' ? received : sent;
                  transceiver.setCodecPreferences(order('audio', names));
                }
                return transceiver;
              };
            })();
            """;
    private static final String BOTH = "['audio/opus', 'audio/red']";
    private static final String RED_FIRST = "['audio/red', 'audio/opus']";
    private static final String OPUS_ONLY = "['audio/opus']";

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene(BrowserScene.onKnownPort());

    private static BrowserPage page(String sent, String received, Map<String, Object> wish) {
        BrowserPage page = scene.page(wish);
        page.page().addInitScript(PREFER.replace("SENT", sent).replace("RECEIVED", received));
        return page;
    }

    private static BrowserPage page(String sent, String received) {
        return page(sent, received, Map.of("camera", Chromium.SMALL_CAMERA));
    }

    /**
     * The sound that the server gets from or sends to a page. The browser says Opus of RED too, because that is in it.
     *
     * @param type {@code inbound-rtp} or {@code outbound-rtp}
     */
    private static String onServer(BrowserPage page, String type) {
        String connection = page.text("sfu.connectionId");
        List<Stats> all = scene.server().engine().stats(connection).toCompletableFuture().join().stream()
                .flatMap(report -> report.stats().stream())
                .map(Stats::new)
                .toList();
        return all.stream()
                .filter(s -> s.text("type").equals(type) && s.text("kind").equals("audio"))
                .filter(s -> s.number("packetsReceived") + s.number("packetsSent") > 0)
                .flatMap(s -> all.stream().filter(codec -> codec.text("id").equals(s.text("codecId"))))
                .map(codec -> codec.text("mimeType"))
                .collect(Collectors.joining(" "));
    }

    @Test
    void aPublisherThatSendsRedIsHeardByAllAndWhoKnowsRedGetsIt() {
        try (BrowserPage ada = page(RED_FIRST, BOTH).join(scene.url(), "red", "Ada", "video=0");
                BrowserPage ben = page(BOTH, BOTH).join(scene.url(), "red", "Ben", "video=0", "audio=0");
                BrowserPage cleo = page(OPUS_ONLY, OPUS_ONLY).join(scene.url(), "red", "Cleo", "video=0", "audio=0")) {
            ada.await("RED from Ada", () -> onServer(ada, "inbound-rtp"), WITH_RED::equals);
            ben.await("RED to Ben", () -> onServer(ben, "outbound-rtp"), WITH_RED::equals);
            cleo.await("Opus to Cleo", () -> onServer(cleo, "outbound-rtp"), WITHOUT_RED::equals);
            assertSound(ben, "Ada");
            assertSound(cleo, "Ada");
            assertEquals(List.of(), ben.complaints());
            assertEquals(List.of(), cleo.complaints());
        }
    }

    private static void assertSound(BrowserPage page, String from) {
        Stats before = page.received(from, "audio").orElseThrow();
        Stats after = page.await("sound of " + from, () -> page.received(from, "audio").orElseThrow(),
                s -> s.number("totalSamplesReceived") > before.number("totalSamplesReceived") + 96_000);
        double samples = after.number("totalSamplesReceived") - before.number("totalSamplesReceived");
        double concealed = after.number("concealedSamples") - before.number("concealedSamples");
        double energy = after.number("totalAudioEnergy") - before.number("totalAudioEnergy");
        report("%s of %s plays, %.1f %% concealed", onServer(page, "outbound-rtp"), from, 100 * concealed / samples);
        assertTrue(energy > 0, "silence");
        assertTrue(concealed < 0.2 * samples, concealed + " of " + samples + " samples concealed");
    }

    @Test
    void whoLosesPacketsGetsRedundancyThatThePublisherDidNotSend() throws Exception {
        try (ImpairmentProxy proxy = ImpairmentProxy.start(scene.media(), 7)) {
            proxy.impair(Impairment.NONE, Impairment.NONE.withLoss(0.1));
            Map<String, Object> via = Map.of(
                    "camera", Chromium.SMALL_CAMERA,
                    "via", List.of(proxy.address().getAddress().getHostAddress(), proxy.address().getPort()));
            try (BrowserPage ada = page(BOTH, BOTH).join(scene.url(), "lossy", "Ada", "video=0");
                    BrowserPage ben = page(BOTH, BOTH, via).join(scene.url(), "lossy", "Ben", "video=0", "audio=0");
                    BrowserPage cleo = page(BOTH, OPUS_ONLY, via)
                            .join(scene.url(), "lossy", "Cleo", "video=0", "audio=0")) {
                ben.await("RED to Ben", Duration.ofSeconds(40), () -> onServer(ben, "outbound-rtp"), WITH_RED::equals);
                assertEquals(WITHOUT_RED, onServer(ada, "inbound-rtp"));
                assertSound(ben, "Ada");
                assertSound(cleo, "Ada");
                assertEquals(WITHOUT_RED, onServer(cleo, "outbound-rtp"));
            }
        }
    }
}
