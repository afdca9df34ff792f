package dev.sfu.bench.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A participant's WebSocket, as {@code docs/protocol.md} has it. The calls block; one at a time. What the server says about
 * others is read and forgotten, as fast as a browser that does nothing with it.
 */
final class RoomSocket implements WebSocket.Listener, Target.Session {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final StringBuilder parts = new StringBuilder();
    private final CompletableFuture<JsonNode> joined = new CompletableFuture<>();
    private @Nullable WebSocket socket;
    private int offers;
    private volatile CompletableFuture<JsonNode> answer = new CompletableFuture<>();

    private RoomSocket() {}

    /** Connects and joins. */
    static RoomSocket join(HttpClient http, URI url, String room) throws IOException, InterruptedException {
        RoomSocket listener = new RoomSocket();
        listener.socket = await(
                "WebSocket", http.newWebSocketBuilder().connectTimeout(TIMEOUT).buildAsync(url, listener));
        listener.say(JSON.createObjectNode().put("type", "join").put("room", room).put("name", "synthetic"));
        await("joined", listener.joined);
        return listener;
    }

    @Override
    public void negotiate(SdpPeer peer) throws IOException, InterruptedException {
        CompletableFuture<JsonNode> pending = new CompletableFuture<>();
        answer = pending;
        offers++;
        say(JSON.createObjectNode().put("type", "offer").put("id", offers).put("sdp", peer.offer()));
        peer.onAnswer(await("answer", pending).path("sdp").asText());
    }

    @Override
    public void mute(String mid, boolean muted) throws IOException, InterruptedException {
        say(JSON.createObjectNode().put("type", "mute").put("mid", mid).put("muted", muted));
    }

    @Override
    public void leave() throws IOException, InterruptedException {
        say(JSON.createObjectNode().put("type", "leave"));
        vanish();
    }

    @Override
    public void vanish() {
        if (socket != null) {
            socket.abort();
        }
    }

    private void say(ObjectNode message) throws IOException, InterruptedException {
        if (socket != null) {
            await("sending", socket.sendText(message.toString(), true));
        }
    }

    private static <T> T await(String what, CompletableFuture<T> future) throws IOException, InterruptedException {
        try {
            return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("signaling: no " + what + " within " + TIMEOUT.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("signaling: " + e.getCause(), e);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        parts.append(data);
        if (last) {
            onMessage(parts.toString());
            parts.setLength(0);
        }
        from.request(1);
        return null;
    }

    private void onMessage(String text) {
        try {
            JsonNode message = JSON.readTree(text);
            switch (message.path("type").asText()) {
                case "joined" -> joined.complete(message);
                case "answer" -> answer.complete(message);
                case "error", "ended" -> fail(new IOException(text));
                default -> {
                    // About others.
                }
            }
        } catch (JsonProcessingException e) {
            fail(e);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        fail(new IOException("closed with " + status + " " + reason));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        fail(error);
    }

    private void fail(Throwable cause) {
        joined.completeExceptionally(cause);
        answer.completeExceptionally(cause);
    }
}
