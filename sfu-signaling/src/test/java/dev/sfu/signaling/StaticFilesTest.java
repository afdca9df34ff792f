package dev.sfu.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pages that come with the server and the headers they come with. */
class StaticFilesTest {
    private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"([^#\"]+)\"");

    private final SignalingFixture fixture = new SignalingFixture();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        fixture.close();
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + fixture.port + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void filesHaveTheirTypes() throws Exception {
        assertEquals("text/html; charset=utf-8", header(get("/"), "Content-Type"));
        assertEquals("text/html; charset=utf-8", header(get("/?room=r&name=n"), "Content-Type"));
        assertEquals("text/html; charset=utf-8", header(get("/whip.html"), "Content-Type"));
        assertEquals("text/html; charset=utf-8", header(get("/whep.html"), "Content-Type"));
        assertEquals("text/javascript; charset=utf-8", header(get("/sfu-client.js"), "Content-Type"));
        assertEquals("text/css; charset=utf-8", header(get("/style.css"), "Content-Type"));
        assertEquals("image/svg+xml", header(get("/icon.svg"), "Content-Type"));
    }

    @Test
    void whatPagesReferToIsThereAndNothingComesFromElsewhere() throws Exception {
        for (String page : List.of("/", "/whip.html", "/whep.html")) {
            Matcher references = REFERENCE.matcher(get(page).body());
            int found = 0;
            while (references.find()) {
                String path = references.group(1);
                assertTrue(path.startsWith("/") && !path.startsWith("//"), path);
                assertEquals(200, get(path).statusCode(), path);
                found++;
            }
            assertTrue(found >= 3, page);
        }
    }

    @Test
    void pagesAreConfined() throws Exception {
        HttpResponse<String> page = get("/");
        String policy = header(page, "Content-Security-Policy");
        assertTrue(policy.contains("default-src 'self'"), policy);
        assertTrue(policy.contains("frame-ancestors 'none'"), policy);
        assertFalse(policy.contains("unsafe"), policy);
        assertEquals("nosniff", header(page, "X-Content-Type-Options"));
        assertEquals("no-referrer", header(page, "Referrer-Policy"));
        assertTrue(header(page, "Permissions-Policy").contains("display-capture=(self)"));
    }

    @Test
    void unchangedFilesAreNotSentAgain() throws Exception {
        HttpResponse<String> first = get("/sfu-client.js");
        String etag = header(first, "ETag");
        assertTrue(etag.startsWith("\""), etag);
        assertEquals("no-cache", header(first, "Cache-Control"));
        HttpResponse<String> second = get("/sfu-client.js", "If-None-Match", etag);
        assertEquals(304, second.statusCode());
        assertEquals("", second.body());
        assertEquals(200, get("/sfu-client.js", "If-None-Match", "\"other\"").statusCode());
    }

    @Test
    void nothingElseIsServed() throws Exception {
        assertEquals(404, get("/nothing").statusCode());
        assertEquals(404, get("/web/index.html").statusCode());
        assertEquals(404, get("/%2e%2e/logback-test.xml").statusCode());
        assertEquals(426, get("/ws").statusCode());
    }
}
