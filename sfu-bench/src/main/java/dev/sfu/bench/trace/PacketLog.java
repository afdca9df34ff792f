package dev.sfu.bench.trace;

import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.time.Deadlines;

/** Takes what a browser sends, on the thread of its {@link RecordingPeer}. */
interface PacketLog {
    /** A packet came; {@code arrivalNanos} is when its datagram was read. */
    void onPacket(IncomingPacket packet, long arrivalNanos);

    /** Whether no more is wanted. */
    boolean complete();

    /** When to ask for keyframes again, now that they have been asked for. */
    default long nextKeyframeNanos(long nowNanos) {
        return Deadlines.NEVER;
    }
}
