package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.rtp.ExtensionValues;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpPacket;
import org.jspecify.annotations.Nullable;

/**
 * A received, decrypted RTP packet on its way through the engine.
 *
 * <p>One object is reused for all packets of a connection: it is valid during the call it is passed to. Who wants to
 * keep the packet {@link #take}s it, or retains {@link #buffer()}, which nobody may modify.
 */
public final class IncomingPacket {
    private final RtpPacket rtp = new RtpPacket();
    private @Nullable PacketBuffer buffer;
    private @Nullable IncomingStream stream;
    private @Nullable PayloadType payloadType;
    private long sequence;
    private long timestamp;
    private long arrivalNanos;
    private boolean keyframeStart;
    private @Nullable PacketLayers layers;

    /** Stands for nothing yet. */
    public IncomingPacket() {}

    /** Stands for the same packet as another one, with a reference of its own to the buffer, until {@link #release}. */
    public void take(IncomingPacket other) {
        PacketBuffer shared = other.buffer().retain();
        rtp.parse(shared.array(), shared.offset(), shared.length());
        buffer = shared;
        stream = other.stream;
        payloadType = other.payloadType;
        sequence = other.sequence;
        timestamp = other.timestamp;
        arrivalNanos = other.arrivalNanos;
        keyframeStart = other.keyframeStart;
        layers = other.layers;
    }

    void set(
            PacketBuffer newBuffer,
            IncomingStream newStream,
            PayloadType newPayloadType,
            long newSequence,
            long newTimestamp,
            long newArrivalNanos) {
        buffer = newBuffer;
        stream = newStream;
        payloadType = newPayloadType;
        sequence = newSequence;
        timestamp = newTimestamp;
        arrivalNanos = newArrivalNanos;
        keyframeStart = false;
        layers = null;
    }

    /**
     * Reads the descriptors of the packet, once the other fields are set; gives whether they are well-formed. The one place for
     * packets from the network and for those carried from another thread.
     */
    boolean describePayload() {
        IncomingStream from = stream();
        if (from.receiver().kind() == MediaKind.AUDIO) {
            keyframeStart = true;
            return true;
        }
        boolean allocationRead = from.receiver().readLayersAllocation(this);
        if (rtp.payloadBytes() == 0) {
            return allocationRead;
        }
        HeaderExtensionMap extensions = from.receiver().extensions();
        PacketLayers read = from.layerReader().read(
                payloadType().codec(),
                timestamp,
                rtp.array(),
                rtp.payloadOffset(),
                rtp.payloadBytes(),
                extensions.offsetIn(rtp, HeaderExtension.DEPENDENCY_DESCRIPTOR),
                extensions.bytesIn(rtp, HeaderExtension.DEPENDENCY_DESCRIPTOR));
        layers = read;
        keyframeStart = read != null && read.keyframeStart();
        return allocationRead && read != null;
    }

    /** Gives back the reference that this object alone holds to the buffer, and clears. */
    public void release() {
        buffer().release();
        clear();
    }

    void clear() {
        buffer = null;
        stream = null;
        payloadType = null;
        layers = null;
    }

    /** The parsed header. */
    public RtpPacket rtp() {
        return rtp;
    }

    /** The plaintext packet, shared by all who forward it. */
    public PacketBuffer buffer() {
        PacketBuffer present = buffer;
        assert present != null;
        return present;
    }

    /** The stream it belongs to; for a repaired packet the primary one. */
    public IncomingStream stream() {
        IncomingStream present = stream;
        assert present != null;
        return present;
    }

    /** What its payload is. */
    public PayloadType payloadType() {
        PayloadType present = payloadType;
        assert present != null;
        return present;
    }

    /** The unwrapped sequence number; may be below that of earlier packets. */
    public long sequence() {
        return sequence;
    }

    /** The unwrapped timestamp. */
    public long timestamp() {
        return timestamp;
    }

    /** When it came. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    /** How loud the sound in it is, 0 (loudest) to 127 dBov below the maximum (RFC 6464), or -1 when it does not say. */
    public int audioLevel() {
        HeaderExtensionMap extensions = stream().receiver().extensions();
        int at = extensions.offsetIn(rtp, HeaderExtension.AUDIO_LEVEL);
        // Two-byte extensions can be empty.
        return at < 0 || extensions.bytesIn(rtp, HeaderExtension.AUDIO_LEVEL) < ExtensionValues.AUDIO_LEVEL_BYTES
                ? -1
                : ExtensionValues.readAudioLevel(rtp.array(), at);
    }

    /** Whether a decoder can start with this packet; always true of audio. */
    public boolean keyframeStart() {
        return keyframeStart;
    }

    /** Where it stands among the layers of its stream; null for audio, without payload, and when that is malformed. */
    public @Nullable PacketLayers layers() {
        return layers;
    }
}
