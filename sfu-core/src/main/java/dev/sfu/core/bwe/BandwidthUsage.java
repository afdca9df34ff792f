package dev.sfu.core.bwe;

/** What the delays say about the queues on the way. */
public enum BandwidthUsage {
    /** Queues stay as they are. */
    NORMAL,
    /** Queues are being emptied. */
    UNDERUSING,
    /** Queues fill up. */
    OVERUSING
}
