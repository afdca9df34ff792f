package dev.sfu.server.browser;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import dev.sfu.core.Needs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One browser process. */
public final class Chromium implements AutoCloseable {
    private static final List<String> FLAGS = List.of(
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--autoplay-policy=no-user-gesture-required",
            "--use-fake-device-for-media-stream");
    private static final String ACCEPT_PROMPTS = "--use-fake-ui-for-media-stream";
    private static final double PATIENCE_MILLIS = 30_000;
    private static final Gson GSON = new Gson();

    /** The camera of most tests: cheap to encode. */
    static final Map<String, Object> SMALL_CAMERA = Map.of("width", 320, "height", 180, "frameRate", 15);

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** With a fake camera and microphone that every page may use. */
    public static Chromium launch(String... moreFlags) {
        List<String> flags = new ArrayList<>(List.of(moreFlags));
        flags.add(ACCEPT_PROMPTS);
        return start(flags);
    }

    /** Where pages may use camera and microphone only when their context is given the permission. */
    static Chromium launchThatAsks() {
        return start(List.of());
    }

    private static Chromium start(List<String> moreFlags) {
        Path executable = Needs.executable("chromium", "chromium-browser", "google-chrome");
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(moreFlags);
        Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
        try {
            return new Chromium(playwright, playwright.chromium().launch(new BrowserType.LaunchOptions()
                    .setExecutablePath(executable)
                    .setChromiumSandbox(false)
                    .setArgs(flags)));
        } catch (RuntimeException failure) {
            playwright.close();
            throw failure;
        }
    }

    /** A page of a profile of its own, as it comes. */
    public Page newPage() {
        return browser.newContext().newPage();
    }

    /** A page of a profile of its own, with that camera. */
    public BrowserPage page() {
        return page(new Browser.NewContextOptions(), Map.of("camera", SMALL_CAMERA));
    }

    /**
     * A page of a profile of its own.
     *
     * @param wish what probe.js bends: {@code camera} constraints or a {@code scene} in its place, the {@code transport}
     *     of candidates to leave, a host and port to go {@code via}
     */
    BrowserPage page(Browser.NewContextOptions options, Map<String, Object> wish) {
        BrowserContext context = browser.newContext(options);
        context.setDefaultTimeout(PATIENCE_MILLIS);
        context.setDefaultNavigationTimeout(PATIENCE_MILLIS);
        context.addInitScript(
                "window.testWish = " + GSON.toJson(wish) + ";\n" + resource("scenes.js") + resource("probe.js"));
        Page page = context.newPage();
        return new BrowserPage(page);
    }

    /** The process that takes all others with it. */
    long pid() {
        for (JsonElement process : browser.newBrowserCDPSession()
                .send("SystemInfo.getProcessInfo")
                .getAsJsonArray("processInfo")) {
            if (process.getAsJsonObject().get("type").getAsString().equals("browser")) {
                return process.getAsJsonObject().get("id").getAsLong();
            }
        }
        throw new AssertionError("Chromium does not name its main process");
    }

    @Override
    public void close() {
        playwright.close();
    }

    static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(Chromium.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException broken) {
            throw new AssertionError(name, broken);
        }
    }
}
