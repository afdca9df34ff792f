package dev.sfu.core.api;

/** The W3C {@code RTCPeerConnectionState}. */
public enum ConnectionState {
    NEW,
    CONNECTING,
    CONNECTED,
    DISCONNECTED,
    FAILED,
    CLOSED
}
