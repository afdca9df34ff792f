package dev.sfu.core.peer;

/** What went through a transport. */
public final class PeerTransportCounts {
    long datagramsReceived;
    long datagramsSent;
    long strayStun;
    long beforeKeys;
    long srtpFailures;
    long unknown;
    long socketFailures;

    PeerTransportCounts() {}

    /** Datagrams received. */
    public long datagramsReceived() {
        return datagramsReceived;
    }

    /** Datagrams sent. */
    public long datagramsSent() {
        return datagramsSent;
    }

    /** STUN that answered none of the last checks. */
    public long strayStun() {
        return strayStun;
    }

    /** Media that came before the keys and had to wait. */
    public long beforeKeys() {
        return beforeKeys;
    }

    /** Media that did not authenticate, was replayed or malformed. */
    public long srtpFailures() {
        return srtpFailures;
    }

    /** Datagrams that no protocol claims. */
    public long unknown() {
        return unknown;
    }

    /** Sends and reads that failed. */
    public long socketFailures() {
        return socketFailures;
    }
}
