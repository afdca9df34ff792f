package dev.sfu.core.sdp;

import java.util.Locale;

/** What kind of address a candidate is (RFC 8445 §5.1.1; W3C {@code RTCIceCandidateType}). */
public enum IceCandidateType {
    /** An address of the host itself. */
    HOST,
    /** The host's address as a STUN server sees it. */
    SRFLX,
    /** The host's address as the peer sees it. */
    PRFLX,
    /** An address of a TURN server. */
    RELAY;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name as it stands after {@code typ}. */
    public String text() {
        return text;
    }

    static IceCandidateType parse(String text) throws SdpException {
        for (IceCandidateType type : values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        throw SdpException.of(text, "host, srflx, prflx or relay");
    }
}
