package dev.sfu.core.peerconnection;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.rtp.HeaderExtensionMap;
import org.jspecify.annotations.Nullable;

/**
 * What has to be known of a packet on another thread to forward it there, besides its bytes.
 *
 * <p>One side {@link #take}s a packet and later {@link #release}s it; the other reads it in between, through
 * {@link CarriedReceiver#onCarried}. Whoever hands it over sees to it that each sees what the other wrote. The bytes stay
 * with the first side, which keeps a reference to the buffer until they have been copied: a buffer and its pool belong to
 * one thread. What else is referred to is never changed once it can be seen here.
 */
public final class CarriedPacket {
    private @Nullable PacketBuffer buffer;
    private @Nullable PayloadType payloadType;
    private @Nullable HeaderExtensionMap extensions;
    private @Nullable String rid;
    private int stream;
    private int ssrc;
    private long sequence;
    private long timestamp;
    private long arrivalNanos;
    private long bitrateBps;
    private long clockTimestamp;
    private long clockNanos;
    private boolean clockReported;

    /** Holds nothing. */
    public CarriedPacket() {}

    /** Takes a packet as it stands, with a reference to its buffer. */
    public void take(IncomingPacket packet, long nowNanos) {
        IncomingStream from = packet.stream();
        buffer = packet.buffer().retain();
        payloadType = packet.payloadType();
        extensions = from.receiver().extensions();
        rid = from.rid();
        stream = from.number();
        ssrc = from.ssrc();
        sequence = packet.sequence();
        timestamp = packet.timestamp();
        arrivalNanos = packet.arrivalNanos();
        bitrateBps = from.bitrateBps(nowNanos);
        clockTimestamp = from.clock().timestamp();
        clockNanos = from.clock().nanos();
        clockReported = from.clock().reported();
    }

    /** Gives the buffer's reference back; only the side that took the packet may. */
    public void release() {
        PacketBuffer present = buffer;
        if (present != null) {
            present.release();
        }
        buffer = null;
        payloadType = null;
        extensions = null;
        rid = null;
    }

    PacketBuffer buffer() {
        PacketBuffer present = buffer;
        assert present != null;
        return present;
    }

    PayloadType payloadType() {
        PayloadType present = payloadType;
        assert present != null;
        return present;
    }

    HeaderExtensionMap extensions() {
        HeaderExtensionMap present = extensions;
        assert present != null;
        return present;
    }

    @Nullable String rid() {
        return rid;
    }

    int stream() {
        return stream;
    }

    int ssrc() {
        return ssrc;
    }

    long sequence() {
        return sequence;
    }

    long timestamp() {
        return timestamp;
    }

    long arrivalNanos() {
        return arrivalNanos;
    }

    long bitrateBps() {
        return bitrateBps;
    }

    void placeClock(SourceClock clock) {
        clock.place(clockTimestamp, clockNanos, clockReported);
    }
}
