package dev.sfu.core.peer;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** One SSRC that a synthetic peer sends: counters, what may be asked for again, and which packets get lost on the way. */
public final class SentStream {
    private static final int KEPT_PACKETS = 1024;

    /** What was sent once, to be sent again on request. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Kept(byte[] payload, long timestamp, boolean marker) {}

    private final PeerCodec codec;
    private final int ssrc;
    private final int rtxSsrc;
    private final @Nullable String rid;
    private final long firstTimestamp;
    private final long originNanos;
    private final Map<Long, Kept> kept = new HashMap<>();
    private long nextIndex;
    private long nextRtxIndex;
    private int pictureId;
    private int tl0PicIdx;
    private int frames;
    private int videoPacketBytes = 1000;
    private int packetsPerFrame = 3;
    private boolean flowing;
    private boolean keyframeWanted = true;
    private LongPredicate lost = index -> false;
    private long packetsSent;
    private long payloadBytesSent;
    private int keyframesSent;
    private int keyframeRequests;
    private int nacksReceived;
    private int retransmissions;
    private int lostPackets;
    private long lastTimestamp;

    SentStream(PeerCodec codec, int ssrc, int rtxSsrc, @Nullable String rid, int firstSequence, long timestamp, long now) {
        this.codec = codec;
        this.ssrc = ssrc;
        this.rtxSsrc = rtxSsrc;
        this.rid = rid;
        this.nextIndex = firstSequence;
        this.nextRtxIndex = firstSequence / 2;
        this.firstTimestamp = timestamp;
        this.originNanos = now;
        this.pictureId = firstSequence & SyntheticMedia.PICTURE_ID_MASK;
        this.tl0PicIdx = firstSequence & 0xFF;
    }

    /** Its codec. */
    public PeerCodec codec() {
        return codec;
    }

    /** Its SSRC, which also marks the payloads. */
    public int ssrc() {
        return ssrc;
    }

    /** The SSRC of its retransmissions. */
    public int rtxSsrc() {
        return rtxSsrc;
    }

    /** Its restriction identifier, or null. */
    public @Nullable String rid() {
        return rid;
    }

    /** Starts or stops it; what starts again starts with a keyframe. */
    public void setFlowing(boolean newFlowing) {
        keyframeWanted |= newFlowing && !flowing;
        flowing = newFlowing;
    }

    /** Whether it is sent. */
    public boolean flowing() {
        return flowing;
    }

    /** Sets the size of its frames. */
    public void setFrame(int packets, int bytesPerPacket) {
        packetsPerFrame = packets;
        videoPacketBytes = bytesPerPacket;
    }

    /** Decides which packets, by unwrapped sequence number, never leave; they can still be asked for again. */
    public void setLost(LongPredicate newLost) {
        lost = newLost;
    }

    /** Makes the next frame a keyframe. */
    public void wantKeyframe() {
        keyframeWanted = true;
    }

    void onKeyframeRequest() {
        keyframeRequests++;
        keyframeWanted = true;
    }

    /** Sends one frame, or one audio packet. */
    void sendFrame(PeerTransport transport, String mid, long nowNanos) {
        long timestamp = firstTimestamp + (nowNanos - originNanos) * codec.clockRate() / 1_000_000_000L;
        if (timestamp <= lastTimestamp) {
            timestamp = lastTimestamp + 1;
        }
        lastTimestamp = timestamp;
        frames++;
        if (codec == PeerCodec.OPUS) {
            sendPacket(transport, mid, SyntheticMedia.opus(ssrc, frames, 80), timestamp, false, nowNanos);
            return;
        }
        boolean keyframe = keyframeWanted;
        keyframeWanted = false;
        keyframesSent += keyframe ? 1 : 0;
        pictureId = (pictureId + 1) & SyntheticMedia.PICTURE_ID_MASK;
        tl0PicIdx = (tl0PicIdx + 1) & 0xFF;
        for (int i = 0; i < packetsPerFrame; i++) {
            byte[] payload = SyntheticMedia.vp8(ssrc, frames, i, keyframe, pictureId, tl0PicIdx, videoPacketBytes);
            sendPacket(transport, mid, payload, timestamp, i == packetsPerFrame - 1, nowNanos);
        }
    }

    private void sendPacket(
            PeerTransport transport, String mid, byte[] payload, long timestamp, boolean marker, long nowNanos) {
        long index = nextIndex++;
        if (codec.rtxPayloadType() >= 0) {
            kept.put(index, new Kept(payload, timestamp, marker));
            kept.remove(index - KEPT_PACKETS);
        }
        packetsSent++;
        payloadBytesSent += payload.length;
        if (lost.test(index)) {
            lostPackets++;
            return;
        }
        transport.sendRtp(this, false, mid, index, timestamp, marker, payload, -1, nowNanos);
    }

    /** Answers a NACK for one 16-bit sequence number. */
    void onNack(PeerTransport transport, String mid, int sequenceNumber, long nowNanos) {
        nacksReceived++;
        long index = nextIndex - 1 - ((nextIndex - 1 - sequenceNumber) & 0xFFFF);
        Kept packet = kept.get(index);
        if (packet != null) {
            retransmissions++;
            transport.sendRtp(
                    this, true, mid, nextRtxIndex++, packet.timestamp, packet.marker, packet.payload, sequenceNumber,
                    nowNanos);
        }
    }

    /** Packets sent, without retransmissions, those lost on the way included. */
    public long packetsSent() {
        return packetsSent;
    }

    /** Their payload. */
    public long payloadBytesSent() {
        return payloadBytesSent;
    }

    /** The next unwrapped sequence number. */
    public long nextIndex() {
        return nextIndex;
    }

    /** Keyframes sent. */
    public int keyframesSent() {
        return keyframesSent;
    }

    /** PLIs received. */
    public int keyframeRequests() {
        return keyframeRequests;
    }

    /** Sequence numbers asked for again. */
    public int nacksReceived() {
        return nacksReceived;
    }

    /** Packets sent again. */
    public int retransmissions() {
        return retransmissions;
    }

    /** Packets lost on purpose. */
    public int lostPackets() {
        return lostPackets;
    }

    /** The unwrapped timestamp of the last frame. */
    public long lastTimestamp() {
        return lastTimestamp;
    }

    /** The unwrapped timestamp of a moment. */
    long timestampAt(long nowNanos) {
        return firstTimestamp + (nowNanos - originNanos) * codec.clockRate() / 1_000_000_000L;
    }
}
