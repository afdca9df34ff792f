package dev.sfu.core.sdp;

import java.util.Locale;

/** The DTLS role a side takes or offers (RFC 4145 §4, RFC 8842 §5.2). */
public enum Setup {
    /** Either role; offers only. */
    ACTPASS,
    /** The DTLS client. */
    ACTIVE,
    /** The DTLS server. */
    PASSIVE,
    /** No connection for now; RFC 8842 forbids it to DTLS. */
    HOLDCONN;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The attribute's value. */
    public String text() {
        return text;
    }

    static Setup parse(String text) throws SdpException {
        for (Setup setup : values()) {
            if (setup.text.equals(text)) {
                return setup;
            }
        }
        throw SdpException.of(text, "actpass, active, passive or holdconn");
    }
}
