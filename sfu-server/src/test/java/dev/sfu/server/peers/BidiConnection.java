package dev.sfu.server.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Commands of WebDriver BiDi (W3C) and their results, over one WebSocket. Events are ignored. */
final class BidiConnection implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int COMMAND_SECONDS = 40;

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final WebSocket socket;

    BidiConnection(URI uri) {
        socket = client.newWebSocketBuilder().connectTimeout(CONNECT).buildAsync(uri, new Replies()).join();
    }

    /** The result of a command; throws with the browser's message when it fails. */
    JsonNode command(String method, ObjectNode params) throws IOException {
        long id = ids.incrementAndGet();
        CompletableFuture<JsonNode> reply = new CompletableFuture<>();
        waiting.put(id, reply);
        ObjectNode command = json.createObjectNode().put("id", id).put("method", method);
        command.set("params", params);
        JsonNode answer;
        try {
            synchronized (socket) {
                socket.sendText(command.toString(), true).join();
            }
            answer = reply.orTimeout(COMMAND_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException failure) {
            throw new IOException(method + ": no answer", failure);
        } finally {
            waiting.remove(id);
        }
        if (!answer.path("type").asText().equals("success")) {
            throw new IOException(method + ": " + answer);
        }
        return answer.path("result");
    }

    ObjectNode params() {
        return json.createObjectNode();
    }

    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
    }

    private final class Replies implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                deliver(text.toString());
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        private void deliver(String message) {
            JsonNode reply;
            try {
                reply = json.readTree(message);
            } catch (IOException notJson) {
                failAll(notJson);
                return;
            }
            CompletableFuture<JsonNode> future = waiting.get(reply.path("id").asLong(-1));
            if (future != null) {
                future.complete(reply);
            }
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            failAll(new IOException("the browser closed the connection: " + statusCode + " " + reason));
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            failAll(error);
        }

        private void failAll(Throwable cause) {
            waiting.values().forEach(future -> future.completeExceptionally(cause));
        }
    }
}
