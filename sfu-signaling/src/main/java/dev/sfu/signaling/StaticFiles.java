package dev.sfu.signaling;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * The pages and scripts that come with the server: a handful of class-path resources held in memory, one route each.
 *
 * <p>Vert.x's file handler would look in the working directory first, unpack the jar into a temporary directory and
 * give no entity tags; none of that suits a container with a read-only file system.
 */
final class StaticFiles {
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final Map<String, String> TYPES = Map.of(
            "index.html", HTML,
            "whip.html", HTML,
            "whep.html", HTML,
            "style.css", "text/css; charset=utf-8",
            "icon.svg", "image/svg+xml",
            "sfu-client.js", SCRIPT,
            "app.js", SCRIPT,
            "whip-whep.js", SCRIPT);

    private StaticFiles() {}

    /** Adds a route for each file, and for {@code /}. */
    static void mount(Router router) {
        TYPES.forEach((name, type) -> {
            Page page = Page.load(name, type);
            router.get("/" + name).handler(page::send);
            router.head("/" + name).handler(page::send);
            if (name.equals("index.html")) {
                router.get("/").handler(page::send);
                router.head("/").handler(page::send);
            }
        });
    }

    private record Page(Buffer content, String type, String etag) {
        static Page load(String name, String type) {
            try (InputStream in = StaticFiles.class.getResourceAsStream("/web/" + name)) {
                if (in == null) {
                    throw new IllegalStateException("resource: /web/" + name + " is missing");
                }
                byte[] bytes = in.readAllBytes();
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
                return new Page(Buffer.buffer(bytes), type, HexFormat.of().formatHex(digest, 0, 12));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }

        void send(RoutingContext ctx) {
            // No-cache: keep, but ask whether it is still the one. A new server must never meet an old client.
            ctx.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
            ctx.etag(etag);
            if (ctx.isFresh()) {
                var unused = ctx.response().setStatusCode(304).end();
                return;
            }
            ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, type);
            if (ctx.request().method().equals(HttpMethod.HEAD)) {
                ctx.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.length()));
                var unused = ctx.response().end();
            } else {
                var unused = ctx.response().end(content);
            }
        }
    }
}
