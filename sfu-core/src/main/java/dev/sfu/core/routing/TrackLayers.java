package dev.sfu.core.routing;

import dev.sfu.core.api.SlotWish;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.codec.VideoLayersAllocation;
import dev.sfu.core.layers.LayerChoice;
import dev.sfu.core.layers.LayerMeter;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is to choose from in a published video track, found out once for all its subscribers. */
final class TrackLayers {
    private static final long CHECK_NANOS = 200 * Deadlines.MILLISECOND;
    private static final long FLOWS_NANOS = 500 * Deadlines.MILLISECOND;
    /** IPv4, UDP and the SRTP tag, which are sent with each packet besides. */
    private static final int OVERHEAD_BYTES = 44;
    /** A stream that comes or goes is seen at once, which makes all subscribers decide anew: so many times in a row, */
    private static final int MAX_AT_ONCE = 8;
    /** and then once in so much time. */
    private static final long AT_ONCE_NANOS = 250 * Deadlines.MILLISECOND;

    private final RtpReceiver receiver;
    private final boolean screen;
    private final LayerMeter meter;
    private List<LayerChoice> choices = List.of();
    private @Nullable LayerLadder everything;
    private boolean reordered;
    private boolean needsDescriptor;
    private long nextCheckNanos = Long.MIN_VALUE;
    /** Whether to look at the next packet, because a stream is no more. */
    private boolean soon;
    private int leftAtOnce = MAX_AT_ONCE;
    private long atOnceNanos = Long.MIN_VALUE / 2;

    TrackLayers(RtpReceiver receiver, boolean screen) {
        this.receiver = receiver;
        this.screen = screen;
        this.meter = new LayerMeter(screen);
    }

    /** Measures a packet; gives whether there is something else to choose from now, or at another price. */
    boolean onPacket(IncomingPacket packet, long nowNanos) {
        PacketLayers layers = packet.layers();
        IncomingStream stream = packet.stream();
        if (layers == null) {
            return false;
        }
        needsDescriptor = packet.payloadType().codec() == Codec.AV1;
        int bytes = packet.rtp().headerBytes() + packet.rtp().payloadBytes() + OVERHEAD_BYTES;
        boolean appears = meter.onPacket(stream.encoding(), layers, bytes, nowNanos);
        if (appears) {
            forgetFormer(stream);
        }
        VideoLayersAllocation allocation = receiver.layersAllocation();
        if (allocation != null
                && receiver.extensions().offsetIn(packet.rtp(), HeaderExtension.VIDEO_LAYERS_ALLOCATION) >= 0) {
            meter.onAllocation(stream.encoding(), allocation);
        }
        return (nowNanos >= nextCheckNanos || ((appears || soon) && mayLookAtOnce(nowNanos))) && refresh(nowNanos);
    }

    private boolean mayLookAtOnce(long nowNanos) {
        long more = (nowNanos - atOnceNanos) / AT_ONCE_NANOS;
        if (more > 0) {
            atOnceNanos = nowNanos;
            leftAtOnce = (int) Math.min(MAX_AT_ONCE, leftAtOnce + more);
        }
        if (leftAtOnce == 0) {
            return false;
        }
        leftAtOnce--;
        return true;
    }

    /** A stream replaces the former one of its encoding. */
    private void forgetFormer(IncomingStream stream) {
        for (IncomingStream other : receiver.streams()) {
            if (other != stream && stream.rid() != null && stream.rid().equals(other.rid())) {
                meter.onEnded(other.encoding());
            }
        }
    }

    /** A stream is no more. */
    void onStreamEnded(IncomingStream stream) {
        int encoding = stream.encoding();
        meter.onEnded(encoding);
        choices = choices.stream().filter(choice -> choice.encoding() != encoding).toList();
        everything = null;
        soon = true;
    }

    private boolean refresh(long nowNanos) {
        nextCheckNanos = nowNanos + CHECK_NANOS;
        soon = false;
        List<LayerChoice> present = meter.choices(nowNanos);
        if (present == choices) {
            return false;
        }
        reordered |= !sameOrder(present, choices);
        choices = present;
        everything = null;
        return true;
    }

    private static boolean sameOrder(List<LayerChoice> one, List<LayerChoice> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            if (one.get(i).encoding() != other.get(i).encoding()) {
                return false;
            }
        }
        return true;
    }

    /** Whether there have been others or another order since the last call. */
    boolean takeReordered() {
        boolean was = reordered;
        reordered = false;
        return was;
    }

    /** The streams that flow where the track comes in; gives whether there is something else to choose from now. */
    boolean onStreamsKnown(long nowNanos) {
        for (IncomingStream stream : receiver.streams()) {
            if (nowNanos - stream.lastPacketNanos() < FLOWS_NANOS) {
                meter.onKnown(stream.encoding(), stream.bitrateBps(nowNanos), nowNanos);
            }
        }
        return refresh(nowNanos);
    }

    /** A stream has been switched off, and may come back. */
    void onStreamStopped(IncomingStream stream) {
        meter.onStopped(stream.encoding());
        soon = true;
    }

    /** The best stream that flows, or null. */
    @Nullable IncomingStream highest() {
        for (LayerChoice choice : choices.reversed()) {
            if (choice.flows()) {
                return receiver.streamOfEncoding(choice.encoding());
            }
        }
        return null;
    }

    /** What there is, the lowest first; the same object until it changes. */
    List<LayerChoice> choices() {
        return choices;
    }

    /**
     * What there is for a wish and a receiver. Without a descriptor nothing in AV1's packets says which spatial layers make one
     * picture, and browsers show none at all.
     *
     * @param described whether the receiver is sent dependency descriptors
     */
    LayerLadder ladder(SlotWish wish, boolean described) {
        LayerLadder ladder = ladder(wish);
        return needsDescriptor && !described ? ladder.withoutSpatialLayers() : ladder;
    }

    private LayerLadder ladder(SlotWish wish) {
        boolean unlimited = wish.width() == 0
                && wish.height() == 0
                && wish.maxFramesPerSecond() == 0
                && wish.maxLayer() == SlotWish.ALL_LAYERS;
        if (!unlimited) {
            return LayerLadder.of(choices, wish, screen);
        }
        LayerLadder present = everything;
        if (present == null) {
            present = LayerLadder.of(choices, wish, screen);
            everything = present;
        }
        return present;
    }

    /** The streams, the lowest quality first; those that have not sent anything are missing. */
    List<IncomingStream> ordered() {
        List<IncomingStream> ordered = new ArrayList<>();
        for (LayerChoice choice : choices) {
            IncomingStream stream = receiver.streamOfEncoding(choice.encoding());
            if (stream != null && (ordered.isEmpty() || ordered.getLast() != stream)) {
                ordered.add(stream);
            }
        }
        return ordered;
    }
}
