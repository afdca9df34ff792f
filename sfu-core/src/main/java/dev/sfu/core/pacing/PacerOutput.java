package dev.sfu.core.pacing;

/** What a {@link Pacer} does with the packets it was given. */
public interface PacerOutput {
    /**
     * A queued packet is to leave now.
     *
     * @param probeCluster id of the probe it belongs to, 0 for none
     * @return bytes sent; 0 if the packet is not there any more
     */
    int release(int stream, long packet, int probeCluster, long nowNanos);

    /** A queued packet will not be sent. Its sequence number is missing for good: a NACK for it needs no answer. */
    void drop(int stream, long packet);

    /**
     * Frames of a video stream were dropped and no keyframe is queued behind them: nothing of it can be decoded until
     * the next, so it should be asked for and nothing else be sent.
     */
    void onFramesDropped(int stream, long nowNanos);

    /**
     * A probe needs more than there is to send: packets sent before, again by RTX, or padding.
     *
     * @param bytes about how many; at least one packet
     * @return bytes sent; 0 if there is nothing to pad with
     */
    int sendPadding(int bytes, int probeCluster, long nowNanos);
}
