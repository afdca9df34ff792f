package dev.sfu.bench.load;

/** Sums over the viewers of a scenario at a moment. */
public final class LoadTotals {
    long packets;
    long bytes;
    long samples;
    long retransmissions;
    long decryptionFailures;
    long sendFailures;
    long lost;
    long duplicates;
    int connected;
    int failed;

    LoadTotals() {}

    /** What does not end when a viewer leaves. */
    static LoadTotals countsOf(LoadTotals departed) {
        LoadTotals totals = new LoadTotals();
        totals.packets = departed.packets;
        totals.bytes = departed.bytes;
        totals.samples = departed.samples;
        totals.retransmissions = departed.retransmissions;
        totals.decryptionFailures = departed.decryptionFailures;
        totals.sendFailures = departed.sendFailures;
        totals.lost = departed.lost;
        totals.duplicates = departed.duplicates;
        return totals;
    }

    /** RTP packets received, retransmissions included. */
    public long packets() {
        return packets;
    }

    /** Bytes in them, without IP and UDP headers. */
    public long bytes() {
        return bytes;
    }

    /** Packets decrypted. */
    public long samples() {
        return samples;
    }

    /** Packets received by RTX. */
    public long retransmissions() {
        return retransmissions;
    }

    /** Packets that could not be decrypted. */
    public long decryptionFailures() {
        return decryptionFailures;
    }

    /** Datagrams that our own kernel did not take. */
    public long sendFailures() {
        return sendFailures;
    }

    /** Sequence numbers that never came on their own stream. */
    public long lost() {
        return lost;
    }

    /** Packets that came twice. */
    public long duplicates() {
        return duplicates;
    }

    /** Viewers that have keys. */
    public int connected() {
        return connected;
    }

    /** Viewers whose connection ended. */
    public int failed() {
        return failed;
    }
}
