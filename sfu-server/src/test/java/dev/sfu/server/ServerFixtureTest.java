package dev.sfu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaEngine;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServerFixtureTest {
    @Test
    void servesPageAndAdminUntilClosed() throws Exception {
        MediaEngine engine;
        try (ServerFixture server = ServerFixture.start();
                HttpClient client = HttpClient.newHttpClient()) {
            engine = server.engine();
            assertTrue(engine.ready());
            for (String url : List.of(server.url(), server.url() + "sfu-client.js", server.adminUrl() + "health/ready")) {
                HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
                assertEquals(200, client.send(request, BodyHandlers.discarding()).statusCode(), url);
            }
        }
        assertFalse(engine.ready());
    }
}
