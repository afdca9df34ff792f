package dev.sfu.server.peers;

import com.microsoft.playwright.Page;
import dev.sfu.server.browser.Chromium;

/** A headless Chromium with a fake camera and a fake microphone. To be used by one thread. */
final class ChromiumBrowser implements AutoCloseable {
    private final Chromium chromium = Chromium.launch();

    /** A page of its own at that address, sharing nothing with others. */
    Tab open(String url) {
        Tab tab = new Tab(chromium.newPage());
        tab.navigate(url);
        return tab;
    }

    @Override
    public void close() {
        chromium.close();
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
