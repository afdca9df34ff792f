package dev.sfu.server.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sfu.core.Needs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A headless Firefox with a profile of its own, a fake camera and a fake microphone, driven by WebDriver BiDi. */
final class FirefoxBrowser implements AutoCloseable {
    private static final int START_SECONDS = 40;
    private static final int STOP_SECONDS = 10;
    private static final String LISTENING = "WebDriver BiDi listening on ";

    private static final List<String> PREFERENCES = List.of(
            // Camera and microphone that need neither hardware nor a click.
            "'media.navigator.streams.fake', true",
            "'media.navigator.permission.disabled', true",
            "'media.autoplay.default', 0",
            // Nothing that talks to the vendor or asks the user something.
            "'app.normandy.enabled', false",
            "'app.update.auto', false",
            "'app.update.disabledForTesting', true",
            "'browser.aboutwelcome.enabled', false",
            "'browser.ml.enable', false",
            "'browser.newtabpage.enabled', false",
            "'browser.region.network.url', ''",
            "'browser.safebrowsing.update.enabled', false",
            "'browser.shell.checkDefaultBrowser', false",
            "'browser.startup.homepage_override.mstone', 'ignore'",
            "'browser.startup.page', 0",
            "'browser.topsites.contile.enabled', false",
            "'captivedetect.canonicalURL', ''",
            "'datareporting.healthreport.uploadEnabled', false",
            "'datareporting.policy.dataSubmissionEnabled', false",
            "'extensions.getAddons.cache.enabled', false",
            "'extensions.systemAddon.update.enabled', false",
            "'extensions.update.enabled', false",
            "'media.gmp-manager.updateEnabled', false",
            "'network.captive-portal-service.enabled', false",
            "'network.connectivity-service.enabled', false",
            "'services.settings.server', ''",
            "'toolkit.telemetry.enabled', false",
            "'toolkit.telemetry.server', ''");

    private final Path profile;
    private final Process process;
    private final BidiConnection bidi;

    private FirefoxBrowser(Path profile, Process process, BidiConnection bidi) {
        this.profile = profile;
        this.process = process;
        this.bidi = bidi;
    }

    /** Starts one, or skips the test where there is none. */
    static FirefoxBrowser start() throws IOException {
        Path executable = Needs.executable("firefox-esr", "firefox");
        Path profile = Files.createTempDirectory("firefox-profile-");
        StringBuilder preferences = new StringBuilder();
        PREFERENCES.forEach(p -> preferences.append("user_pref(").append(p.replace('\'', '"')).append(");\n"));
        Files.writeString(profile.resolve("user.js"), preferences);
        ProcessBuilder builder = new ProcessBuilder(
                executable.toString(), "--headless", "--no-remote", "--profile", profile.toString(),
                "--remote-debugging-port=0");
        builder.environment().put("MOZ_CRASHREPORTER_DISABLE", "1");
        Process process = builder.redirectErrorStream(true).start();
        try {
            BidiConnection bidi = new BidiConnection(URI.create(address(process) + "/session"));
            ObjectNode session = bidi.params();
            session.putObject("capabilities");
            bidi.command("session.new", session);
            return new FirefoxBrowser(profile, process, bidi);
        } catch (IOException | RuntimeException failure) {
            end(process);
            delete(profile);
            throw failure;
        }
    }

    /** Reads the output until the address is there, and the rest for as long as Firefox runs, lest it blocks. */
    private static String address(Process process) throws IOException {
        CompletableFuture<String> address = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(LISTENING)) {
                        address.complete(line.substring(LISTENING.length()).strip());
                    }
                }
                address.completeExceptionally(new IOException("Firefox ended before it listened"));
            } catch (IOException closed) {
                address.completeExceptionally(closed);
            }
        });
        try {
            return address.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        } catch (ExecutionException | TimeoutException failure) {
            throw new IOException("Firefox does not listen for WebDriver BiDi", failure);
        }
    }

    /** A new tab at that address. */
    Page open(String url) throws IOException {
        JsonNode created = bidi.command("browsingContext.create", bidi.params().put("type", "tab"));
        Page page = new Page(created.path("context").asText());
        page.navigate(url);
        return page;
    }

    /** Ends Firefox with all its processes, and removes the profile. */
    @Override
    public void close() throws IOException {
        try {
            bidi.command("browser.close", bidi.params());
        } finally {
            bidi.close();
            end(process);
            delete(profile);
        }
    }

    private static void end(Process process) {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        try {
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                // Its children end with it, though not at the same moment.
                process.destroy();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(handle -> handle.onExit().orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** A tab. */
    final class Page implements BrowserPage, AutoCloseable {
        private final String context;

        private Page(String context) {
            this.context = context;
        }

        @Override
        public void navigate(String url) throws IOException {
            bidi.command("browsingContext.navigate", params().put("url", url).put("wait", "complete"));
        }

        void reload() throws IOException {
            bidi.command("browsingContext.reload", params().put("wait", "complete"));
        }

        @Override
        public String evaluateString(String expression) throws IOException {
            ObjectNode params = bidi.params().put("expression", expression).put("awaitPromise", true);
            params.putObject("target").put("context", context);
            JsonNode result = bidi.command("script.evaluate", params);
            if (!result.path("type").asText().equals("success")) {
                throw new IOException(result.path("exceptionDetails").path("text").asText() + " in " + expression);
            }
            return result.path("result").path("value").asText();
        }

        @Override
        public void close() throws IOException {
            bidi.command("browsingContext.close", params());
        }

        private ObjectNode params() {
            return bidi.params().put("context", context);
        }
    }
}
