package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.VideoLayersAllocation;
import dev.sfu.core.layers.LayerSelector;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** What arrives in one m-section. */
public final class RtpReceiver {
    /** Takes the packets that arrive. */
    public interface Sink {
        /** A packet came, in arrival order; {@code packet} is valid during the call. */
        void onRtp(IncomingPacket packet, long nowNanos);

        /** A stream ended: the peer said goodbye to it, replaced it, or has fallen silent too long. */
        default void onStreamEnded(IncomingStream stream) {}

        /** The peer has switched a simulcast encoding off; it may come back. */
        default void onStreamStopped(IncomingStream stream) {}
    }

    /** Simulcast has three layers and an SSRC may be replaced: more than this is an attack or a defect. */
    public static final int MAX_STREAMS = LayerSelector.MAX_ENCODINGS;

    private final String mid;
    private final MediaKind kind;
    private final DropCounters drops = new DropCounters();
    private final List<IncomingStream> streams = new ArrayList<>();
    private final Map<String, Long> endedTotals = new HashMap<>();
    private final Runnable keyframeWanted;
    private PayloadTypeMap payloadTypes = PayloadTypeMap.EMPTY;
    private HeaderExtensionMap extensions = new HeaderExtensionMap();
    private Set<String> rids = Set.of();
    private @Nullable Sink sink;
    private int nextStreamNumber;
    private @Nullable VideoLayersAllocation layersAllocation;
    private long bytesOfEnded;
    private long bytesTaken;

    /** {@code keyframeWanted} is run when a stream has a keyframe request to send. */
    RtpReceiver(String mid, MediaKind kind, Runnable keyframeWanted) {
        this.mid = mid;
        this.kind = kind;
        this.keyframeWanted = keyframeWanted;
    }

    /** The m-section. */
    public String mid() {
        return mid;
    }

    /** Audio or video. */
    public MediaKind kind() {
        return kind;
    }

    /** The header extension ids the peer uses. */
    public HeaderExtensionMap extensions() {
        return extensions;
    }

    /** The streams heard of, the oldest first. */
    public List<IncomingStream> streams() {
        return streams;
    }

    /** Why packets went no further. */
    public DropCounters drops() {
        return drops;
    }

    /** Sets who takes the packets; null takes none. */
    public void setSink(@Nullable Sink newSink) {
        sink = newSink;
    }

    /** Counts a packet that was not forwarded because its track is muted. */
    public void countMuted() {
        drops.count(DropReason.MUTED);
    }

    /** The stream with this {@link IncomingStream#number}, or null. */
    public @Nullable IncomingStream streamOf(int number) {
        for (int i = 0; i < streams.size(); i++) {
            if (streams.get(i).number() == number) {
                return streams.get(i);
            }
        }
        return null;
    }

    /** The stream that has this {@link IncomingStream#encoding} now, or null. */
    public @Nullable IncomingStream streamOfEncoding(int encoding) {
        for (int i = 0; i < streams.size(); i++) {
            if (streams.get(i).encoding() == encoding) {
                return streams.get(i);
            }
        }
        return null;
    }

    int freeEncoding() {
        int encoding = 0;
        while (streamOfEncoding(encoding) != null) {
            encoding++;
        }
        return encoding;
    }

    /** What the sender said last of what it spends on each layer of all streams; null before it did. */
    public @Nullable VideoLayersAllocation layersAllocation() {
        return layersAllocation;
    }

    /** Takes the packet's video-layers-allocation if it has one; false if that is malformed. */
    boolean readLayersAllocation(IncomingPacket packet) {
        int at = extensions.offsetIn(packet.rtp(), HeaderExtension.VIDEO_LAYERS_ALLOCATION);
        if (at < 0) {
            return true;
        }
        VideoLayersAllocation present = layersAllocation;
        if (present == null) {
            present = new VideoLayersAllocation();
            layersAllocation = present;
        }
        int bytes = extensions.bytesIn(packet.rtp(), HeaderExtension.VIDEO_LAYERS_ALLOCATION);
        boolean ok = present.parse(packet.rtp().array(), at, bytes);
        if (ok && bytes > 1) {
            packet.stream().setAllocationIndex(present.streamIndex());
        }
        return ok;
    }

    int nextStreamNumber() {
        return nextStreamNumber++;
    }

    void setExtensions(HeaderExtensionMap newExtensions) {
        extensions = newExtensions;
    }

    PayloadTypeMap payloadTypes() {
        return payloadTypes;
    }

    void negotiated(PayloadTypeMap newPayloadTypes, HeaderExtensionMap newExtensions, Set<String> newRids) {
        payloadTypes = newPayloadTypes;
        extensions = newExtensions;
        rids = Set.copyOf(newRids);
    }

    /** Whether the streams are told apart by RID. */
    boolean simulcast() {
        return !rids.isEmpty();
    }

    /** The restriction identifiers that were negotiated; empty without simulcast. */
    public Set<String> rids() {
        return rids;
    }

    boolean knowsRid(String rid) {
        return rids.contains(rid);
    }

    void deliver(IncomingPacket packet, long nowNanos) {
        Sink present = sink;
        if (present != null) {
            present.onRtp(packet, nowNanos);
        }
    }

    void onKeyframeWanted() {
        keyframeWanted.run();
    }

    void onStopped(IncomingStream stream) {
        Sink present = sink;
        if (present != null) {
            present.onStreamStopped(stream);
        }
    }

    /** Takes a stream out; what it counted stays in the totals. */
    void remove(IncomingStream stream) {
        if (streams.remove(stream)) {
            bytesOfEnded += stream.headerBytes() + stream.payloadBytes();
            count(stream, (name, value) -> endedTotals.merge(name, value, Long::sum));
            Sink present = sink;
            if (present != null) {
                present.onStreamEnded(stream);
            }
        }
    }

    /** Bytes of RTP that came since the last time, in all streams. */
    long takeBytes() {
        long bytes = bytesOfEnded;
        for (IncomingStream stream : streams) {
            bytes += stream.headerBytes() + stream.payloadBytes();
        }
        long taken = bytes - bytesTaken;
        bytesTaken = bytes;
        return taken;
    }

    void addTotals(ObjLongConsumer<String> counters, DropCounters sum) {
        sum.add(drops);
        endedTotals.forEach(counters::accept);
        for (IncomingStream stream : streams) {
            count(stream, counters);
        }
    }

    private static void count(IncomingStream stream, ObjLongConsumer<String> counters) {
        counters.accept("nacks_sent", stream.nackCount());
        counters.accept("keyframe_requests_sent", stream.pliCount() + stream.firCount());
        counters.accept("rtp_packets_recovered", stream.retransmittedPackets());
        counters.accept("rtp_packets_lost", stream.statistics().mostPacketsLost());
    }

    @Nullable IncomingStream streamOfRid(String rid) {
        for (int i = streams.size() - 1; i >= 0; i--) {
            if (rid.equals(streams.get(i).rid())) {
                return streams.get(i);
            }
        }
        return null;
    }
}
