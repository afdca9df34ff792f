package dev.sfu.core.ice;

import java.util.Locale;

/** What carries the datagrams of a path. */
public enum Transport {
    /** A datagram is a packet. */
    UDP,
    /** Datagrams framed by two length bytes in a TCP connection (RFC 4571, RFC 6544). */
    TCP;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name as it stands in a candidate: {@code udp} or {@code tcp}. */
    public String text() {
        return text;
    }
}
