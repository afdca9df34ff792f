package dev.sfu.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.stats.StatsReport;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AdminServerTest {
    private static final String TOKEN = "correct horse battery staple";

    private final ScriptedEngine engine = new ScriptedEngine();
    private final List<AdminServer> started = new ArrayList<>();
    private Vertx vertx = Vertx.vertx();
    private HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void describeOneConnection() {
        engine.connections = List.of(new ConnectionInfo("c1", "den", "p1", "Ada", JoinRequest.Role.PARTICIPANT,
                ConnectionState.CONNECTED, 1_700_000_000_000L));
        engine.reports.put("c1", report(10));
    }

    @AfterEach
    void stopEverything() throws Exception {
        for (AdminServer server : started) {
            server.stop().await(5, TimeUnit.SECONDS);
        }
        client.shutdownNow();
        vertx.close().await(5, TimeUnit.SECONDS);
    }

    @Test
    void healthTellsLiveFromReady() throws Exception {
        int port = start(null);
        engine.ready = false;
        assertEquals(200, get(port, "/health/live").statusCode());
        assertEquals(503, get(port, "/health/ready").statusCode());
        engine.ready = true;
        assertEquals(200, get(port, "/health/ready").statusCode());
    }

    @Test
    void metricsCarryEngineTotalsAndTheJvm() throws Exception {
        int port = start(null);
        String before = get(port, "/metrics").body();
        assertTrue(before.contains("sfu_packets_dropped_total{reason=\"srtp_auth_failed\"} 0.0"), before);
        engine.counters = CompletableFuture.completedFuture(new EngineCounters(
                Map.of("rooms", 3L),
                Map.of("rtp_packets_received", 1234L),
                Map.of("srtp_auth_failed", 7L)));
        HttpResponse<String> response = get(port, "/metrics");
        assertEquals("text/plain; version=0.0.4; charset=utf-8",
                response.headers().firstValue("content-type").orElseThrow());
        for (String line : List.of(
                "# TYPE sfu_rooms gauge",
                "sfu_rooms 3.0",
                "# TYPE sfu_rtp_packets_received_total counter",
                "sfu_rtp_packets_received_total 1234.0",
                "# TYPE sfu_packets_dropped_total counter",
                "sfu_packets_dropped_total{reason=\"srtp_auth_failed\"} 7.0",
                "sfu_ready 1.0",
                "# TYPE jvm_memory_used_bytes gauge",
                "# TYPE jvm_threads_live_threads gauge",
                "# TYPE process_cpu_usage gauge")) {
            assertTrue(response.body().lines().anyMatch(line::equals), line + " not in\n" + response.body());
        }
    }

    @Test
    void aGaugeThatTheEngineNoLongerReportsFallsToZero() throws Exception {
        int port = start(null);
        engine.counters = CompletableFuture.completedFuture(new EngineCounters(Map.of("rooms", 3L), Map.of(), Map.of()));
        assertTrue(get(port, "/metrics").body().contains("sfu_rooms 3.0"));
        engine.counters = CompletableFuture.completedFuture(new EngineCounters(Map.of(), Map.of(), Map.of()));
        assertTrue(get(port, "/metrics").body().contains("sfu_rooms 0.0"));
    }

    @Test
    void aStuckEngineFailsTheScrapeWithATypedError() throws Exception {
        int port = start(null);
        engine.counters = new CompletableFuture<>();
        HttpResponse<String> response = get(port, "/metrics");
        assertEquals(503, response.statusCode());
        assertEquals("engine_timeout", errorCode(response));
    }

    @Test
    void connectionsAndRoomsAreListed() throws Exception {
        int port = start(null);
        engine.rooms = List.of(new RoomInfo("den", List.of(new ParticipantInfo("p1", "Ada", List.of(
                new TrackInfo("t1", "p1", MediaKind.VIDEO, TrackSource.SCREEN, true)))), 5));
        assertEquals(
                new JsonArray("""
                        [{"id":"c1","room":"den","participantId":"p1","participantName":"Ada","role":"participant",
                          "state":"connected","createdEpochMillis":1700000000000}]"""),
                new JsonArray(get(port, "/api/connections").body()));
        assertEquals(
                new JsonArray("""
                        [{"name":"den","participants":[{"id":"p1","name":"Ada","tracks":[
                          {"id":"t1","kind":"video","source":"screen","muted":true}]}],"viewers":5}]"""),
                new JsonArray(get(port, "/api/rooms").body()));
    }

    @Test
    void statsAreKeyedByTheirId() throws Exception {
        int port = start(null);
        HttpResponse<String> response = get(port, "/api/connections/c1/stats");
        assertEquals("application/json", response.headers().firstValue("content-type").orElseThrow());
        assertEquals(
                new JsonObject("""
                        {"IT01":{"id":"IT01","timestamp":1.5,"type":"inbound-rtp","packetsReceived":10,
                          "durations":{"cpu":0.5},"ids":["a","b"]}}"""),
                new JsonObject(response.body()));
    }

    @Test
    void unknownThingsGiveTypedErrors() throws Exception {
        int port = start(null);
        HttpResponse<String> stats = get(port, "/api/connections/nobody/stats");
        assertEquals(404, stats.statusCode());
        assertEquals("not_found", errorCode(stats));
        assertEquals(404, get(port, "/api/connections/nobody/stats/stream").statusCode());
        HttpResponse<String> path = get(port, "/api/nothing");
        assertEquals(404, path.statusCode());
        assertEquals("not_found", errorCode(path));
        HttpResponse<String> posted = client.send(
                request(port, "/api/rooms", null).POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString());
        assertEquals(405, posted.statusCode());
    }

    @Test
    void theStreamReportsEverySecondUntilTheConnectionEnds() throws Exception {
        int port = start(null);
        HttpResponse<InputStream> response = stream(port, "c1");
        assertEquals("text/event-stream", response.headers().firstValue("content-type").orElseThrow());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), US_ASCII))) {
            assertEquals(10, packetsIn(lines));
            engine.reports.put("c1", report(20));
            assertEquals(20, packetsIn(lines));
            engine.reports.remove("c1");
            assertEquals("event: end", lines.readLine());
            assertEquals("data: {}", lines.readLine());
            assertEquals("", lines.readLine());
            assertEquals(null, lines.readLine());
        }
    }

    @Test
    void streamsAreLimitedAndPlacesComeBack() throws Exception {
        int port = start(null);
        List<InputStream> bodies = new ArrayList<>();
        for (int i = 0; i < StatsStreams.MAX_CLIENTS; i++) {
            HttpResponse<InputStream> response = stream(port, "c1");
            assertEquals(200, response.statusCode());
            bodies.add(response.body());
        }
        HttpResponse<String> refused = get(port, "/api/connections/c1/stats/stream");
        assertEquals(503, refused.statusCode());
        assertEquals("limit_reached", errorCode(refused));

        bodies.getFirst().close();
        HttpResponse<InputStream> again = stream(port, "c1");
        while (again.statusCode() == 503) { // the server learns of the closed connection a moment later
            again.body().close();
            again = stream(port, "c1");
        }
        assertEquals(200, again.statusCode());
    }

    @Test
    void stoppingEndsStreams() throws Exception {
        int port = start(null);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream(port, "c1").body(), US_ASCII))) {
            packetsIn(lines);
            started.removeLast().stop().await(5, TimeUnit.SECONDS);
            assertEquals("event: end", lines.readLine());
        }
    }

    @Test
    void everythingButHealthAndThePageNeedsTheToken() throws Exception {
        int port = start(TOKEN);
        for (String path : List.of("/metrics", "/api/rooms", "/api/connections", "/api/connections/c1/stats",
                "/api/connections/c1/stats/stream")) {
            HttpResponse<String> without = get(port, path);
            assertEquals(401, without.statusCode(), path);
            assertEquals("unauthorized", errorCode(without));
            assertTrue(without.headers().firstValue("www-authenticate").orElseThrow().startsWith("Bearer"));
            assertEquals(401, get(port, path, TOKEN + "x").statusCode(), path);
        }
        assertEquals(200, get(port, "/metrics", TOKEN).statusCode());
        assertEquals(200, get(port, "/api/connections/c1/stats", TOKEN).statusCode());
        assertEquals(200, get(port, "/health/live").statusCode());
        assertEquals(200, get(port, "/").statusCode());
    }

    @Test
    void withoutATokenOnlyLoopbackNamesAreAnswered() throws Exception {
        int port = start(null);
        assertTrue(statusLine(port, "localhost:" + port).contains(" 200 "));
        assertTrue(statusLine(port, "[::1]:" + port).contains(" 200 "));
        assertTrue(statusLine(port, "rebound.example:" + port).contains(" 403 "));
    }

    @Test
    void thePageIsServedWithAPolicyThatForbidsForeignCode() throws Exception {
        int port = start(null);
        HttpResponse<String> page = get(port, "/");
        assertTrue(page.body().contains("<title>SFU admin</title>"));
        assertTrue(page.headers().firstValue("content-security-policy").orElseThrow().startsWith("default-src 'none'"));
        HttpResponse<String> script = get(port, "/admin.js");
        assertTrue(script.headers().firstValue("content-type").orElseThrow().contains("javascript"));
        assertEquals(200, get(port, "/admin.css").statusCode());
        assertEquals(404, get(port, "/..%2fAdminServer.class").statusCode());
    }

    @Test
    void beyondLoopbackATokenIsRequired() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new AdminConfig("0.0.0.0", 8081, null));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("admin.token: "));
        assertThrows(IllegalArgumentException.class, () -> new AdminConfig("admin.example", 8081, null));
        assertThrows(IllegalArgumentException.class, () -> new AdminConfig("0.0.0.0", 8081, " "));
        assertThrows(IllegalArgumentException.class, () -> new AdminConfig("127.0.0.1", 65_536, null));
        assertEquals("::1", new AdminConfig("::1", 0, null).host());
        assertFalse(new AdminConfig("0.0.0.0", 8081, TOKEN).toString().contains(TOKEN));
    }

    @Test
    void aTakenPortIsABindException() throws Exception {
        int port = start(null);
        AdminServer second = new AdminServer(vertx, engine, new AdminConfig("127.0.0.1", port, null));
        ExecutionException failure = assertThrows(ExecutionException.class,
                () -> second.start().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS));
        assertInstanceOf(BindException.class, failure.getCause());
    }

    private int start(@Nullable String token) throws Exception {
        AdminServer server = new AdminServer(vertx, engine, new AdminConfig("127.0.0.1", 0, token));
        started.add(server);
        return server.start().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private HttpResponse<String> get(int port, String path) throws Exception {
        return get(port, path, null);
    }

    private HttpResponse<String> get(int port, String path, @Nullable String token) throws Exception {
        return client.send(request(port, path, token).build(), BodyHandlers.ofString());
    }

    private HttpResponse<InputStream> stream(int port, String id) throws Exception {
        return client.send(
                request(port, "/api/connections/" + id + "/stats/stream", null).build(), BodyHandlers.ofInputStream());
    }

    private static HttpRequest.Builder request(int port, String path, @Nullable String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .version(HttpClient.Version.HTTP_1_1);
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private static String statusLine(int port, String host) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("GET /api/rooms HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);
            return answer.lines().findFirst().orElseThrow();
        }
    }

    private static int packetsIn(BufferedReader lines) throws Exception {
        assertEquals("event: stats", lines.readLine());
        String data = String.valueOf(lines.readLine());
        assertEquals("", lines.readLine());
        return new JsonObject(data.substring("data: ".length())).getJsonObject("IT01").getInteger("packetsReceived");
    }

    private static String errorCode(HttpResponse<String> response) {
        return new JsonObject(response.body()).getJsonObject("error").getString("code");
    }

    private static StatsReport report(long packets) {
        Map<String, Object> inbound = new LinkedHashMap<>();
        inbound.put("id", "IT01");
        inbound.put("timestamp", 1.5);
        inbound.put("type", "inbound-rtp");
        inbound.put("packetsReceived", packets);
        inbound.put("durations", Map.of("cpu", 0.5));
        inbound.put("ids", List.of("a", "b"));
        return new StatsReport(List.of(inbound));
    }
}
