package dev.sfu.server.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/** A page in a browser. */
interface BrowserPage {
    /** Goes there and waits until everything is loaded. */
    void navigate(String url) throws IOException;

    /** Evaluates an expression for a promise of a string. */
    String evaluateString(String expression) throws IOException;

    /** Runs the body of an async function; gives what it returns, by way of JSON. */
    default JsonNode run(String body) throws IOException {
        String json = evaluateString(
                "(async () => JSON.stringify(await (async () => {\n" + body + "\n})() ?? null))()");
        return new ObjectMapper().readTree(json);
    }
}
