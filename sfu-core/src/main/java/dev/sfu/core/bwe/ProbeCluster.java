package dev.sfu.core.bwe;

/**
 * A burst to be sent at a rate, to see whether it gets through.
 *
 * @param id not zero, unique within a connection
 * @param targetBps rate to send at
 * @param minBytes that must be sent
 * @param minPackets that must be sent
 * @param requestedNanos when it was asked for
 */
public record ProbeCluster(int id, long targetBps, int minBytes, int minPackets, long requestedNanos) {
    /** In place of {@link #id()}: a packet that belongs to no probe. */
    public static final int NONE = 0;
}
