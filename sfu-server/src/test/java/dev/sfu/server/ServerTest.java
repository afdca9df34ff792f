package dev.sfu.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServerTest {
    private final QuietEngine engine = new QuietEngine();
    private final Server.RunningEngine running = new Server.RunningEngine(engine, engine::close);

    @Test
    void servesUntilStopped() throws Exception {
        Server server = Server.start(config(0, 0), rtc -> running);
        try {
            assertTrue(server.httpUrl().matches("http://localhost:\\d+/"), server.httpUrl());
            assertEquals(200, status(server.httpUrl()));
            assertEquals(200, status(server.adminUrl() + "health/ready"));
        } finally {
            server.stop();
        }
        assertTrue(engine.closed);
        assertThrows(ConnectException.class, () -> status(server.httpUrl()));
        assertThrows(ConnectException.class, () -> status(server.adminUrl()));
        server.stop();
    }

    @Test
    void aTakenPortIsNamedAndWhatHadStartedStops() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            StartException http = assertThrows(StartException.class, () -> Server.start(config(port, 0), rtc -> running));
            assertEquals("http.port: " + port + " (in use; expected: a free port)", http.getMessage());
            assertTrue(engine.closed);
            StartException admin = assertThrows(StartException.class, () -> Server.start(config(0, port), rtc -> running));
            assertEquals("admin.port: " + port + " (in use; expected: a free port)", admin.getMessage());
        }
    }

    @Test
    void anEngineThatCannotBindNamesItsPorts() throws Exception {
        ServerConfig config = config(0, 0);
        StartException failure = assertThrows(StartException.class, () -> Server.start(config, rtc -> {
            throw new BindException("Address already in use");
        }));
        assertEquals("rtc.port: 10000, rtc.tcpPort: 10000 (in use; expected: a free port)", failure.getMessage());
    }

    @Test
    void anAddressOfAnotherMachineIsNamed() throws Exception {
        ServerConfig config = new Flags("test", "--http.host=203.0.113.7", "--http.port=0").config(Map.of());
        StartException failure = assertThrows(StartException.class, () -> Server.start(config, rtc -> running));
        assertEquals("http.host: 203.0.113.7 (expected: an address of this machine)", failure.getMessage());
    }

    @Test
    void helpAndVersionExitWithZeroAndBadConfigurationWithTwo() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Main main = new Main(Map.of(), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
        assertEquals(OptionalInt.of(0), main.run("--help"));
        assertTrue(out.toString(UTF_8).contains("--http.port"));
        assertEquals(OptionalInt.of(0), main.run("--version"));
        assertFalse(out.toString(UTF_8).contains("${"), "the build fills in the version");
        assertEquals(OptionalInt.of(2), main.run("--http.port=x", "--http.prot=1"));
        assertEquals(2, err.toString(UTF_8).lines().count(), err.toString(UTF_8));
    }

    private static ServerConfig config(int httpPort, int adminPort) throws ConfigException {
        return new Flags("test", "--http.host=127.0.0.1", "--http.port=" + httpPort, "--admin.port=" + adminPort)
                .config(Map.of());
    }

    private static int status(String url) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        try {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding()).statusCode();
        } finally {
            client.shutdownNow();
        }
    }
}
