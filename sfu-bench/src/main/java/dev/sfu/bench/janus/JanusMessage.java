package dev.sfu.bench.janus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What Janus says: an answer to a request, or an event.
 *
 * @param type {@code success}, {@code ack}, {@code error}, {@code event}, {@code webrtcup}, {@code keepalive} ...
 * @param transaction the request it belongs to; empty for none
 * @param sender the handle it is about, 0 for none
 * @param data the plugin's or the core's data, missing node for none
 * @param sdp offer or answer, empty for none
 */
record JanusMessage(String type, String transaction, long sender, JsonNode data, String sdp) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads the body of an HTTP answer: one message, or an array of them from a long poll. */
    static List<JanusMessage> readAll(String body) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IOException("janus: no JSON: " + e.getOriginalMessage(), e);
        }
        List<JanusMessage> messages = new ArrayList<>();
        if (root.isArray()) {
            for (JsonNode element : root) {
                messages.add(read(element));
            }
        } else {
            messages.add(read(root));
        }
        return messages;
    }

    private static JanusMessage read(JsonNode node) throws IOException {
        String type = node.path("janus").asText();
        if (type.isEmpty()) {
            throw new IOException("janus: message without \"janus\": " + node);
        }
        JsonNode data = switch (type) {
            case "error" -> node.path("error");
            // The answer to a request for the server's own description has everything at the top.
            case "server_info" -> node;
            default -> node.has("plugindata") ? node.path("plugindata").path("data") : node.path("data");
        };
        return new JanusMessage(
                type,
                node.path("transaction").asText(),
                node.path("sender").asLong(),
                data,
                node.path("jsep").path("sdp").asText());
    }

    /** Throws if it tells of a failure, of the core or of the plugin. */
    JanusMessage orThrow() throws IOException {
        if (type.equals("error")) {
            throw new IOException("janus: " + data.path("code").asInt() + " " + data.path("reason").asText());
        }
        if (data.has("error_code")) {
            throw new IOException("janus: " + data.path("error_code").asInt() + " " + data.path("error").asText());
        }
        return this;
    }

    /** The SDP it must have. */
    String sdpOrThrow() throws IOException {
        if (sdp.isEmpty()) {
            throw new IOException("janus: no SDP in answer to the request: " + data);
        }
        return sdp;
    }
}
