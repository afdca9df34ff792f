package dev.sfu.server.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sfu.core.Needs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/** A run of {@code aiortc_peer.py}. Its standard error, where encoders are chatty, is shown when the run fails. */
final class AiortcProcess implements AutoCloseable {
    private static final String SCRIPT = "aiortc_peer.py";
    private static final int PROBE_SECONDS = 30;

    private final Process process;
    private final BufferedReader output;
    private final Path errors;

    private AiortcProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    /** The script in that folder, or the test is skipped where there is no aiortc. */
    static Path script(Path folder) throws IOException, InterruptedException {
        // The system's own: aiortc is a package of the distribution, which another Python on the PATH does not see.
        Path python = Path.of("/usr/bin/python3");
        Needs.that(Files.isExecutable(python), python.toString());
        Process probe = new ProcessBuilder(python.toString(), "-c", "import aiortc").inheritIO().start();
        boolean ended = probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS);
        probe.destroyForcibly();
        Needs.that(ended && probe.exitValue() == 0, "python3-aiortc");
        Path script = folder.resolve(SCRIPT);
        try (InputStream source = AiortcProcess.class.getResourceAsStream(SCRIPT)) {
            Assertions.assertNotNull(source, SCRIPT);
            Files.copy(source, script);
        }
        return script;
    }

    static AiortcProcess start(Path script, String mode, String url, String codec, int frames) throws IOException {
        Path errors = Files.createTempFile(script.getParent(), mode, ".log");
        Process process = new ProcessBuilder(
                        "/usr/bin/python3", script.toString(), mode, url, codec, Integer.toString(frames))
                .redirectError(errors.toFile())
                .start();
        return new AiortcProcess(process, errors);
    }

    /** Tells a publisher to end. */
    void finish() throws IOException {
        process.getOutputStream().close();
    }

    /** The next line it prints, or what it wrote to its standard error if it ends without one. */
    String line(Duration patience) throws Exception {
        CompletableFuture<String> line = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                String read = output.readLine();
                line.complete(read == null ? Files.readString(errors) : read);
            } catch (IOException failure) {
                line.completeExceptionally(failure);
            }
        });
        return line.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The JSON it prints at its end, and a successful exit. */
    JsonNode result(Duration patience) throws Exception {
        String result = line(patience);
        Assertions.assertTrue(process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS), "aiortc does not end");
        Assertions.assertEquals(0, process.exitValue(), result);
        return new ObjectMapper().readTree(result);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
