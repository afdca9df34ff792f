package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryTest {
    @Test
    void whatWasThereComesBack(@TempDir Path folder) throws IOException {
        Path steering = Files.writeString(folder.resolve("rps_cpus"), "2\n");
        Path backlog = Files.writeString(folder.resolve("netdev_max_backlog"), "1000\n");
        try (Delivery _ = Delivery.on(5, steering, backlog)) {
            assertEquals("20", Files.readString(steering));
            assertEquals("100000", Files.readString(backlog));
        }
        assertEquals("2", Files.readString(steering));
        assertEquals("1000", Files.readString(backlog));
    }

    @Test
    void whatCannotBeWrittenIsSaid(@TempDir Path folder) {
        assertThrows(IOException.class, () -> Delivery.on(0, folder.resolve("none"), folder.resolve("none")));
    }

    @Test
    void processorsAreBitsInWordsOf32() {
        assertEquals("1", Delivery.mask(0));
        assertEquals("80000000", Delivery.mask(31));
        assertEquals("2,00000000,00000000", Delivery.mask(65));
    }
}
