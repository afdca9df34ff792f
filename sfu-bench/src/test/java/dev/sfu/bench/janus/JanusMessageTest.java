package dev.sfu.bench.janus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class JanusMessageTest {
    @Test
    void readsTheAnswerToACreate() throws IOException {
        JanusMessage message = only("{\"janus\":\"success\",\"transaction\":\"a\",\"data\":{\"id\":299281402457593}}");
        assertEquals("success", message.type());
        assertEquals("a", message.transaction());
        assertEquals(299_281_402_457_593L, message.orThrow().data().path("id").asLong());
    }

    @Test
    void readsTheEventsOfALongPoll() throws IOException {
        List<JanusMessage> messages = JanusMessage.readAll("""
                [{"janus":"webrtcup","session_id":1,"sender":4118313282232185},
                 {"janus":"event","session_id":1,"transaction":"d","sender":7,"plugindata":{"plugin":"janus.plugin.videoroom",
                  "data":{"videoroom":"joined","room":"r","id":"f1","publishers":[]}},
                  "jsep":{"type":"answer","sdp":"v=0\\r\\n"}}]""");
        assertEquals(List.of("webrtcup", "event"), messages.stream().map(JanusMessage::type).toList());
        assertEquals(4_118_313_282_232_185L, messages.getFirst().sender());
        assertEquals("", messages.getFirst().transaction());
        JanusMessage joined = messages.getLast().orThrow();
        assertEquals("f1", joined.data().path("id").asText());
        assertEquals("v=0\r\n", joined.sdpOrThrow());
    }

    @Test
    void readsAKeepAliveThatIsNoArray() throws IOException {
        JanusMessage message = only("{\"janus\":\"keepalive\"}");
        assertEquals("keepalive", message.type());
        assertEquals("", message.transaction());
    }

    @Test
    void findsTheVersionAtTheTop() throws IOException {
        JanusMessage message = only("{\"janus\":\"server_info\",\"name\":\"Janus\",\"version_string\":\"1.1.2\"}");
        assertEquals("1.1.2", message.data().path("version_string").asText());
    }

    @Test
    void throwsWhatTheCoreRefuses() throws IOException {
        JanusMessage message =
                only("{\"janus\":\"error\",\"transaction\":\"x\",\"error\":{\"code\":458,\"reason\":\"No such session 1\"}}");
        assertEquals("janus: 458 No such session 1", assertThrows(IOException.class, message::orThrow).getMessage());
    }

    @Test
    void throwsWhatThePluginRefuses() throws IOException {
        JanusMessage message = only("""
                {"janus":"event","sender":7,"transaction":"e","plugindata":{"plugin":"janus.plugin.videoroom",
                 "data":{"videoroom":"event","error_code":428,"error":"No such feed (4430814558200637)"}}}""");
        assertEquals(
                "janus: 428 No such feed (4430814558200637)",
                assertThrows(IOException.class, message::orThrow).getMessage());
    }

    @Test
    void refusesWhatIsNoMessage() {
        assertThrows(IOException.class, () -> JanusMessage.readAll("<html>"));
        assertThrows(IOException.class, () -> JanusMessage.readAll("{}"));
        IOException noSdp = assertThrows(IOException.class, () -> only("{\"janus\":\"event\"}").sdpOrThrow());
        assertTrue(String.valueOf(noSdp.getMessage()).startsWith("janus: no SDP"));
    }

    private static JanusMessage only(String body) throws IOException {
        List<JanusMessage> messages = JanusMessage.readAll(body);
        assertEquals(1, messages.size());
        return messages.getFirst();
    }
}
