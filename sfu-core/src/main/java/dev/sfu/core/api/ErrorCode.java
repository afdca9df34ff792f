package dev.sfu.core.api;

/** Why a request failed or a participant ended. The lower-case name is what signaling writes. */
public enum ErrorCode {
    /** A message or parameter is malformed. */
    BAD_REQUEST,
    /** The SDP cannot be parsed or breaks a limit. */
    BAD_SDP,
    /** Well-formed, but asks for what this server does not do. */
    UNSUPPORTED,
    /** Room, participant or track does not exist. */
    NOT_FOUND,
    /** A limit on rooms, participants, tracks or rates is reached. */
    LIMIT_REACHED,
    /** The request does not fit the present state, such as an offer after leaving. */
    INVALID_STATE,
    /** Publisher and subscriber share no codec. */
    NO_COMMON_CODEC,
    /** The peer connection failed: no media path, DTLS failure or silence. */
    CONNECTION_FAILED,
    /** The participant left by itself. */
    LEFT,
    /** The server is stopping. */
    SHUTTING_DOWN,
    /** A defect in the server. */
    INTERNAL
}
