package dev.sfu.server.browser;

import java.util.Map;

/** One object of {@code RTCPeerConnection.getStats()}, of the browser or of the server. */
record Stats(Map<?, ?> members) {
    static final Stats NONE = new Stats(Map.of());

    /** A member; 0 when absent. */
    double number(String name) {
        return members.get(name) instanceof Number number ? number.doubleValue() : 0;
    }

    /** A member; empty when absent. */
    String text(String name) {
        return members.get(name) instanceof String text ? text : "";
    }
}
