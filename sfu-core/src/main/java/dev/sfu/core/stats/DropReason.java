package dev.sfu.core.stats;

/** Why a packet was not processed or forwarded. */
public enum DropReason {
    /** From an address that no connection knows, and no STUN with a known ufrag. */
    UNKNOWN_SOURCE,
    /** DTLS or SRTP from a path that no integrity-checked STUN request has validated. */
    PATH_NOT_VALIDATED,
    /** A first byte that no protocol claims (RFC 7983). */
    UNKNOWN_PROTOCOL,
    /** Longer than a packet buffer, as it came or with the headers it would leave with. */
    TOO_LARGE,
    /** STUN that cannot be parsed or fails FINGERPRINT. */
    STUN_MALFORMED,
    /** STUN whose MESSAGE-INTEGRITY or username is wrong. */
    STUN_UNAUTHORIZED,
    /** Connectivity checks beyond what one connection is answered in a second. */
    STUN_RATE_LIMITED,
    /** DTLS that the record layer refuses or that comes when none is expected. */
    DTLS_UNEXPECTED,
    /**
     * The queue of a handshake, or what waits for one peer until the next flush, is full; or a TCP connection had to go, before its
     * first check, for a newer one.
     */
    QUEUE_FULL,
    /** Single-port mode: the queue to the shard that owns the connection is full. */
    HAND_OFF_FULL,
    /** SRTP or SRTCP before keys exist. */
    SRTP_NOT_READY,
    /** Authentication tag mismatch. */
    SRTP_AUTH_FAILED,
    /** Received before: a duplicate or a replay. */
    SRTP_REPLAYED,
    /** Too short or inconsistent lengths. */
    SRTP_MALFORMED,
    /** More SSRCs than a connection may have. */
    SRTP_STREAM_LIMIT,
    /** An RTP header that cannot be parsed. */
    RTP_MALFORMED,
    /** No m-section claims the packet (RFC 9143 section 9.2). */
    RTP_UNROUTED,
    /** A payload type that was not negotiated. */
    RTP_PAYLOAD_TYPE,
    /** Older than anything that could still be used. */
    RTP_TOO_OLD,
    /** Carries no media: padding that probes bandwidth. */
    RTP_PADDING_ONLY,
    /** RTX of a packet that had arrived already. */
    RTX_DUPLICATE,
    /** RTX whose primary stream is unknown. */
    RTX_UNROUTED,
    /** RTCP that cannot be parsed. */
    RTCP_MALFORMED,
    /** RTCP feedback that names more packets than any receiver gets. */
    RTCP_RATE_LIMITED,
    /** A codec payload header that cannot be parsed. */
    CODEC_MALFORMED,
    /** A layer that this subscriber does not get. */
    LAYER_NOT_SELECTED,
    /** Refers to what this subscriber did not get. */
    LAYER_UNDECODABLE,
    /** Waiting for a keyframe before a switch. */
    AWAITING_KEYFRAME,
    /** The subscriber did not negotiate the codec. */
    NO_COMMON_CODEC,
    /** The track is muted or the slot paused. */
    MUTED,
    /** The queue to another shard is full. */
    PIPE_FULL,
    /** The subscriber's path carries less than is to be sent: the pacer's queue was too long. */
    PACER_QUEUE,
    /** The peer's socket does not take more. */
    SEND_FAILED
}
