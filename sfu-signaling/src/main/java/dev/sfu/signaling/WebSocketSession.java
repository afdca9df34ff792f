package dev.sfu.signaling;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.api.RoomEvent;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One browser's WebSocket and the participant it stands for. Confined to the signaling loop. */
final class WebSocketSession {
    private static final Logger log = LoggerFactory.getLogger(WebSocketSession.class);

    private static final short CLOSE_NORMAL = 1000;
    private static final short CLOSE_GOING_AWAY = 1001;
    private static final short CLOSE_POLICY = 1008;
    private static final short CLOSE_TOO_BIG = 1009;
    private static final String STOPPING = "the server is stopping";
    private static final int BURST_SECONDS = 4;

    private enum State {
        CONNECTED,
        JOINING,
        JOINED,
        ENDED
    }

    private final ServerWebSocket socket;
    private final Runnable cutTransport;
    private final String address;
    private final MediaEngine engine;
    private final EngineLoop loop;
    private final MessageCodec codec;
    private final JoinLimiter joins;
    private final SignalingConfig config;
    private final LongSupplier nanoClock;
    private final TokenBucket frames;
    private final long openedNanos;
    private final List<RoomEvent> earlyEvents = new ArrayList<>();

    private State state = State.CONNECTED;
    private @Nullable ParticipantHandle participant;
    private Future<Void> closed = Future.succeededFuture();
    private boolean offerPending;
    private long lastHeardNanos;

    /** A session on an open socket; {@code cutTransport} closes the TCP connection at once, whatever it still holds. */
    WebSocketSession(
            ServerWebSocket socket,
            Runnable cutTransport,
            String address,
            MediaEngine engine,
            EngineLoop loop,
            MessageCodec codec,
            JoinLimiter joins,
            SignalingConfig config,
            LongSupplier nanoClock) {
        this.socket = socket;
        this.cutTransport = cutTransport;
        this.address = address;
        this.engine = engine;
        this.loop = loop;
        this.codec = codec;
        this.joins = joins;
        this.config = config;
        this.nanoClock = nanoClock;
        openedNanos = nanoClock.getAsLong();
        lastHeardNanos = openedNanos;
        int perSecond = config.limits().messagesPerSecond();
        frames = new TokenBucket(perSecond, (double) perSecond * BURST_SECONDS, openedNanos);
    }

    /** Starts to listen; {@code onClosed} runs once, when the socket is gone. */
    void open(Runnable onClosed) {
        socket.setWriteQueueMaxSize(config.limits().unsentBytes());
        socket.frameHandler(this::onFrame);
        socket.textMessageHandler(this::onText);
        socket.exceptionHandler(this::onFailure);
        socket.closeHandler(nothing -> {
            end("connection closed");
            onClosed.run();
        });
    }

    /** Pings the client, and ends the session if it has been silent too long or never joined. */
    void beat() {
        if (state == State.ENDED) {
            return;
        }
        long now = nanoClock.getAsLong();
        if (now - lastHeardNanos > config.timing().silence().toNanos()) {
            cut("no sign of life");
        } else if (state == State.CONNECTED && now - openedNanos > config.timing().join().toNanos()) {
            close(CLOSE_POLICY, "no join");
        } else if (socket.writeQueueFull()) {
            cut("too slow");
        } else {
            var unused = socket.writePing(Buffer.buffer());
        }
    }

    /** Tells the client that the server stops, and closes, unless that has happened; completes when all is closed. */
    Future<Void> stop() {
        send(new ServerMessage.Ended(ErrorCode.SHUTTING_DOWN, STOPPING));
        close(CLOSE_GOING_AWAY, STOPPING);
        return closed;
    }

    /** The protocol was broken, a limit of frames or messages exceeded, or the connection lost. */
    private void onFailure(Throwable failure) {
        log.debug("WebSocket: {}", failure.getMessage());
        if (failure instanceof CorruptedWebSocketFrameException corrupted) {
            close((short) corrupted.closeStatus().code(), "broken frame");
        } else if (failure instanceof IllegalStateException) {
            close(CLOSE_TOO_BIG, "message too big");
        }
    }

    /** Counts every frame, so that pings and fragments are limited as messages are. */
    private void onFrame(WebSocketFrame frame) {
        if (state == State.ENDED) {
            return;
        }
        lastHeardNanos = nanoClock.getAsLong();
        if (!frames.tryTake(lastHeardNanos)) {
            send(new ServerMessage.Failure(ErrorCode.LIMIT_REACHED, "too many messages", null, null));
            close(CLOSE_POLICY, "too many messages");
        } else if (frame.isBinary()) {
            send(new ServerMessage.Failure(
                    ErrorCode.BAD_REQUEST, "message: binary (expected: text)", null, null));
        }
    }

    private void onText(String text) {
        if (state == State.ENDED) {
            return;
        }
        ClientMessage message;
        try {
            message = codec.read(text);
        } catch (EngineException refusal) {
            send(codec.failure(text, refusal));
            return;
        }
        switch (message) {
            case ClientMessage.Join join -> onJoin(join);
            case ClientMessage.Offer offer -> onOffer(offer);
            case ClientMessage.Candidate c -> onJoined(c, participant ->
                    participant.addIceCandidate(c.candidate(), c.sdpMid(), c.usernameFragment()));
            case ClientMessage.Mute mute -> onJoined(mute, participant ->
                    participant.setMuted(mute.mid(), mute.muted()));
            case ClientMessage.Wishes wishes -> onJoined(wishes, participant ->
                    participant.setSlotWishes(wishes.wishes()));
            case ClientMessage.Page page -> onJoined(page, participant -> participant.setPage(page.participantIds()));
            case ClientMessage.Chat chat -> onJoined(chat, participant -> participant.sendChat(chat.text()));
            case ClientMessage.Leave leave -> onJoined(leave, participant -> participant.leave("left"));
            case ClientMessage.Ping ping -> send(new ServerMessage.Pong());
        }
    }

    private void onJoin(ClientMessage.Join join) {
        if (state != State.CONNECTED) {
            fail(join, new EngineException(ErrorCode.INVALID_STATE, "join: already joined"));
            return;
        }
        if (!joins.tryJoin(address, nanoClock.getAsLong())) {
            fail(join, new EngineException(ErrorCode.LIMIT_REACHED, "too many joins from your address; wait a minute"));
            return;
        }
        state = State.JOINING;
        loop.call(() -> engine.join(
                        Names.joinRequest(join.room(), join.name(), JoinRequest.Role.PARTICIPANT, address),
                        loop.listener(this::onEvent)))
                .onSuccess(this::onJoined)
                .onFailure(failure -> {
                    if (state == State.JOINING) {
                        state = State.CONNECTED;
                        fail(join, EngineLoop.refusal(failure));
                    }
                });
    }

    private void onJoined(ParticipantHandle handle) {
        if (state != State.JOINING) {
            // The socket went while the engine was busy.
            leave(handle, "connection closed");
            return;
        }
        state = State.JOINED;
        participant = handle;
        send(new ServerMessage.Joined(handle.participantId(), handle.connectionId(), handle.room()));
        List<RoomEvent> events = List.copyOf(earlyEvents);
        earlyEvents.clear();
        events.forEach(this::onEvent);
    }

    private void onOffer(ClientMessage.Offer offer) {
        ParticipantHandle handle = participant;
        if (handle == null || offerPending) {
            fail(offer, new EngineException(
                    ErrorCode.INVALID_STATE,
                    handle == null ? "offer: before joined" : "offer: the one before is not answered yet"));
            return;
        }
        offerPending = true;
        loop.call(() -> handle.offer(offer.sdp(), offer.declarations()))
                .onComplete(
                        sdp -> {
                            offerPending = false;
                            send(new ServerMessage.Answer(sdp, offer.id()));
                            send(ServerMessage.Candidate.END_OF_CANDIDATES);
                        },
                        failure -> {
                            offerPending = false;
                            fail(offer, EngineLoop.refusal(failure));
                        });
    }

    /** A request that needs a participant and is answered only when it fails. */
    private void onJoined(ClientMessage message, Request request) {
        ParticipantHandle handle = participant;
        if (handle == null) {
            fail(message, new EngineException(
                    ErrorCode.INVALID_STATE, MessageCodec.typeOf(message) + ": before joined"));
            return;
        }
        loop.call(() -> request.of(handle)).onFailure(failure -> fail(message, EngineLoop.refusal(failure)));
    }

    private void onEvent(RoomEvent event) {
        switch (state) {
            case CONNECTED, ENDED -> log.trace("event after the end");
            case JOINING -> earlyEvents.add(event);
            case JOINED -> {
                send(ServerMessage.of(event));
                if (event instanceof RoomEvent.Ended ended) {
                    participant = null;
                    boolean stopping = ended.code() == ErrorCode.SHUTTING_DOWN;
                    close(stopping ? CLOSE_GOING_AWAY : CLOSE_NORMAL, "ended");
                }
            }
        }
    }

    private void fail(ClientMessage message, EngineException refusal) {
        Long id = message instanceof ClientMessage.Offer offer ? offer.id() : null;
        send(new ServerMessage.Failure(
                refusal.code(), String.valueOf(refusal.getMessage()), MessageCodec.typeOf(message), id));
    }

    private void send(ServerMessage message) {
        if (state == State.ENDED || socket.isClosed()) {
            return;
        }
        if (socket.writeQueueFull()) {
            cut("too slow");
            return;
        }
        var unused = socket.writeTextMessage(codec.write(message));
    }

    private void close(short code, String reason) {
        if (state != State.ENDED) {
            end(reason);
            closed = socket.close(code, reason);
        }
    }

    /**
     * Closes without a closing handshake. A close frame would wait behind what the client does not read, and Vert.x
     * counts its closing timeout only from when that frame is out.
     */
    void cut(String reason) {
        end(reason);
        cutTransport.run();
    }

    private void end(String reason) {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        earlyEvents.clear();
        ParticipantHandle handle = participant;
        participant = null;
        if (handle != null) {
            leave(handle, reason);
        }
    }

    private void leave(ParticipantHandle handle, String reason) {
        loop.call(() -> handle.leave(reason)).onFailure(EngineLoop::refusal);
    }

    /** A call on a participant that gives nothing back. */
    @FunctionalInterface
    private interface Request {
        CompletionStage<@Nullable Void> of(ParticipantHandle participant);
    }
}
