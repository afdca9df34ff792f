package dev.sfu.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EncodingDemand;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotAssignment;
import dev.sfu.core.api.SlotPlayback;
import dev.sfu.core.api.SlotPriority;
import dev.sfu.core.api.SlotWish;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every message of docs/protocol.md, and what happens to clients that do not keep to it. */
class WebSocketProtocolTest {
    private static final String OFFER =
            "{\"type\":\"offer\",\"id\":%d,\"sdp\":\"v=0\\r\\n\",\"tracks\":[{\"mid\":\"0\",\"source\":\"microphone\"},"
                    + "{\"mid\":\"1\",\"source\":\"camera\",\"muted\":true}]}";

    private final SignalingFixture fixture = new SignalingFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void joinedTellsWhoIsThereAndTheOthersAreTold() {
        SignalingFixture.Client anna = fixture.connect();
        anna.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\" Anna \",\"future\":1}");
        JsonNode first = anna.expect("joined");
        assertEquals("p1", first.path("participantId").asText());
        assertEquals("c-p1", first.path("connectionId").asText());
        assertEquals("r", first.path("room").path("name").asText());
        assertEquals(0, first.path("room").path("participants").size());

        SignalingFixture.Client ben = fixture.connect();
        ben.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"Ben\"}");
        JsonNode second = ben.expect("joined").path("room").path("participants");
        assertEquals(1, second.size());
        assertEquals("Anna", second.path(0).path("name").asText());
        JsonNode joined = anna.expect("participantJoined").path("participant");
        assertEquals("p2", joined.path("id").asText());
        assertEquals("Ben", joined.path("name").asText());
        assertTrue(joined.path("tracks").isArray());
    }

    @Test
    void offerIsAnsweredAndItsTracksArePublished() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        SignalingFixture.Client ben = fixture.join("r", "Ben");
        anna.expect("participantJoined");
        anna.send(OFFER.formatted(41));
        JsonNode slot = anna.expect("slots").path("slots").path(0);
        assertEquals("7", slot.path("mid").asText());
        assertFalse(slot.has("trackId"));
        JsonNode answer = anna.expect("answer");
        assertEquals(41, answer.path("id").asLong());
        assertEquals(ScriptedEngine.ANSWER, answer.path("sdp").asText());
        assertEquals("", anna.expect("candidate").path("candidate").asText());

        JsonNode audio = ben.expect("trackPublished").path("track");
        assertEquals("p1-0", audio.path("id").asText());
        assertEquals("p1", audio.path("participantId").asText());
        assertEquals("audio", audio.path("kind").asText());
        assertEquals("microphone", audio.path("source").asText());
        assertFalse(audio.path("muted").asBoolean());
        JsonNode video = ben.expect("trackPublished").path("track");
        assertEquals("camera", video.path("source").asText());
        assertTrue(video.path("muted").asBoolean());
    }

    @Test
    void candidatesReachTheEngine() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        anna.send("{\"type\":\"candidate\",\"candidate\":\"candidate:1 1 udp 1 10.0.0.1 9 typ host\","
                + "\"sdpMid\":\"0\",\"usernameFragment\":\"abcd\"}");
        anna.send("{\"type\":\"candidate\",\"candidate\":null}");
        anna.roundTrip();
        assertEquals(
                List.of(
                        "join r Anna PARTICIPANT",
                        "candidate candidate:1 1 udp 1 10.0.0.1 9 typ host 0 abcd",
                        "candidate null null null"),
                fixture.engine.calls());
    }

    @Test
    void muteAndChatReachTheRoom() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        SignalingFixture.Client ben = fixture.join("r", "Ben");
        anna.expect("participantJoined");
        anna.send(OFFER.formatted(1));
        ben.expect("trackPublished");
        ben.expect("trackPublished");
        anna.send("{\"type\":\"mute\",\"mid\":\"0\",\"muted\":true}");
        JsonNode muted = ben.expect("trackMuted");
        assertEquals("p1-0", muted.path("trackId").asText());
        assertEquals("p1", muted.path("participantId").asText());
        assertTrue(muted.path("muted").asBoolean());

        ben.send("{\"type\":\"chat\",\"text\":\"hi <b>\"}");
        JsonNode chat = ben.expect("chat");
        assertEquals("hi <b>", chat.path("text").asText());
        assertEquals("Ben", chat.path("name").asText());
        assertEquals("p2", chat.path("participantId").asText());
        assertEquals(1_000, chat.path("epochMillis").asLong());
    }

    @Test
    void engineEventsBecomeMessages() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        fixture.engine.tell("Anna", new RoomEvent.SlotsNeeded(6, 5));
        JsonNode needed = anna.expect("slotsNeeded");
        assertEquals(6, needed.path("audio").asInt());
        assertEquals(5, needed.path("video").asInt());
        fixture.engine.tell("Anna", new RoomEvent.SlotsAssigned(List.of(new SlotAssignment("3", "t", "p9"))));
        assertEquals("{\"mid\":\"3\",\"trackId\":\"t\",\"participantId\":\"p9\"}",
                anna.expect("slots").path("slots").path(0).toString());
        fixture.engine.tell("Anna", new RoomEvent.ConnectionStateChanged(ConnectionState.CONNECTED));
        assertEquals("connected", anna.expect("connectionState").path("state").asText());
        fixture.engine.tell("Anna", new RoomEvent.Notice(ErrorCode.NO_COMMON_CODEC, "no codec"));
        assertEquals("no_common_codec", anna.expect("notice").path("code").asText());
        fixture.engine.tell("Anna", new RoomEvent.TrackUnpublished("t", "p9"));
        assertEquals("t", anna.expect("trackUnpublished").path("trackId").asText());
    }

    @Test
    void wishesReachTheEngineWithWhatIsAbsentUnlimited() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        anna.send("{\"type\":\"wishes\",\"slots\":[{\"mid\":\"3\",\"width\":640,\"height\":360,\"maxFramesPerSecond\":15,"
                + "\"maxLayer\":1,\"priority\":\"high\"},{\"mid\":\"5\",\"paused\":true},{\"mid\":\"7\",\"maxLayer\":0}]}");
        anna.send("{\"type\":\"wishes\",\"slots\":[]}");
        anna.roundTrip();
        assertEquals(
                List.of(
                        "wishes " + List.of(
                                new SlotWish("3", false, 640, 360, 15, 1, SlotPriority.HIGH),
                                new SlotWish("5", true, 0, 0, 0, SlotWish.ALL_LAYERS, SlotPriority.NORMAL),
                                new SlotWish("7", false, 0, 0, 0, 0, SlotPriority.NORMAL)),
                        "wishes []"),
                fixture.engine.calls().stream().filter(call -> call.startsWith("wishes")).toList());
    }

    @Test
    void pagesReachTheEngine() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        anna.send("{\"type\":\"page\",\"participantIds\":[\"p9\",\"p4\"]}");
        anna.send("{\"type\":\"page\",\"participantIds\":[]}");
        anna.send("{\"type\":\"page\"}");
        anna.roundTrip();
        assertEquals(
                List.of("page [p9, p4]", "page []", "page null"),
                fixture.engine.calls().stream().filter(call -> call.startsWith("page")).toList());
    }

    @Test
    void wishesAndPagesThatCannotBeAreRefused() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        anna.send("{\"type\":\"wishes\"}");
        assertEquals("slots: missing", anna.expectError("bad_request", "wishes").path("message").asText());
        anna.send("{\"type\":\"wishes\",\"slots\":[{\"width\":1}]}");
        assertEquals("slots.mid: missing", anna.expectError("bad_request", "wishes").path("message").asText());
        anna.send("{\"type\":\"wishes\",\"slots\":[{\"mid\":\"3\",\"priority\":\"urgent\"}]}");
        anna.expectError("bad_request", "wishes");
        anna.send("{\"type\":\"wishes\",\"slots\":[{\"mid\":\"3\",\"width\":-1}]}");
        assertTrue(anna.expectError("bad_request", "wishes").path("message").asText().startsWith("width: -1 (expected: "));
        anna.send("{\"type\":\"wishes\",\"slots\":[{\"mid\":\"3\",\"maxLayer\":-1}]}");
        anna.expectError("bad_request", "wishes");
        anna.send("{\"type\":\"wishes\",\"slots\":[{\"mid\":\"3\"},{\"mid\":\"99\"}]}");
        anna.expectError("not_found", "wishes");
        anna.send("{\"type\":\"wishes\",\"slots\":[" + "{\"mid\":\"3\"},".repeat(256) + "{\"mid\":\"3\"}]}");
        assertEquals("slots: 257 (expected: at most 256)", anna.expectError("bad_request", "wishes").path("message").asText());
        anna.send("{\"type\":\"wishes\",\"slots\":[null]}");
        anna.expectError("bad_request", "wishes");
        anna.send("{\"type\":\"page\",\"participantIds\":[" + "\"p\",".repeat(256) + "\"p\"]}");
        assertEquals(
                "participantIds: 257 (expected: at most 256)",
                anna.expectError("bad_request", "page").path("message").asText());
        anna.send("{\"type\":\"page\",\"participantIds\":[null]}");
        anna.expectError("bad_request", "page");
        anna.roundTrip();
        assertEquals(List.of("join r Anna PARTICIPANT"), fixture.engine.calls());
    }

    @Test
    void whatPlaysWhatIsWantedAndWhoSpeaksIsTold() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        fixture.engine.tell("Anna", new RoomEvent.SlotsPlaying(List.of(
                new SlotPlayback("3", SlotPlayback.Playback.PLAYING),
                new SlotPlayback("5", SlotPlayback.Playback.PAUSED_BY_BANDWIDTH))));
        assertEquals(
                "[{\"mid\":\"3\",\"playback\":\"playing\"},{\"mid\":\"5\",\"playback\":\"paused_by_bandwidth\"}]",
                anna.expect("playing").path("slots").toString());
        fixture.engine.tell("Anna", new RoomEvent.EncodingsWanted("1", List.of(
                new EncodingDemand("q", true), new EncodingDemand("f", false))));
        assertEquals(
                "{\"type\":\"encodings\",\"mid\":\"1\",\"encodings\":[{\"rid\":\"q\",\"wanted\":true},"
                        + "{\"rid\":\"f\",\"wanted\":false}]}",
                anna.expect("encodings").toString());
        fixture.engine.tell("Anna", new RoomEvent.SpeakersChanged("p3", List.of("p3", "p4")));
        assertEquals(
                "{\"type\":\"speakers\",\"dominantParticipantId\":\"p3\",\"participantIds\":[\"p3\",\"p4\"]}",
                anna.expect("speakers").toString());
        fixture.engine.tell("Anna", new RoomEvent.SpeakersChanged(null, List.of()));
        assertEquals("{\"type\":\"speakers\",\"participantIds\":[]}", anna.expect("speakers").toString());
    }

    @Test
    void leaveEndsTheParticipantAndTheConnection() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        SignalingFixture.Client ben = fixture.join("r", "Ben");
        ben.send("{\"type\":\"leave\"}");
        assertEquals("left", ben.expect("ended").path("code").asText());
        assertEquals(1000, ben.closeCode());
        anna.expect("participantJoined");
        assertEquals("p2", anna.expect("participantLeft").path("participantId").asText());
        assertEquals(List.of("Anna"), fixture.engine.names());
    }

    @Test
    void endedByTheEngineClosesTheConnection() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        fixture.engine.end("Anna", ErrorCode.CONNECTION_FAILED, "silence");
        JsonNode ended = anna.expect("ended");
        assertEquals("connection_failed", ended.path("code").asText());
        assertEquals("silence", ended.path("reason").asText());
        assertEquals(1000, anna.closeCode());
    }

    @Test
    void malformedMessagesAreRefusedAndTheConnectionStays() {
        SignalingFixture.Client client = fixture.connect();
        client.send("{\"type\":\"join\"");
        client.expectError("bad_request", "");
        client.send("[]");
        client.expectError("bad_request", "");
        client.send("null");
        client.expectError("bad_request", "");
        client.send("{\"type\":\"fly\"}");
        assertTrue(client.expectError("bad_request", "").path("message").asText().startsWith("type: fly (expected: "));
        client.send("{\"room\":\"r\"}");
        assertTrue(client.expectError("bad_request", "").path("message").asText().startsWith("type: missing"));
        client.send("{\"type\":\"join\",\"room\":\"r\"}");
        assertEquals("name: missing", client.expectError("bad_request", "join").path("message").asText());
        client.send("{\"type\":\"join\",\"room\":{},\"name\":\"n\"}");
        client.expectError("bad_request", "join");
        client.send("{\"type\":\"offer\",\"id\":8}");
        JsonNode refused = client.expectError("bad_request", "offer");
        assertEquals("sdp: missing", refused.path("message").asText());
        assertEquals(8, refused.path("id").asLong());
        client.send("{\"type\":\"offer\",\"id\":\"eight\",\"sdp\":\"\"}");
        assertTrue(client.expectError("bad_request", "offer").path("id").isMissingNode());
        client.send("{\"type\":\"ping\"}{}");
        client.expectError("bad_request", "");
        client.send("{\"type\":\"ping\",\"x\":" + "[".repeat(500) + "]".repeat(500) + "}");
        client.expectError("bad_request", "");
        SignalingFixture.await(client.socket.writeBinaryMessage(Buffer.buffer("{\"type\":\"ping\"}")));
        client.expectError("bad_request", "");
        client.roundTrip();
    }

    @Test
    void requestsOutOfOrderAreRefused() {
        SignalingFixture.Client client = fixture.connect();
        client.send(OFFER.formatted(5));
        assertEquals(5, client.expectError("invalid_state", "offer").path("id").asLong());
        client.send("{\"type\":\"candidate\",\"candidate\":\"\"}");
        client.expectError("invalid_state", "candidate");
        client.send("{\"type\":\"mute\",\"mid\":\"0\",\"muted\":true}");
        client.expectError("invalid_state", "mute");
        client.send("{\"type\":\"wishes\",\"slots\":[]}");
        client.expectError("invalid_state", "wishes");
        client.send("{\"type\":\"page\"}");
        client.expectError("invalid_state", "page");
        client.send("{\"type\":\"chat\",\"text\":\"x\"}");
        client.expectError("invalid_state", "chat");
        client.send("{\"type\":\"leave\"}");
        client.expectError("invalid_state", "leave");
        client.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"n\"}");
        client.expect("joined");
        client.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"n\"}");
        client.expectError("invalid_state", "join");
    }

    @Test
    void refusalsOfTheEngineNameTheRequest() {
        SignalingFixture.Client client = fixture.connect();
        client.send("{\"type\":\"join\",\"room\":\"full\",\"name\":\"n\"}");
        client.expectError("limit_reached", "join");
        client.send("{\"type\":\"join\",\"room\":\"\",\"name\":\"n\"}");
        client.expectError("bad_request", "join");
        client.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"a\\u202eb\"}");
        client.expectError("bad_request", "join");
        client.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"ok\"}");
        client.expect("joined");
        client.send("{\"type\":\"offer\",\"id\":7,\"sdp\":\"x\"}");
        assertEquals(7, client.expectError("bad_sdp", "offer").path("id").asLong());
        client.send("{\"type\":\"offer\",\"id\":8,\"sdp\":\"v=0 x-unsupported\"}");
        assertEquals(8, client.expectError("unsupported", "offer").path("id").asLong());
        client.send("{\"type\":\"mute\",\"mid\":\"99\",\"muted\":true}");
        client.expectError("not_found", "mute");
        client.send("{\"type\":\"chat\",\"text\":\"" + "x".repeat(4001) + "\"}");
        client.expectError("bad_request", "chat");
        client.send("{\"type\":\"offer\",\"id\":9,\"sdp\":\"v=0\",\"tracks\":[{\"mid\":\"0\",\"source\":\"tv\"}]}");
        assertEquals(9, client.expectError("bad_request", "offer").path("id").asLong());
    }

    @Test
    void aDefectShowsNoDetails() {
        SignalingFixture.Client client = fixture.connect();
        client.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"crash\"}");
        assertEquals("internal error", client.expectError("internal", "join").path("message").asText());
    }

    @Test
    void oneOfferAtATime() {
        SignalingFixture.Client client = fixture.join("r", "n");
        CompletableFuture<Void> gate = new CompletableFuture<>();
        fixture.engine.holdOffers(gate);
        client.send(OFFER.formatted(1));
        client.expect("slots");
        client.send(OFFER.formatted(2));
        assertEquals(2, client.expectError("invalid_state", "offer").path("id").asLong());
        gate.complete(null);
        assertEquals(1, client.expect("answer").path("id").asLong());
        client.expect("candidate");
        client.send(OFFER.formatted(3));
        client.expect("slots");
        assertEquals(3, client.expect("answer").path("id").asLong());
    }

    @Test
    void aSocketThatClosesEndsItsParticipantAtOnce() {
        SignalingFixture.Client anna = fixture.join("r", "Anna");
        SignalingFixture.Client ben = fixture.join("r", "Ben");
        anna.expect("participantJoined");
        SignalingFixture.await(ben.socket.close());
        anna.expect("participantLeft");
        assertEquals(List.of("Anna"), fixture.engine.names());
    }

    @Test
    void aSocketThatClosesWhileJoiningLeavesNobodyBehind() {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        SignalingFixture.Client watcher = fixture.join("r", "Watcher");
        fixture.engine.holdJoins(gate);
        SignalingFixture.Client client = fixture.connect();
        client.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"Ghost\"}");
        watcher.expect("participantJoined");
        SignalingFixture.await(client.socket.close());
        assertEquals(1, SignalingFixture.await(fixture.server.connections()));
        gate.complete(null);
        watcher.expect("participantLeft");
        assertEquals(List.of("Watcher"), fixture.engine.names());
    }

    @Test
    void eventsBeforeJoinedWaitForIt() {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        SignalingFixture.Client watcher = fixture.join("r", "Watcher");
        fixture.engine.holdJoins(gate);
        SignalingFixture.Client client = fixture.connect();
        client.send("{\"type\":\"join\",\"room\":\"r\",\"name\":\"Early\"}");
        watcher.expect("participantJoined");
        fixture.engine.tell("Early", new RoomEvent.SlotsNeeded(1, 1));
        client.roundTrip();
        gate.complete(null);
        client.expect("joined");
        client.expect("slotsNeeded");
    }
}
