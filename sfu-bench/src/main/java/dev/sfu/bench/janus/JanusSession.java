package dev.sfu.bench.janus;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A session of the HTTP API. Requests go out as they come; one long poll at a time brings what Janus has to say later,
 * which also keeps the session alive. Thread-safe.
 */
final class JanusSession implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    /** Long enough for a server that is kept busy by hundreds of handshakes. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    /** Janus answers a long poll after 30 seconds if there is nothing to tell. */
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(45);
    private static final int EVENTS_PER_POLL = 100;
    private static final String VIDEO_ROOM = "janus.plugin.videoroom";

    private final HttpClient http;
    private final URI session;
    private final AtomicLong transactions = new AtomicLong();
    private final Map<String, CompletableFuture<JanusMessage>> waiting = new ConcurrentHashMap<>();
    private final Map<Long, CompletableFuture<Void>> mediaUp = new ConcurrentHashMap<>();
    private final Thread poller;
    private volatile boolean closed;

    private JanusSession(HttpClient http, URI session) {
        this.http = http;
        this.session = session;
        this.poller = Thread.ofVirtual().name("janus-poll").unstarted(this::poll);
    }

    static HttpClient newClient() {
        // Without the version every request asks for an upgrade to HTTP/2, which Janus does not know.
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(REQUEST_TIMEOUT)
                .build();
    }

    /** What {@code GET /janus/info} says. */
    static JanusMessage info(HttpClient http, URI server) throws IOException, InterruptedException {
        return only(exchange(http, HttpRequest.newBuilder(URI.create(server + "/info")).timeout(REQUEST_TIMEOUT).build()));
    }

    static JanusSession create(HttpClient http, URI server) throws IOException, InterruptedException {
        long id = only(exchange(http, post(server, JSON.createObjectNode().put("janus", "create").put("transaction", "0"))))
                .orThrow()
                .data()
                .path("id")
                .asLong();
        JanusSession session = new JanusSession(http, URI.create(server + "/" + id));
        session.poller.start();
        return session;
    }

    private static HttpRequest post(URI to, ObjectNode body) {
        return HttpRequest.newBuilder(to)
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
    }

    private static List<JanusMessage> exchange(HttpClient http, HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("janus: HTTP status " + response.statusCode() + " (expected: 200)");
        }
        return JanusMessage.readAll(response.body());
    }

    private static JanusMessage only(List<JanusMessage> messages) throws IOException {
        if (messages.size() != 1) {
            throw new IOException("janus: " + messages.size() + " messages (expected: 1)");
        }
        return messages.getFirst();
    }

    /** A new handle of the VideoRoom plugin. */
    long attach() throws IOException, InterruptedException {
        long handle = request(session, JSON.createObjectNode().put("janus", "attach").put("plugin", VIDEO_ROOM))
                .data()
                .path("id")
                .asLong();
        mediaUp.put(handle, new CompletableFuture<>());
        return handle;
    }

    /** Ends a handle with its peer connection. */
    void detach(long handle) throws IOException, InterruptedException {
        mediaUp.remove(handle);
        request(handle(handle), JSON.createObjectNode().put("janus", "detach"));
    }

    /** Says something to the plugin that it answers at once. */
    JanusMessage ask(long handle, ObjectNode body) throws IOException, InterruptedException {
        ObjectNode message = JSON.createObjectNode().put("janus", "message");
        message.set("body", body);
        return request(handle(handle), message);
    }

    /** Says something to the plugin that it answers with an event, and waits for that; {@code sdp} may be empty. */
    JanusMessage command(long handle, ObjectNode body, String sdpType, String sdp) throws IOException, InterruptedException {
        ObjectNode message = JSON.createObjectNode().put("janus", "message");
        message.set("body", body);
        if (!sdp.isEmpty()) {
            message.putObject("jsep").put("type", sdpType).put("sdp", sdp);
        }
        String transaction = "e" + transactions.incrementAndGet();
        CompletableFuture<JanusMessage> event = new CompletableFuture<>();
        waiting.put(transaction, event);
        try {
            only(exchange(http, post(handle(handle), message.put("transaction", transaction)))).orThrow();
            return await("event", event).orThrow();
        } finally {
            waiting.remove(transaction);
        }
    }

    /** Waits until a handle's peer connection is up. */
    void awaitMedia(long handle) throws IOException, InterruptedException {
        CompletableFuture<Void> up = mediaUp.get(handle);
        if (up == null) {
            throw new IOException("janus: handle " + handle + " has left");
        }
        await("webrtcup", up);
    }

    private static <T> T await(String what, CompletableFuture<T> event) throws IOException, InterruptedException {
        try {
            return event.get(REQUEST_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("janus: no " + what + " within " + REQUEST_TIMEOUT.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("janus: " + e.getCause(), e);
        }
    }

    private JanusMessage request(URI to, ObjectNode message) throws IOException, InterruptedException {
        message.put("transaction", "r" + transactions.incrementAndGet());
        return only(exchange(http, post(to, message))).orThrow();
    }

    private URI handle(long handle) {
        return URI.create(session + "/" + handle);
    }

    private void poll() {
        HttpRequest request = HttpRequest.newBuilder(URI.create(session + "?maxev=" + EVENTS_PER_POLL))
                .timeout(POLL_TIMEOUT)
                .build();
        try {
            while (!closed) {
                exchange(http, request).forEach(this::onMessage);
            }
        } catch (IOException e) {
            fail(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(e);
        }
    }

    private void onMessage(JanusMessage message) {
        if (message.type().equals("webrtcup")) {
            CompletableFuture<Void> up = mediaUp.get(message.sender());
            if (up != null) {
                up.complete(null);
            }
        } else if (!message.transaction().isEmpty()) {
            CompletableFuture<JanusMessage> event = waiting.get(message.transaction());
            if (event != null) {
                event.complete(message);
            }
        }
    }

    private void fail(Exception cause) {
        waiting.values().forEach(event -> event.completeExceptionally(cause));
        mediaUp.values().forEach(up -> up.completeExceptionally(cause));
    }

    /** Ends the session with everything in it. */
    @Override
    public void close() throws IOException {
        closed = true;
        poller.interrupt();
        try {
            request(session, JSON.createObjectNode().put("janus", "destroy"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
