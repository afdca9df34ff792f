package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.peerconnection.RtpSender;
import org.jspecify.annotations.Nullable;

/**
 * A receiving m-section of a participant: one outgoing stream that plays one published track at a time.
 *
 * <p>SSRC, sequence and timestamp line belong to the slot and outlive the tracks that play in it.
 */
final class Slot implements RtpSender.Listener {
    private final int number;
    private final RtpSender sender;
    private final RtpRewriter rewriter;
    private @Nullable Subscription subscription;
    private SlotWish wish;

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
    }

    @Override
    public void onKeyframeRequest(long roundTripNanos, long nowNanos) {
        Subscription present = subscription;
        if (present != null) {
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
}
