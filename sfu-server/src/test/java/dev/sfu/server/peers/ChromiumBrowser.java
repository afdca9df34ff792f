package dev.sfu.server.peers;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import dev.sfu.core.Needs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A headless Chromium with a fake camera and a fake microphone. To be used by one thread. */
final class ChromiumBrowser implements AutoCloseable {
    private static final List<String> ARGUMENTS = List.of(
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            "--autoplay-policy=no-user-gesture-required");

    private final Playwright playwright;
    private final Browser browser;

    private ChromiumBrowser(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** Starts the one that is installed, or skips the test where there is none. */
    static ChromiumBrowser start() {
        Path executable = Needs.executable("chromium", "chromium-browser", "google-chrome");
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions()
                .setExecutablePath(executable)
                .setChromiumSandbox(false)
                .setArgs(ARGUMENTS));
        return new ChromiumBrowser(playwright, browser);
    }

    /** A page of its own at that address, sharing nothing with others. */
    Tab open(String url) {
        Tab tab = new Tab(browser.newContext().newPage());
        tab.navigate(url);
        return tab;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }

    /** A page. */
    static final class Tab implements BrowserPage, AutoCloseable {
        private final Page page;

        private Tab(Page page) {
            this.page = page;
        }

        @Override
        public void navigate(String url) {
            page.navigate(url);
        }

        @Override
        public String evaluateString(String expression) {
            return (String) page.evaluate(expression);
        }

        @Override
        public void close() {
            page.context().close();
        }
    }
}
