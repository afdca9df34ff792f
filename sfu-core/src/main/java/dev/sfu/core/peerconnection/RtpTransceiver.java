package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.sdp.Direction;
import dev.sfu.core.stats.DropCounters;
import java.util.function.ObjLongConsumer;

/** One audio or video m-section with its two halves. */
public final class RtpTransceiver {
    private final String mid;
    private final MediaKind kind;
    private final RtpReceiver receiver;
    private final RtpSender sender;
    private Direction currentDirection = Direction.INACTIVE;
    private int slotNumber = -1;

    RtpTransceiver(String mid, MediaKind kind, RtpReceiver receiver, RtpSender sender) {
        this.mid = mid;
        this.kind = kind;
        this.receiver = receiver;
        this.sender = sender;
    }

    /** The m-section's identifier. */
    public String mid() {
        return mid;
    }

    /** Audio or video. */
    public MediaKind kind() {
        return kind;
    }

    /** What arrives. */
    public RtpReceiver receiver() {
        return receiver;
    }

    /** What leaves. */
    public RtpSender sender() {
        return sender;
    }

    /** The direction last negotiated, from the server's point of view. */
    public Direction currentDirection() {
        return currentDirection;
    }

    /** Whether the peer may send in it. */
    public boolean receives() {
        return currentDirection == Direction.RECVONLY || currentDirection == Direction.SENDRECV;
    }

    /** Whether the server may send in it. */
    public boolean sends() {
        return currentDirection == Direction.SENDONLY || currentDirection == Direction.SENDRECV;
    }

    /**
     * Which sending m-section of its kind this is, from 0, or -1 before it sends. An audio and a video m-section of the
     * same number share a stream in the browser; the number stays for life.
     */
    public int slotNumber() {
        return slotNumber;
    }

    /** Adds the totals of both halves to a sum. */
    void addTotals(ObjLongConsumer<String> counters, DropCounters sum) {
        sender.addTotals(counters, sum);
        receiver.addTotals(counters, sum);
    }

    void setSlotNumber(int number) {
        slotNumber = number;
    }

    void setCurrentDirection(Direction direction) {
        currentDirection = direction;
    }
}
