package dev.sfu.server.browser;

import com.microsoft.playwright.Browser;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.server.ServerFixture;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One browser and one server, from before the first test of a class until after the last. */
final class BrowserScene implements BeforeAllCallback, AfterAllCallback {
    private final EngineConfig rtc;
    private final String[] browserFlags;
    private @Nullable Chromium chromium;
    private @Nullable ServerFixture server;

    /** A server with one shard, UDP and TCP. */
    BrowserScene(String... browserFlags) {
        this(ServerFixture.rtc(1, true, EngineConfig.Limits.DEFAULT), browserFlags);
    }

    /** A server with an engine of that kind. */
    BrowserScene(EngineConfig rtc, String... browserFlags) {
        this.rtc = rtc;
        this.browserFlags = browserFlags;
    }

    /** The same as without a configuration, but on a port that {@link #media} knows. */
    static EngineConfig onKnownPort() {
        try (DatagramSocket free = new DatagramSocket()) {
            return new EngineConfig(free.getLocalPort(), 1, 0, List.of(), EngineConfig.Limits.DEFAULT);
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException, TimeoutException {
        chromium = Chromium.launch(browserFlags);
        server = ServerFixture.start(rtc);
    }

    @Override
    public void afterAll(ExtensionContext context) throws TimeoutException {
        // One of them is not there when it could not start.
        try {
            if (chromium != null) {
                chromium.close();
            }
        } finally {
            if (server != null) {
                server.close();
            }
        }
    }

    ServerFixture server() {
        return Objects.requireNonNull(server);
    }

    /** Where its pages are, ending with a slash. */
    String url() {
        return server().url();
    }

    /** Where media goes to, for a proxy in between; with {@link #onKnownPort}. */
    InetSocketAddress media() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), rtc.port());
    }

    /** A page of a profile of its own, with a small camera. */
    BrowserPage page() {
        return page(Map.of("camera", Chromium.SMALL_CAMERA));
    }

    /** One with what {@link Chromium#page} says of wishes. */
    BrowserPage page(Map<String, Object> wish) {
        return page(new Browser.NewContextOptions(), wish);
    }

    BrowserPage page(Browser.NewContextOptions options, Map<String, Object> wish) {
        return Objects.requireNonNull(chromium).page(options, wish);
    }

    /** A page with a small camera that joins a room at once. */
    BrowserPage join(String room, String name, String... options) {
        return page().join(url(), room, name, options);
    }

    /** A page of the server, with nothing going on in it, that has loaded one of the scripts beside the tests. */
    BrowserPage scripted(String script, Map<String, Object> wish) {
        BrowserPage page = page(wish);
        page.page().navigate(url() + "whep.html");
        page.evaluate("() => {" + Chromium.resource(script) + "}");
        return page;
    }
}
