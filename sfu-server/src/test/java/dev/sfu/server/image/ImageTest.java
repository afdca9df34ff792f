package dev.sfu.server.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.ContainerConfig;
import dev.sfu.server.browser.BrowserPage;
import dev.sfu.server.browser.Chromium;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the image promises. */
@Timeout(120)
class ImageTest {
    private static final int SOME_FRAMES = 20;
    /** After which Docker kills it, which is exit status 137. */
    private static final int GRACE_SECONDS = 5;

    private static final int ENDED_BY_SIGTERM = 143;

    /** A server that has just started has loaded some 5,700 classes; those made at run time are in no cache. */
    private static final double MOST = 0.75;

    @BeforeAll
    @Timeout(600)
    static void build() throws Exception {
        Image.build();
    }

    @Test
    void itsUserIsANumberAndItsHealthCanBeAskedFor() {
        ContainerConfig config = Objects.requireNonNull(Image.inspect().getConfig());
        assertEquals("10001:10001", config.getUser(), "numeric, so that Kubernetes can see that it is not root");
        assertNotNull(config.getHealthcheck());
        report("image: %d MB", Objects.requireNonNull(Image.inspect().getSize()) / 1_000_000);
    }

    /** Confined as it is, so that a browser's call also shows that nothing is written and no privilege is missed. */
    @Test
    void browsersTalkThroughItAndItStopsAtOnce() throws Exception {
        try (SfuContainer server = new SfuContainer();
                Chromium chromium = Chromium.launch()) {
            server.start();
            try (BrowserPage ada = chromium.page().join(server.url(), "image", "Ada");
                    BrowserPage ben = chromium.page().join(server.url(), "image", "Ben")) {
                ada.awaitFirst("Ben");
                ben.awaitFirst("Ada");
                ada.awaitMore("Ben", SOME_FRAMES);
                ben.awaitMore("Ada", SOME_FRAMES);
                assertEquals(List.of(), ada.complaints());
                assertEquals(List.of(), ben.complaints());
                String metrics = metrics(server);
                assertEquals(1, value(metrics, "sfu_crypto_native"), "the native library is found");
                String mapped = server.execInContainer("cat", "/proc/1/maps").getStdout();
                assertTrue(mapped.contains("/opt/sfu/native/libnetty_transport_native_epoll"), "the native transport is found");
                double heap = heapLimit(metrics);
                assertTrue(heap > 0 && heap <= SfuContainer.MEMORY_BYTES / 2.0, "heap " + heap);
            }
            server.awaitHealthy();
            server.stopWithin(GRACE_SECONDS);
            assertEquals(ENDED_BY_SIGTERM, server.state().getExitCodeLong());
        }
    }

    @Test
    void whatIsMissingIsSaidInWords() throws Exception {
        String failure = Image.failure("--read-only").orElseThrow();
        assertTrue(failure.contains("java.io.tmpdir: /tmp (expected: a directory that can be written)"), failure);
        assertFalse(failure.contains("Exception"), failure);
    }

    @Test
    void theCacheIsUsed() throws Exception {
        try (SfuContainer without = new SfuContainer().withEnv("JDK_JAVA_OPTIONS", "-XX:AOTMode=off");
                SfuContainer with = new SfuContainer();
                SfuContainer telling = new SfuContainer().withEnv("JDK_JAVA_OPTIONS", "-XX:AOTMode=on -Xlog:class+load:stderr")) {
            without.start();
            long withoutMillis = without.untilReady().toMillis();
            without.stop();
            with.start();
            report("image: ready in %d ms, without the cache %d ms",
                    with.untilReady().toMillis(), withoutMillis);
            with.stop();
            telling.start();
            List<String> loads = telling.getLogs().lines().filter(line -> line.contains(" source: ")).toList();
            long cached = loads.stream().filter(line -> line.contains("source: shared objects file")).count();
            report("image: %d of %d classes from the cache", cached, loads.size());
            assertTrue(cached > MOST * loads.size(), cached + " of " + loads.size());
            assertTrue(loads.stream().anyMatch(line ->
                    line.contains("dev.sfu.core.shard.Engine ") && line.contains("source: shared objects file")));
        }
    }

    private static String metrics(SfuContainer server) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server.adminUrl() + "metrics"))
                    .header("Authorization", "Bearer " + SfuContainer.ADMIN_TOKEN)
                    .timeout(Duration.ofSeconds(10))
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode());
            return response.body();
        }
    }

    private static double value(String metrics, String name) {
        return metrics.lines().filter(line -> line.startsWith(name + " ")).findFirst()
                .map(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .orElseThrow(() -> new AssertionError(name + " in\n" + metrics));
    }

    private static double heapLimit(String metrics) {
        return metrics.lines()
                .filter(line -> line.startsWith("jvm_memory_max_bytes{") && line.contains("area=\"heap\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .max()
                .orElseThrow(() -> new AssertionError(metrics));
    }

    private static void report(String format, Object... values) {
        System.out.printf(format + "%n", values);
    }
}
