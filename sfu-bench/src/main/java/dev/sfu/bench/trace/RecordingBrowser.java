package dev.sfu.bench.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A headless Chromium whose camera and microphone are files made by ffmpeg and espeak-ng, or a headless Firefox with its own
 * fake camera; all of it in one folder.
 */
final class RecordingBrowser implements AutoCloseable {
    private static final int TOOL_TIMEOUT_SECONDS = 120;
    private static final int STOP_TIMEOUT_SECONDS = 5;
    private static final String SPEECH = "Shall we begin? I have looked at the figures for last week, and they are better than we"
            + " had hoped. There is one thing that I do not understand yet.";

    /** What a browser captures from, and which browser. */
    enum Capture {
        CAMERA,
        MICROPHONE,
        FIREFOX
    }

    private final Path folder;
    private final Process process;

    private RecordingBrowser(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /**
     * Opens a page in it.
     *
     * @throws IOException if a program is missing or fails
     */
    static RecordingBrowser open(String url, Capture capture) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("sfu-recording");
        try {
            List<String> command = switch (capture) {
                case CAMERA -> chromium(folder, "--use-file-for-fake-video-capture=" + camera(folder), url);
                case MICROPHONE -> chromium(folder, "--use-file-for-fake-audio-capture=" + speech(folder), url);
                case FIREFOX -> firefox(folder, url);
            };
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("browser.log").toFile());
            builder.environment().putAll(Map.of("HOME", folder.toString()));
            return new RecordingBrowser(folder, builder.start());
        } catch (IOException | InterruptedException e) {
            delete(folder);
            throw e;
        }
    }

    private static List<String> chromium(Path folder, String source, String url) {
        return List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--user-data-dir=" + folder.resolve("profile"),
                source,
                url);
    }

    private static List<String> firefox(Path folder, String url) throws IOException {
        Path profile = Files.createDirectory(folder.resolve("profile"));
        Files.writeString(profile.resolve("user.js"), """
                user_pref("media.navigator.streams.fake", true);
                user_pref("media.navigator.permission.disabled", true);
                user_pref("media.autoplay.default", 0);
                user_pref("browser.shell.checkDefaultBrowser", false);
                user_pref("datareporting.policy.dataSubmissionEnabled", false);
                user_pref("app.update.enabled", false);
                """);
        return List.of("firefox-esr", "--headless", "--no-remote", "--profile", profile.toString(), url);
    }

    /** Moving shapes under the noise of a small sensor, so that every frame has something to say. */
    private static Path camera(Path folder) throws IOException, InterruptedException {
        Path file = folder.resolve("camera.y4m");
        run(folder, "ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                "testsrc2=size=1280x720:rate=30,noise=alls=6:allf=t+u", "-t", "6", "-pix_fmt", "yuv420p", file.toString());
        return file;
    }

    /** Two sentences, each followed by more than a second of silence. */
    private static Path speech(Path folder) throws IOException, InterruptedException {
        Path spoken = folder.resolve("spoken.wav");
        Path file = folder.resolve("microphone.wav");
        run(folder, "espeak-ng", "-w", spoken.toString(), SPEECH);
        run(folder, "ffmpeg", "-v", "error", "-i", spoken.toString(), "-af", "apad=pad_dur=3", "-ar", "48000", "-ac", "1",
                file.toString());
        return file;
    }

    private static void run(Path folder, String... command) throws IOException, InterruptedException {
        Path log = folder.resolve("tool.log");
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!tool.waitFor(TOOL_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            tool.destroyForcibly();
            throw new IOException(command[0] + ": not done after " + TOOL_TIMEOUT_SECONDS + " s");
        }
        if (tool.exitValue() != 0) {
            throw new IOException(command[0] + ": status " + tool.exitValue() + ": " + Files.readString(log));
        }
    }

    /** Completes exceptionally when the browser ends by itself. */
    CompletableFuture<Void> exited() {
        return process.onExit().thenCompose(ended -> CompletableFuture.failedFuture(
                new IOException("browser: ended with status " + ended.exitValue())));
    }

    /** Ends the browser with all its processes and deletes the folder. */
    @Override
    public void close() throws IOException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        process.destroy();
        // The browser ends its children itself; what is left after that is in the way of deleting the folder.
        awaitEnd(process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(RecordingBrowser::awaitEnd);
        delete(folder);
    }

    private static void awaitEnd(ProcessHandle ending) {
        ending.onExit().completeOnTimeout(ending, STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.toList().reversed();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
