package dev.sfu.signaling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.internal.http.WebSocketInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A signaling server over a {@link ScriptedEngine}, with a clock that stands until moved, and clients for it. */
final class SignalingFixture implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PATIENCE_SECONDS = 20;

    final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    final ScriptedEngine engine = new ScriptedEngine();
    final AtomicLong nowNanos = new AtomicLong();
    final SignalingServer server;
    final int port;
    private final WebSocketClient webSockets = vertx.createWebSocketClient();
    private final List<Client> muted = new ArrayList<>();

    SignalingFixture() {
        this(config -> config);
    }

    SignalingFixture(UnaryOperator<SignalingConfig> change) {
        server = new SignalingServer(
                vertx, engine, change.apply(SignalingConfig.plain("127.0.0.1", 0)), nowNanos::get);
        port = await(server.start());
    }

    @Override
    public void close() {
        await(server.stop());
        muted.forEach(client -> client.channel().config().setAutoRead(true));
        await(vertx.close());
        engine.close();
    }

    /** A WebSocket that has not sent anything. */
    Client connect() {
        return new Client(await(webSockets.connect(port, "127.0.0.1", "/ws")));
    }

    /** Lets a client read nothing more: no pongs, no close frames, as if the cable were cut. */
    void mute(Client client) {
        client.socket.pause();
        client.channel().config().setAutoRead(false);
        muted.add(client);
    }

    /** A WebSocket that has joined. */
    Client join(String room, String name) {
        Client client = connect();
        client.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"name\":\"" + name + "\"}");
        client.expect("joined");
        return client;
    }

    /** A WebSocket that has joined the room {@code r}, as {@code Subject}, whom somebody there has noticed. */
    Client joinSeenBy(Client watcher) {
        Client client = join("r", "Subject");
        watcher.expect("participantJoined");
        return client;
    }

    /** Joins through a proxy that names that address; gives the type of the answer. */
    String joinFrom(String address) {
        WebSocketConnectOptions options = new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI("/ws")
                .addHeader("X-Forwarded-For", address);
        Client client = new Client(await(webSockets.connect(options)));
        client.send("{\"type\":\"join\",\"room\":\"" + address + "\",\"name\":\"n\"}");
        return client.next().path("type").asText();
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /** A WebSocket client whose received messages wait in a queue. */
    static final class Client {
        final WebSocket socket;
        private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        private final CompletableFuture<Short> closed = new CompletableFuture<>();

        Client(WebSocket socket) {
            this.socket = socket;
            socket.textMessageHandler(received::add);
            socket.exceptionHandler(failure -> received.add("{\"type\":\"failed\"}"));
            socket.closeHandler(nothing -> closed.complete(socket.closeStatusCode()));
        }

        private Channel channel() {
            return ((WebSocketInternal) socket).channelHandlerContext().channel();
        }

        void send(String text) {
            await(socket.writeTextMessage(text));
        }

        /** The next message, which must be of that type. */
        JsonNode expect(String type) {
            JsonNode node = next();
            if (!node.path("type").asText().equals(type)) {
                throw new AssertionError(node + " (expected: " + type + ")");
            }
            return node;
        }

        /** The next message. */
        JsonNode next() {
            try {
                String text = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (text == null) {
                    throw new AssertionError("nothing received");
                }
                return JSON.readTree(text);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The next message, which must be an error with that code, about that request type ("" for none). */
        JsonNode expectError(String code, String request) {
            JsonNode error = expect("error");
            String got = error.path("code").asText() + " for " + error.path("for").asText();
            if (!got.equals(code + " for " + request)) {
                throw new AssertionError(error + " (expected: " + code + " for " + request + ")");
            }
            return error;
        }

        /** Asks and waits for a pong, so that whatever came before has been dealt with. */
        void roundTrip() {
            send("{\"type\":\"ping\"}");
            expect("pong");
        }

        /** The WebSocket close code, waiting for it. */
        int closeCode() {
            try {
                return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new AssertionError(e);
            }
        }
    }
}
