package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.layers.LayerSelector;
import dev.sfu.core.layers.Verdict;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.PayloadType;
import dev.sfu.core.peerconnection.RtpSender;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * One slot's use of a published track: which of the track's layers play, and the per-subscriber rewrite.
 *
 * <p>What should play is set from outside ({@link #setTarget}); {@link LayerSelector} makes it so as soon as the streams allow.
 * What plays goes on until then, so the picture never freezes for a switch.
 */
final class Subscription {
    private final PublishedTrack track;
    private final Slot slot;
    private final Participant subscriber;
    private final RtpSender sender;
    private final RtpRewriter rewriter;
    private final boolean video;
    private final LayerSelector selector = new LayerSelector();
    private boolean paused;
    private boolean keyframeAsked;
    private @Nullable PayloadType sourcePayloadType;
    private @Nullable PayloadType outgoingPayloadType;
    private boolean mismatchReported;
    private int wanted = TrackDemand.NONE;

    Subscription(PublishedTrack track, Slot slot, Participant subscriber) {
        this.track = track;
        this.slot = slot;
        this.subscriber = subscriber;
        this.sender = slot.sender();
        this.rewriter = slot.rewriter();
        this.video = track.kind() == MediaKind.VIDEO;
    }

    PublishedTrack track() {
        return track;
    }

    Slot slot() {
        return slot;
    }

    Participant subscriber() {
        return subscriber;
    }

    /** What there is for the slot's wish and the subscriber's receiver. */
    LayerLadder ladder() {
        return track.ladder(slot.wish(), sender.describesLayers());
    }

    /** Whether the subscriber can be sent to. */
    boolean ready() {
        return sender.ready();
    }

    /**
     * Sets what should play, and ends a pause.
     *
     * @param encoding {@link IncomingStream#encoding}, or {@link LayerSelector#NO_ENCODING} to let play what plays
     * @param spatial highest spatial layer of a stream that has several, or {@link LayerSelector#ALL}
     * @param temporal highest temporal layer, or {@link LayerSelector#ALL}
     */
    void setTarget(int encoding, int spatial, int temporal) {
        paused = false;
        keyframeAsked &= encoding == selector.wanted();
        selector.setTarget(encoding, spatial, temporal);
    }

    /** Sends nothing until a target is set again. */
    void pause() {
        paused = true;
        selector.setTarget(LayerSelector.NO_ENCODING, LayerSelector.ALL, LayerSelector.ALL);
        selector.restart();
    }

    /** Whether nothing is sent on purpose. */
    boolean paused() {
        return paused;
    }

    /** Of which encoding the subscriber would be given some with a better network; {@link TrackDemand#NONE} or {@code ALL}. */
    int wanted() {
        return wanted;
    }

    void setWanted(int encoding) {
        wanted = encoding;
    }

    /** Plays nothing until the target starts anew, as after a mute or when the slot gets this track. */
    void restart() {
        keyframeAsked = false;
        selector.restart();
    }

    /** Frames had to be dropped: nothing is sent before a keyframe, which the sender will want when it makes sense. */
    void onFramesDropped() {
        keyframeAsked = true;
        selector.restart();
    }

    /** What plays now: {@link IncomingStream#encoding}, or {@link LayerSelector#NO_ENCODING}. */
    int encoding() {
        return selector.playing();
    }

    /** The highest spatial layer that plays; may be above those there are. */
    int spatial() {
        return selector.spatial();
    }

    /** The highest temporal layer that plays; may be above those there are. */
    int temporal() {
        return selector.temporal();
    }

    /** Whether only a keyframe brings what should play. */
    boolean awaitsKeyframe() {
        return video && selector.awaitsKeyframe();
    }

    /** Asks for the keyframe that is awaited, if one is and it can be sent on; many requests become few on the wire. */
    void requestAwaitedKeyframe(long nowNanos) {
        if (awaitsKeyframe() && ready()) {
            keyframeAsked = true;
            int wanted = selector.wanted();
            track.requestKeyframe(wanted == LayerSelector.NO_ENCODING ? selector.playing() : wanted, nowNanos);
        }
    }

    /** The subscriber cannot decode on. Until something plays, the request made for the start stands. */
    void requestKeyframe(long roundTripNanos, long nowNanos) {
        track.requestKeyframeByFeedback(selector.playing(), roundTripNanos, nowNanos);
    }

    /** A stream of the track has ended. */
    void onStreamEnded(IncomingStream stream) {
        selector.forget(stream.encoding());
    }

    /** Forwards one packet, or counts why not. */
    void forward(IncomingPacket packet, long nowNanos) {
        if (!sender.ready()) {
            // Before anything starts to play: a keyframe that cannot leave would be taken for the start.
            drop(DropReason.SRTP_NOT_READY);
            return;
        }
        PayloadType out = outgoingPayloadType(packet.payloadType());
        if (out == null) {
            drop(DropReason.NO_COMMON_CODEC);
            return;
        }
        if (packet.rtp().payloadBytes() == 0) {
            forwardPadding(packet, out, nowNanos);
            return;
        }
        PacketLayers layers = packet.layers();
        if (video && layers == null) {
            // Its number stays free, so that the receiver sees that something is missing.
            drop(DropReason.CODEC_MALFORMED);
            return;
        }
        int encoding = packet.stream().encoding();
        Verdict verdict = layers == null
                ? selector.decideWhole(encoding)
                : selector.decide(encoding, layers, packet.sequence(), packet.rtp().marker());
        if (verdict.forwarded()) {
            if (verdict == Verdict.SWITCH) {
                startWith(packet);
            }
            send(packet, out, nowNanos);
        } else {
            leaveOut(packet, verdict);
        }
        if (video && selector.awaitsKeyframe() != keyframeAsked) {
            keyframeAsked = false;
            requestAwaitedKeyframe(nowNanos);
        }
    }

    private void startWith(IncomingPacket packet) {
        rewriter.switchTo(packet);
        sender.onSourceChanged(
                packet.stream().receiver().extensions(), rewriter.clock(), rewriter.timestampOffset());
    }

    private void send(IncomingPacket packet, PayloadType out, long nowNanos) {
        boolean layered = packet.layers() != null;
        if (!rewriter.place(packet, layered ? selector.targetsToTell() : 0)) {
            drop(DropReason.RTP_TOO_OLD);
            return;
        }
        boolean marker = layered ? selector.marker() : packet.rtp().marker();
        sender.send(packet, out, rewriter.sequence(), rewriter.timestamp(), marker, rewriter.rewrite(), nowNanos);
    }

    private void leaveOut(IncomingPacket packet, Verdict verdict) {
        boolean ofPlaying = packet.stream().encoding() == selector.playing();
        if (ofPlaying && packet.layers() != null && verdict != Verdict.TOO_LATE) {
            rewriter.leaveOut(packet, selector.gapLeftOut());
        }
        drop(paused ? DropReason.MUTED : reasonOf(verdict));
    }

    private static DropReason reasonOf(Verdict verdict) {
        return switch (verdict) {
            case FORWARD, SWITCH, TOO_LATE -> DropReason.RTP_TOO_OLD;
            case NOT_SELECTED -> DropReason.LAYER_NOT_SELECTED;
            case AWAITING_KEYFRAME -> DropReason.AWAITING_KEYFRAME;
            case UNDECODABLE -> DropReason.LAYER_UNDECODABLE;
        };
    }

    /** Padding is left out, unless what follows it has been sent: then it has to fill its place. */
    private void forwardPadding(IncomingPacket packet, PayloadType out, long nowNanos) {
        if (packet.stream().encoding() != selector.playing()) {
            drop(paused ? DropReason.MUTED : DropReason.LAYER_NOT_SELECTED);
        } else if (rewriter.leaveOut(packet, false)) {
            drop(DropReason.RTP_PADDING_ONLY);
        } else {
            send(packet, out, nowNanos);
        }
    }

    // Identity, because a connection keeps one object per payload type until it renegotiates.
    @SuppressWarnings("ReferenceEquality")
    private @Nullable PayloadType outgoingPayloadType(PayloadType incoming) {
        if (incoming != sourcePayloadType) {
            sourcePayloadType = incoming;
            outgoingPayloadType = sender.payloadTypes().matching(incoming);
            if (outgoingPayloadType == null && !mismatchReported && incoming.codec() != Codec.TELEPHONE_EVENT) {
                mismatchReported = true;
                subscriber.onNoCommonCodec(track, incoming.codec());
            }
        }
        return outgoingPayloadType;
    }

    private void drop(DropReason reason) {
        sender.drops().count(reason);
    }

    /** The renegotiated payload types may differ: look them up anew. */
    void onRenegotiated() {
        sourcePayloadType = null;
        outgoingPayloadType = null;
    }
}
