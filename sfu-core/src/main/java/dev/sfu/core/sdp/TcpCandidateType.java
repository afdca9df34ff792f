package dev.sfu.core.sdp;

import java.util.Locale;

/** Who opens the connection of a TCP candidate (RFC 6544 §4.5; W3C {@code RTCIceTcpCandidateType}). */
public enum TcpCandidateType {
    /** Opens connections, accepts none. */
    ACTIVE,
    /** Accepts connections, opens none. */
    PASSIVE,
    /** Simultaneous open. */
    SO;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name as it stands after {@code tcptype}. */
    public String text() {
        return text;
    }

    static TcpCandidateType parse(String text) throws SdpException {
        for (TcpCandidateType type : values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw SdpException.of(text, "active, passive or so");
    }
}
