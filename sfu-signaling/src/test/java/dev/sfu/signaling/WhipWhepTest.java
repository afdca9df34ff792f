package dev.sfu.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Status codes and headers of RFC 9725 and of WHEP, which is the same from this side. */
class WhipWhepTest {
    private static final String OFFER = "v=0\r\na=ice-ufrag:abcd\r\n";
    private static final String SDP = "application/sdp";
    private static final String FRAGMENT = "application/trickle-ice-sdpfrag";

    private final SignalingFixture fixture = new SignalingFixture(config -> config.withLimits(
            new SignalingConfig.Limits(4096, 2048, 50, 6, 5, 1 << 20)));
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        fixture.close();
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + fixture.port + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> post(String path) {
        return send("POST", path, OFFER, "Content-Type", SDP);
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void publishTrickleAndDelete() {
        HttpResponse<String> created = post("/whip/r%20oom?name=Studio");
        assertEquals(201, created.statusCode());
        assertEquals(SDP, header(created, "Content-Type"));
        assertEquals(ScriptedEngine.ANSWER, created.body());
        String location = header(created, "Location");
        assertTrue(location.matches("/whip/r%20oom/[A-Za-z0-9_-]{32}"), location);
        String etag = header(created, "ETag");
        assertTrue(etag.matches("\"[A-Za-z0-9_-]{32}\""), etag);
        assertEquals(FRAGMENT, header(created, "Accept-Patch"));

        HttpResponse<String> trickled = send(
                "PATCH", location,
                """
                a=ice-ufrag:abcd
                a=ice-pwd:x
                m=audio 9 UDP/TLS/RTP/SAVPF 0
                a=mid:0
                a=candidate:1 1 udp 1 10.0.0.1 9 typ host
                a=end-of-candidates
                """,
                "Content-Type", FRAGMENT, "If-Match", etag);
        assertEquals(204, trickled.statusCode());
        assertEquals(200, send("DELETE", location, "").statusCode());
        assertEquals(404, send("DELETE", location, "").statusCode());
        assertEquals(
                List.of(
                        "join r oom Studio PUBLISHER",
                        "offer Studio []",
                        "candidate candidate:1 1 udp 1 10.0.0.1 9 typ host 0 abcd",
                        "candidate null null abcd",
                        "end Studio left"),
                fixture.engine.calls());
    }

    @Test
    void watchersAreViewers() {
        HttpResponse<String> created = post("/whep/r");
        assertEquals(201, created.statusCode());
        assertTrue(header(created, "Location").startsWith("/whep/r/"));
        assertEquals("join r Viewer VIEWER", fixture.engine.calls().getFirst());
    }

    @Test
    void sessionsHaveDifferentNamesAndCount() {
        assertNotEquals(header(post("/whip/r"), "Location"), header(post("/whip/r"), "Location"));
        assertEquals(2, SignalingFixture.await(fixture.server.connections()));
    }

    @Test
    void badRequestsAreToldApart() {
        assertEquals(415, send("POST", "/whip/r", OFFER, "Content-Type", "text/plain").statusCode());
        assertEquals(415, send("POST", "/whip/r", OFFER).statusCode());
        assertEquals(406, send("POST", "/whip/r", OFFER, "Content-Type", SDP, "Accept", "text/html").statusCode());
        assertEquals(400, send("POST", "/whip/r", "", "Content-Type", SDP).statusCode());
        assertEquals(413, send("POST", "/whip/r", "x".repeat(3000), "Content-Type", SDP).statusCode());
        assertEquals(404, send("PATCH", "/whip/r/none", "", "Content-Type", FRAGMENT).statusCode());
        HttpResponse<String> badSdp = send("POST", "/whip/r", "hello", "Content-Type", "Application/SDP; charset=utf-8");
        assertEquals(400, badSdp.statusCode());
        assertEquals("application/problem+json", header(badSdp, "Content-Type"));
        assertTrue(badSdp.body().contains("\"code\":\"bad_sdp\""), badSdp.body());
        assertEquals(422, send("POST", "/whip/r", "v=0 x-unsupported", "Content-Type", SDP).statusCode());
        HttpResponse<String> full = post("/whip/full");
        assertEquals(503, full.statusCode());
        assertEquals("10", header(full, "Retry-After"));
        assertEquals(500, post("/whip/r?name=crash").statusCode());
        assertEquals(400, post("/whip/" + "r".repeat(200)).statusCode());
        assertEquals(List.of(), fixture.engine.names());
    }

    @Test
    void otherMethodsAreNotAllowed() {
        for (String method : List.of("GET", "PUT", "PATCH", "DELETE")) {
            HttpResponse<String> response = send(method, "/whip/r", "");
            assertEquals(405, response.statusCode(), method);
            assertEquals("POST, OPTIONS", header(response, "Allow"));
        }
        HttpResponse<String> response = send("GET", "/whep/r/x", "");
        assertEquals(405, response.statusCode());
        assertEquals("PATCH, DELETE, OPTIONS", header(response, "Allow"));
    }

    @Test
    void patchesMustFitTheSession() {
        HttpResponse<String> created = post("/whip/r");
        String location = header(created, "Location");
        assertEquals(415, send("PATCH", location, "", "Content-Type", SDP).statusCode());
        assertEquals(412, send("PATCH", location, "", "Content-Type", FRAGMENT, "If-Match", "\"x\"").statusCode());
        assertEquals(400, send("PATCH", location, "hello\r\n", "Content-Type", FRAGMENT).statusCode());
        HttpResponse<String> restart = send(
                "PATCH", location, "a=ice-ufrag:other\r\na=ice-pwd:y\r\n", "Content-Type", FRAGMENT, "If-Match", "*");
        assertEquals(422, restart.statusCode());
        String many = "a=candidate:1 1 udp 1 10.0.0.1 9\r\n".repeat(65).substring(0, 2047);
        assertEquals(204, send("PATCH", location, many.substring(0, many.lastIndexOf("a=")),
                "Content-Type", FRAGMENT).statusCode());
    }

    @Test
    void optionsSayWhatCanBeSentAndCorsAllowsIt() {
        HttpResponse<String> options = send("OPTIONS", "/whip/r", "");
        assertEquals(204, options.statusCode());
        assertEquals(SDP, header(options, "Accept-Post"));
        HttpResponse<String> session = send("OPTIONS", "/whip/r/x", "");
        assertEquals(FRAGMENT, header(session, "Accept-Patch"));
        HttpResponse<String> preflight = send(
                "OPTIONS", "/whep/r", "",
                "Origin", "https://elsewhere.example",
                "Access-Control-Request-Method", "POST",
                "Access-Control-Request-Headers", "content-type");
        assertEquals(204, preflight.statusCode());
        assertEquals("*", header(preflight, "Access-Control-Allow-Origin"));
        assertTrue(header(preflight, "Access-Control-Allow-Methods").contains("POST"));
        HttpResponse<String> created = send(
                "POST", "/whep/r", OFFER, "Content-Type", SDP, "Origin", "https://elsewhere.example");
        assertEquals(201, created.statusCode());
        assertEquals("*", header(created, "Access-Control-Allow-Origin"));
        assertTrue(header(created, "Access-Control-Expose-Headers").contains("Location"));
    }

    @Test
    void aSessionTheEngineEndedIsGone() {
        String location = header(post("/whip/r?name=Studio"), "Location");
        fixture.engine.end("Studio", ErrorCode.CONNECTION_FAILED, "silence");
        assertEquals(0, SignalingFixture.await(fixture.server.connections()));
        assertEquals(404, send("DELETE", location, "").statusCode());
    }

    @Test
    void limitsHoldForHttpToo() {
        for (int i = 0; i < 5; i++) {
            assertEquals(201, post("/whep/r").statusCode());
        }
        HttpResponse<String> tooManySessions = post("/whep/r");
        assertEquals(503, tooManySessions.statusCode());
        for (int i = 0; i < 4; i++) {
            fixture.engine.end("Viewer", ErrorCode.LEFT, "left");
        }
        // Also waits until the server has heard of the endings.
        assertEquals(1, SignalingFixture.await(fixture.server.connections()));
        assertEquals(201, post("/whep/r").statusCode());
        HttpResponse<String> tooManyJoins = post("/whep/r");
        assertEquals(429, tooManyJoins.statusCode());
        assertEquals("10", header(tooManyJoins, "Retry-After"));
    }

    @Test
    void stopEndsSessions() {
        post("/whip/r?name=Studio");
        SignalingFixture.await(fixture.server.stop());
        assertEquals(List.of(), fixture.engine.names());
    }
}
