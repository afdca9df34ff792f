package dev.sfu.core.peerconnection;

import dev.sfu.core.repair.RoundTripTime;
import org.jspecify.annotations.Nullable;

/**
 * The keyframes of one outgoing stream: what its receiver asks for, what is needed after frames had to be dropped, and whether the
 * first one may have come too early for the receiver.
 */
final class KeyframeFeedback {
    private final ReceiverReports reports;
    private final StreamBeginning beginning = new StreamBeginning();
    private final NeededKeyframe needed = new NeededKeyframe();
    private RtpSender.@Nullable Listener listener;
    private long pliCount;
    private long firCount;
    private int lastFirSequence = -1;

    /** Nobody has asked for any. */
    KeyframeFeedback(ReceiverReports reports) {
        this.reports = reports;
    }

    void setListener(RtpSender.@Nullable Listener newListener) {
        listener = newListener;
    }

    RtpSender.@Nullable Listener listener() {
        return listener;
    }

    /** The first packets of the stream, see {@link #onPictureLoss}. */
    StreamBeginning beginning() {
        return beginning;
    }

    /** A packet of video is to be sent. */
    void onPacket(long sequence, boolean keyframeStart, long nowNanos) {
        if (keyframeStart) {
            needed.onKeyframe();
        }
        beginning.onPacket(sequence, keyframeStart, nowNanos);
    }

    /** Nothing that follows is of use before a keyframe; it is asked for at once, or when the last one is some time ago. */
    void onFramesDropped(long nowNanos) {
        RtpSender.Listener present = listener;
        if (present == null) {
            return;
        }
        present.onFramesDropped(nowNanos);
        needed.onFramesDropped(nowNanos);
        askForNeeded(nowNanos);
    }

    /** Asks for the keyframe that is needed, if one is and it is time. */
    void askForNeeded(long nowNanos) {
        RtpSender.Listener present = listener;
        if (present != null && needed.ask(nowNanos)) {
            present.onKeyframeNeeded(nowNanos);
        }
    }

    /** A PLI came; whether to repeat the beginning of the stream rather than to {@link #request} another keyframe. */
    boolean onPictureLoss(long nowNanos) {
        pliCount++;
        return !reports.heard() && pliCount + firCount <= 1 && beginning.repeatable(nowNanos);
    }

    void onFullIntraRequest(int commandSequence, long nowNanos) {
        // Repeats of one command carry one number (RFC 5104 section 4.3.1.1).
        if (commandSequence == lastFirSequence) {
            return;
        }
        lastFirSequence = commandSequence;
        firCount++;
        request(nowNanos);
    }

    /** Passes the receiver's request on. */
    void request(long nowNanos) {
        RtpSender.Listener present = listener;
        if (present != null) {
            RoundTripTime roundTrip = reports.roundTripTime();
            present.onKeyframeRequest(roundTrip.known() ? roundTrip.smoothedNanos() : 0, nowNanos);
        }
    }

    long pliCount() {
        return pliCount;
    }

    long firCount() {
        return firCount;
    }
}
