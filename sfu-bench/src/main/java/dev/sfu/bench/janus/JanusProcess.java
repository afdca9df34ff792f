package dev.sfu.bench.janus;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Janus of our own, with a configuration of our own in a temporary folder. */
final class JanusProcess implements AutoCloseable {
    private static final int STOP_TIMEOUT_SECONDS = 5;
    private static final int LOG_TAIL_CHARACTERS = 2000;

    private final Path folder;
    private final Process process;
    private final URI api;

    private JanusProcess(Path folder, Process process, URI api) {
        this.folder = folder;
        this.process = process;
        this.api = api;
    }

    /**
     * Starts it, on one core when {@code core} is not negative. It may not be ready yet.
     *
     * @throws IOException if it is not installed
     */
    static JanusProcess start(int core) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path folder = Files.createTempDirectory("sfu-janus");
        try {
            new JanusConfig(port, JanusConfig.ownAddress(), 1).write(folder);
            List<String> command = new ArrayList<>();
            if (core >= 0) {
                // taskset becomes the program it starts, so the process id is Janus' own.
                command.addAll(List.of("taskset", "-c", String.valueOf(core)));
            }
            command.addAll(List.of("janus", "--configs-folder=" + folder));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            return new JanusProcess(folder, process, URI.create("http://127.0.0.1:" + port + "/janus"));
        } catch (IOException e) {
            delete(folder);
            throw e;
        }
    }

    /** Where its API will be. */
    URI api() {
        return api;
    }

    long pid() {
        return process.pid();
    }

    /** Throws with the end of its log when it runs no more. */
    void checkAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("janus: ended with status " + process.exitValue() + ": " + logTail());
        }
    }

    /** The end of what it printed: warnings and errors. */
    String logTail() throws IOException {
        String log = Files.readString(folder.resolve("log"));
        return log.substring(Math.max(0, log.length() - LOG_TAIL_CHARACTERS)).strip();
    }

    /** Ends it and deletes its folder. */
    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().completeOnTimeout(process, STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
        process.destroyForcibly();
        process.onExit().completeOnTimeout(process, STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
        delete(folder);
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
