package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BandwidthTableTest {
    private static final String WRITTEN_BY_PEOPLE = "# Bandwidth\n\nRules.\n";

    @TempDir
    private Path folder;

    @Test
    void whatPeopleWroteStays() throws IOException {
        Path file = Files.writeString(folder.resolve("bandwidth.md"), WRITTEN_BY_PEOPLE);
        BandwidthTable table = new BandwidthTable();
        table.write(file);
        String first = Files.readString(file);
        assertTrue(first.startsWith(WRITTEN_BY_PEOPLE), first);
        assertTrue(first.length() > WRITTEN_BY_PEOPLE.length(), first);
        table.write(file);
        assertEquals(first, Files.readString(file));
    }

    @Test
    void withoutAFileOneIsMade() throws IOException {
        Path file = folder.resolve("new.md");
        new BandwidthTable().write(file);
        assertTrue(Files.readString(file).startsWith("# Bandwidth\n\n<!--"), Files.readString(file));
    }
}
