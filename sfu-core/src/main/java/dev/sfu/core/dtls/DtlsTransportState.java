package dev.sfu.core.dtls;

/** The W3C {@code RTCDtlsTransportState}. */
public enum DtlsTransportState {
    /** Not started. */
    NEW,
    /** Handshaking, or waiting for the peer's first datagram. */
    CONNECTING,
    /** Keys are negotiated and the peer's fingerprint is verified. */
    CONNECTED,
    /** Closed by either side on purpose. */
    CLOSED,
    /** Ended by an error: a fatal alert, a wrong fingerprint, a timeout. */
    FAILED
}
