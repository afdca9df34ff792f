package dev.sfu.core;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of the machine. Where it is missing the test is skipped with a line that says so, or fails when
 * {@code -Dsfu.tests.requireAll=true} says that nothing may be missing.
 */
public final class Needs {
    private static final String REQUIRE_ALL = "sfu.tests.requireAll";

    private Needs() {}

    /** The first of these programs that is on the {@code PATH}. */
    public static Path executable(String... names) {
        Optional<Path> found = Stream.of(names).flatMap(Needs::onPath).findFirst();
        that(found.isPresent(), String.join(" or ", names));
        return found.orElseThrow();
    }

    /** Anything else, such as a kernel feature or a shared library. */
    public static void that(boolean present, String what) {
        if (present) {
            return;
        }
        String message = "missing on this machine: " + what;
        if (Boolean.getBoolean(REQUIRE_ALL)) {
            Assertions.fail(message);
        }
        System.err.println("SKIPPED, " + message);
        Assumptions.abort(message);
    }

    private static Stream<Path> onPath(String name) {
        return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable);
    }
}
