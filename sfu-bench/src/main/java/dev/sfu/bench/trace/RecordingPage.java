package dev.sfu.bench.trace;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Serves the page that makes a browser send, on loopback: GET / for the page, POST /offer for the answer, POST /log. */
final class RecordingPage implements AutoCloseable {
    private static final int MAX_BODY_BYTES = 1 << 18;

    private final HttpServer server;
    private final RecordingPeer peer;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    RecordingPage(RecordingPeer peer) throws IOException {
        this.peer = peer;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> answer(exchange, 200, "text/html", page()));
        server.createContext("/offer", this::onOffer);
        server.createContext("/log", this::onLog);
        server.start();
    }

    /** The page's address; {@code wish} is the query that says what to send. */
    String url(String wish) {
        return "http://localhost:" + server.getAddress().getPort() + "/?" + wish;
    }

    /** Completes exceptionally when the page gives up. */
    CompletableFuture<Void> failed() {
        return failed;
    }

    private void onOffer(HttpExchange exchange) throws IOException {
        String offer = body(exchange);
        try {
            answer(exchange, 200, "application/sdp", peer.answer(offer).getBytes(UTF_8));
        } catch (ExecutionException e) {
            answer(exchange, 400, "text/plain", String.valueOf(e.getCause()).getBytes(UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer(exchange, 503, "text/plain", new byte[0]);
        }
    }

    private void onLog(HttpExchange exchange) throws IOException {
        String text = body(exchange);
        System.out.println("  page: " + text);
        if (text.startsWith("failed")) {
            failed.completeExceptionally(new IOException(text));
        }
        answer(exchange, 200, "text/plain", new byte[0]);
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readNBytes(MAX_BODY_BYTES), UTF_8);
    }

    private static byte[] page() throws IOException {
        try (InputStream in = Objects.requireNonNull(RecordingPage.class.getResourceAsStream("record.html"))) {
            return in.readAllBytes();
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
