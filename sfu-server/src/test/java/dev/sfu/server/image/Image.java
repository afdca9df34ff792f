package dev.sfu.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectImageResponse;
import dev.sfu.core.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.testcontainers.DockerClientFactory;

/** The server's image, built by Docker's own command line from this checkout. */
final class Image {
    static final String NAME = "sfu-under-test";

    /** More arguments for {@code docker build}, such as other base images where there is no registry. */
    private static final String BUILD_ARGUMENTS = "sfu.tests.image.build";

    private static final Duration BUILD_PATIENCE = Duration.ofMinutes(10);
    private static final Duration RUN_PATIENCE = Duration.ofSeconds(30);

    private Image() {}

    /** Builds it, or the test is skipped where there is no Docker. */
    static void build() throws IOException, InterruptedException {
        Path docker = Needs.executable("docker");
        Needs.that(run(List.of(docker.toString(), "version"), Duration.ofSeconds(10)).isEmpty(), "a Docker daemon");
        List<String> command = new ArrayList<>(List.of(docker.toString(), "build", "-f", "deploy/Dockerfile", "-t", NAME));
        String more = System.getProperty(BUILD_ARGUMENTS, "").strip();
        if (!more.isEmpty()) {
            command.addAll(List.of(more.split(" +")));
        }
        command.add(".");
        run(command, BUILD_PATIENCE).ifPresent(output -> Assertions.fail(String.join(" ", command) + ":\n" + output));
    }

    /** What a container says that ends by itself at once, with a failure; empty when it ends without. */
    static Optional<String> failure(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Needs.executable("docker").toString(), "run", "--rm"));
        command.addAll(List.of(options));
        command.add(NAME);
        return run(command, RUN_PATIENCE);
    }

    static DockerClient docker() {
        return DockerClientFactory.lazyClient();
    }

    static InspectImageResponse inspect() {
        return docker().inspectImageCmd(NAME).exec();
    }

    /** What it wrote if it fails. */
    private static Optional<String> run(List<String> command, Duration patience) throws IOException, InterruptedException {
        Path root = Path.of(Optional.ofNullable(System.getProperty("basedir")).orElse("")).toAbsolutePath().resolve("..");
        Path output = Files.createTempFile("docker", ".log");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(root.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
            process.destroy();
            boolean good = ended && process.exitValue() == 0;
            return good ? Optional.empty() : Optional.of(Files.readString(output, UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
