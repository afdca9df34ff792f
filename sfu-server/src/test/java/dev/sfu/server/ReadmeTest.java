package dev.sfu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final String BEGIN = "<!-- configuration:begin -->\n";
    private static final String END = "<!-- configuration:end -->";

    /** {@code -Dreadme.write=true} writes the table instead. */
    @Test
    void theReadmeListsEveryKey() throws IOException {
        Path readme = Path.of(Optional.ofNullable(System.getProperty("basedir")).orElse("")).resolve("../README.md");
        String text = Files.readString(readme);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        assertTrue(begin >= BEGIN.length() && end >= begin, "markers in README.md");
        if (Boolean.getBoolean("readme.write")) {
            Files.writeString(readme, text.substring(0, begin) + table() + text.substring(end));
        } else {
            assertEquals(table(), text.substring(begin, end), "run this test with -Dreadme.write=true");
        }
    }

    private static String table() {
        StringBuilder table = new StringBuilder("""
                | YAML and flag | environment | value | default | what |
                |---|---|---|---|---|
                """);
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            table.append("| `%s` | `%s` | %s | %s | %s |%n".formatted(key.name(), key.environmentName(),
                    key.type().expected(), key.fallbackText(), key.description()));
        }
        return table.toString();
    }
}
