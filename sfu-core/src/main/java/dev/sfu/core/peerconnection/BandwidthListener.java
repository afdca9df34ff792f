package dev.sfu.core.peerconnection;

/** Told what a connection's path carries. */
@FunctionalInterface
public interface BandwidthListener {
    /**
     * What may be sent has changed by more than a few percent, or a second has passed since it was last said and video
     * flows.
     *
     * @param targetBps bits per second of everything together: audio, video, retransmissions, with all headers down to IP
     */
    void onTargetBitrate(long targetBps, long nowNanos);
}
