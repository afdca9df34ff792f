package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.layers.LayerChoice;
import dev.sfu.core.peerconnection.RtpSender;
import dev.sfu.core.peerconnection.SentVideo;
import org.jspecify.annotations.Nullable;

/**
 * A receiving m-section of a participant: one outgoing stream that plays one published track at a time.
 *
 * <p>SSRC, sequence and timestamp line belong to the slot and outlive the tracks that play in it.
 */
final class Slot implements RtpSender.Listener {
    private static final BitrateAllocator.Grant NOTHING = new BitrateAllocator.Grant(null, AllocationReason.NO_MEDIA);

    private final int number;
    private final RtpSender sender;
    private final RtpRewriter rewriter;
    private @Nullable Subscription subscription;
    private final StepHistory history = new StepHistory();
    private final KeyframeAllowance keyframeAllowance = new KeyframeAllowance();
    private SlotWish wish;
    private BitrateAllocator.Grant grant = NOTHING;
    private long keyframeAskedNanos;

    Slot(int number, RtpSender sender, RtpRewriter rewriter) {
        this.wish = SlotWish.everything(sender.mid());
        this.number = number;
        this.sender = sender;
        this.rewriter = rewriter;
    }

    /** The same for the audio and the video slot that share a stream in the browser. */
    int number() {
        return number;
    }

    String mid() {
        return sender.mid();
    }

    MediaKind kind() {
        return sender.kind();
    }

    RtpSender sender() {
        return sender;
    }

    RtpRewriter rewriter() {
        return rewriter;
    }

    /** What plays here, or null when the slot is free. */
    @Nullable Subscription subscription() {
        return subscription;
    }

    /** What the viewer wants here, whatever plays. */
    SlotWish wish() {
        return wish;
    }

    void setWish(SlotWish newWish) {
        wish = newWish;
    }

    void setSubscription(@Nullable Subscription newSubscription) {
        subscription = newSubscription;
        grant = NOTHING;
        history.onIdle();
    }

    /** What video was given here before. */
    StepHistory history() {
        return history;
    }

    /** What was decided last for what plays here. */
    BitrateAllocator.Grant grant() {
        return grant;
    }

    void setGrant(BitrateAllocator.Grant newGrant) {
        grant = newGrant;
    }

    /** When a keyframe was asked for last, to change what plays. */
    long keyframeAskedNanos() {
        return keyframeAskedNanos;
    }

    void setKeyframeAsked(long nowNanos) {
        keyframeAskedNanos = nowNanos;
    }

    @Override
    public void onKeyframeRequest(long roundTripNanos, long nowNanos) {
        Subscription present = subscription;
        if (present != null && keyframeAllowance.take(present.track().subscribers(), nowNanos)) {
            present.requestKeyframe(roundTripNanos, nowNanos);
        }
    }

    @Override
    public void onFramesDropped(long nowNanos) {
        Subscription present = subscription;
        if (present != null) {
            present.onFramesDropped();
        }
    }

    @Override
    public void onKeyframeNeeded(long nowNanos) {
        Subscription present = subscription;
        if (present != null) {
            present.requestAwaitedKeyframe(nowNanos);
        }
    }

    @Override
    public @Nullable SentVideo sentVideo() {
        Subscription present = subscription;
        if (present == null || kind() != MediaKind.VIDEO) {
            return null;
        }
        PublishedTrack track = present.track();
        LayerChoice plays = track.choiceOf(present.encoding(), present.spatial(), present.temporal());
        AllocationReason reason = grant.reason();
        return plays == null
                ? new SentVideo(null, 0, 0, 0, 0, 0, 0, reason.name(), reason.limitedByBandwidth())
                : new SentVideo(
                        track.ridOf(plays.encoding()),
                        plays.spatial(),
                        plays.temporal(),
                        plays.width(),
                        plays.height(),
                        plays.framesPerSecond(),
                        plays.bitrateBps(),
                        reason.name(),
                        reason.limitedByBandwidth());
    }
}
