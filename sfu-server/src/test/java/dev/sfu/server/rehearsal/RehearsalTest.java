package dev.sfu.server.rehearsal;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.server.ServerFixture;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RehearsalTest {
    @Test
    void viewersGetWhatThePublisherSends() throws Exception {
        try (ServerFixture server = ServerFixture.start()) {
            int packets = Rehearsal.run(URI.create(server.url()), URI.create(server.adminUrl()));
            assertTrue(packets > 100, packets + " packets");
        }
    }

    @Test
    void aServerThatPlaysNoPartIsAnError() throws Exception {
        try (ServerFixture server = ServerFixture.start()) {
            // The admin interface answers, but knows neither WHIP nor WHEP.
            assertThrows(
                    IOException.class,
                    () -> Rehearsal.run(URI.create(server.adminUrl()), URI.create(server.adminUrl())));
        }
    }
}
