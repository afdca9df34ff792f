package dev.sfu.core.dtls;

/** Which end starts the handshake (RFC 5763 section 5): {@code a=setup:active} is the client. */
public enum DtlsRole {
    /** Sends the ClientHello. */
    CLIENT,
    /** Waits for the ClientHello. */
    SERVER
}
