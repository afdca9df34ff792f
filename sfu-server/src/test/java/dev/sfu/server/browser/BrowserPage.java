package dev.sfu.server.browser;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.microsoft.playwright.Page;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** A page that runs probe.js besides its own scripts. */
public final class BrowserPage implements AutoCloseable {
    /** What a loaded machine may take; tests print what it took. */
    static final Duration PATIENCE = Duration.ofSeconds(25);

    private static final double LOOK_AGAIN_MILLIS = 50;

    private final Page page;
    private final List<String> complaints = new ArrayList<>();

    BrowserPage(Page page) {
        this.page = page;
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
    }

    /** Opens the demo page and joins at once; returns before it has. */
    public BrowserPage join(String url, String room, String name, String... options) {
        StringBuilder query = new StringBuilder("?join=1");
        query.append("&room=").append(encoded(room)).append("&name=").append(encoded(name));
        for (String option : options) {
            query.append('&').append(option);
        }
        page.navigate(url + query);
        return this;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    Page page() {
        return page;
    }

    /** Errors that the page's scripts threw or logged. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Runs JavaScript; numbers come as Number, objects as Map, arrays as List. */
    @Nullable Object evaluate(String script) {
        return page.evaluate(script);
    }

    /** Runs JavaScript that gives a number. */
    double number(String script) {
        return page.evaluate(script) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /** Runs JavaScript that gives a text. */
    String text(String script) {
        return String.valueOf(page.evaluate(script));
    }

    /** What plays here. */
    List<Stats> received() {
        return stats("probe.received()");
    }

    /** What plays here of one participant, microphone or camera. */
    Optional<Stats> received(String from, String kind) {
        return received().stream()
                .filter(s -> s.text("from").equals(from) && s.text("kind").equals(kind))
                .filter(s -> s.text("group").equals("main"))
                .findFirst();
    }

    /** The first stats object of a type and kind, of the sending side. */
    Optional<Stats> sent(String type, String kind) {
        return stats("probe.stats()").stream()
                .filter(s -> s.text("type").equals(type) && s.text("kind").equals(kind))
                .findFirst();
    }

    private List<Stats> stats(String script) {
        if (!(page.evaluate(script) instanceof List<?> list)) {
            throw new AssertionError(script);
        }
        return list.stream().map(s -> new Stats((Map<?, ?>) s)).toList();
    }

    /** Waits until JavaScript gives something true. */
    void await(String what, String script) {
        await(what, () -> page.evaluate("async () => Boolean(await (" + script + "))"), Boolean.TRUE::equals);
    }

    /** Waits until a value is as it should be, and gives it; fails with the last one seen. */
    <T extends @Nullable Object> T await(String what, Supplier<T> value, Predicate<T> good) {
        return await(what, PATIENCE, value, good);
    }

    /** The same with another patience. */
    <T extends @Nullable Object> T await(String what, Duration patience, Supplier<T> value, Predicate<T> good) {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        while (true) {
            T last = value.get();
            if (good.test(last)) {
                return last;
            }
            if (System.nanoTime() - deadlineNanos > 0) {
                return Assertions.fail(what + ": not within " + patience.toSeconds() + " s; last: " + last
                        + "; the page says " + complaints);
            }
            page.waitForTimeout(LOOK_AGAIN_MILLIS);
        }
    }

    /** Waits until that participant's picture and sound have got this much further than they are now. */
    public void awaitMore(String from, int frames) {
        double framesBefore = received(from, "video").map(s -> s.number("framesDecoded")).orElse(0.0);
        Stats soundBefore = received(from, "audio").orElse(Stats.NONE);
        await("more pictures of " + from, () -> received(from, "video").orElse(Stats.NONE),
                s -> s.number("framesDecoded") >= framesBefore + frames);
        await("more sound of " + from, () -> received(from, "audio").orElse(Stats.NONE),
                s -> s.number("totalSamplesReceived") > soundBefore.number("totalSamplesReceived")
                        && s.number("totalAudioEnergy") > soundBefore.number("totalAudioEnergy"));
    }

    /** Epoch milliseconds of the first decoded picture or sound of that participant; 0 before. */
    double firstAt(String from, String kind) {
        return number("Math.max(0, ...Object.values(probe.firsts).filter(f => f.name === '" + from + "').map(f => f."
                + kind + "))");
    }

    /** Waits for the first picture and sound of that participant; epoch milliseconds of the later one. */
    public double awaitFirst(String from) {
        double video = await("first picture of " + from, () -> firstAt(from, "video"), at -> at > 0);
        double audio = await("first sound of " + from, () -> firstAt(from, "audio"), at -> at > 0);
        return Math.max(video, audio);
    }

    @Override
    public void close() {
        page.context().close();
    }
}
