package dev.sfu.core.routing;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.PayloadType;
import dev.sfu.core.peerconnection.RtpSender;
import dev.sfu.core.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * One slot's use of a published track: which of the track's streams plays, and the per-subscriber rewrite.
 *
 * <p>The stream that should play ({@code target}) replaces the one that plays only when a packet comes that a decoder can
 * start with, so the picture never freezes for a switch.
 */
final class Subscription {
    private final PublishedTrack track;
    private final Slot slot;
    private final Participant subscriber;
    private final RtpSender sender;
    private final RtpRewriter rewriter;
    private @Nullable IncomingStream playing;
    private @Nullable IncomingStream target;
    private @Nullable PayloadType sourcePayloadType;
    private @Nullable PayloadType outgoingPayloadType;
    private boolean mismatchReported;

    Subscription(PublishedTrack track, Slot slot, Participant subscriber) {
        this.track = track;
        this.slot = slot;
        this.subscriber = subscriber;
        this.sender = slot.sender();
        this.rewriter = slot.rewriter();
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

    /** Whether the subscriber can be sent to. */
    boolean ready() {
        return sender.ready();
    }

    /** Sets the stream that should play; takes effect at its next decodable start. */
    void setTarget(@Nullable IncomingStream stream) {
        target = stream;
    }

    /** Whether something waits for a keyframe of the target. */
    boolean awaitsStart() {
        return target != null && target != playing;
    }

    /** Plays nothing until the target starts anew, as after a mute or when the slot gets this track. */
    void restart() {
        playing = null;
    }

    /** The subscriber cannot decode on. Until something plays, the request made for the start stands. */
    void requestKeyframe(long roundTripNanos, long nowNanos) {
        IncomingStream stream = playing;
        if (stream != null && !track.muted()) {
            stream.requestKeyframeByFeedback(roundTripNanos, nowNanos);
        }
    }

    /** Forwards one packet, or counts why not. */
    void forward(IncomingPacket packet, long nowNanos) {
        if (!sender.ready()) {
            // Before anything starts to play: a keyframe that cannot leave would be taken for the start.
            drop(DropReason.SRTP_NOT_READY);
            return;
        }
        IncomingStream stream = packet.stream();
        PayloadType out = outgoingPayloadType(packet.payloadType());
        if (out == null) {
            drop(DropReason.NO_COMMON_CODEC);
            return;
        }
        if (stream != playing) {
            if (stream != target) {
                drop(DropReason.LAYER_NOT_SELECTED);
                return;
            }
            if (!packet.keyframeStart() || packet.rtp().payloadBytes() == 0) {
                drop(DropReason.AWAITING_KEYFRAME);
                return;
            }
            rewriter.switchTo(packet);
            sender.onSourceChanged(stream.receiver().extensions(), rewriter.clock(), rewriter.timestampOffset());
            playing = stream;
        }
        if (!rewriter.accepts(packet)) {
            drop(DropReason.RTP_TOO_OLD);
            return;
        }
        if (packet.rtp().payloadBytes() == 0 && rewriter.skip(packet)) {
            drop(DropReason.RTP_PADDING_ONLY);
            return;
        }
        long rewrite = Rewrite.NONE;
        Vp8Descriptor vp8 = packet.vp8();
        if (vp8 != null && !rewriter.leavesVp8Unchanged()) {
            rewrite = Rewrite.payload(rewriter.pictureId(vp8), rewriter.tl0PicIdx(vp8), vp8.keyIdx());
        }
        rewriter.onForwarded(packet);
        sender.send(
                packet,
                out,
                rewriter.sequence(packet),
                rewriter.timestamp(packet),
                packet.rtp().marker(),
                rewrite,
                nowNanos);
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
