package dev.sfu.core.ice;

/** The states of W3C {@code RTCIceTransportState}, as a lite agent goes through them. */
public enum IceState {
    /** Nothing is known of the peer. */
    NEW,
    /** Waiting for the peer's checks; also after a restart that began disconnected or failed. */
    CHECKING,
    /** The peer has checked a path. */
    CONNECTED,
    /** The peer has nominated a path in this generation of credentials. */
    COMPLETED,
    /** Nothing from the peer for some seconds, or its last path is gone; may recover by itself. */
    DISCONNECTED,
    /** Consent is gone (RFC 7675 section 5.1) or no check ever came: only a restart helps. */
    FAILED,
    /** Closed here, for good. */
    CLOSED
}
