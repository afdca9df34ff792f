package dev.sfu.core.repair;

import dev.sfu.core.time.Deadlines;

/**
 * Turns the keyframe requests of many subscribers into few to the source of one stream.
 *
 * <p>A request is sent at once when the last one is long enough ago, else as soon as it is; it is repeated while no
 * keyframe comes, a bounded number of times. Requests close together are spread further apart, because a webinar whose
 * viewers come and go would otherwise make the source send nothing but keyframes.
 *
 * <p><b>Requests just after a keyframe.</b> There are two kinds, and treating them alike goes wrong either way. Someone
 * who <em>starts</em> to receive after a keyframe has passed did not get it and waits for another, so {@link #request}
 * always counts. A subscriber who was <em>receiving</em> when the keyframe passed, and whose PLI arrives less than its
 * round trip later, asked before it could have seen it: {@link #requestByFeedback} ignores that. Should the keyframe
 * have been lost on the way to it, the subscriber asks again later, and that is heard.
 */
public final class KeyframeRequester {
    /** Shortest time between two requests to the source. */
    public static final long MIN_INTERVAL_NANOS = 300 * Deadlines.MILLISECOND;

    /** What the shortest time grows to while requests follow each other closely. */
    public static final long MAX_INTERVAL_NANOS = 1200 * Deadlines.MILLISECOND;

    /** A source without requests for so long starts again with the shortest interval. */
    static final long CALM_NANOS = 3 * Deadlines.SECOND;

    /** Unanswered requests are repeated after this time and three round trips. */
    static final long ANSWER_NANOS = 700 * Deadlines.MILLISECOND;

    /** Requests for one keyframe, repetitions included, until somebody asks anew. */
    public static final int MAX_TRIES = 10;

    /** Time besides the round trip that a keyframe takes to be decoded and that a PLI in flight may lag. */
    static final long FEEDBACK_SLACK_NANOS = 50 * Deadlines.MILLISECOND;

    private static final long MAX_FEEDBACK_NANOS = 500 * Deadlines.MILLISECOND;

    private long rttNanos = 100 * Deadlines.MILLISECOND;
    private long intervalNanos = MIN_INTERVAL_NANOS;
    private long lastSentNanos;
    private boolean everSent;
    private long lastKeyframeNanos;
    private boolean everKeyframe;
    private boolean waiting;
    private long waitingSinceNanos;
    private int tries;
    private long deadlineNanos = Deadlines.NEVER;
    private int commandSequence;
    private long requestsReceived;
    private long requestsSent;

    /** Nobody waits. */
    public KeyframeRequester() {}

    /** The round trip to the source. */
    public void setRttNanos(long nanos) {
        rttNanos = Math.clamp(nanos, 0, Deadlines.SECOND);
    }

    /** Somebody needs a keyframe that starts from now on. */
    public void request(long nowNanos) {
        requestsReceived++;
        if (waiting && tries < MAX_TRIES) {
            return;
        }
        if (!waiting) {
            waiting = true;
            waitingSinceNanos = nowNanos;
        }
        tries = 0;
        deadlineNanos = everSent ? Math.max(nowNanos, lastSentNanos + intervalNanos) : nowNanos;
    }

    /**
     * A subscriber that has been receiving the stream since before its last keyframe sent PLI or FIR.
     *
     * @param subscriberRttNanos the round trip to that subscriber
     */
    public void requestByFeedback(long subscriberRttNanos, long nowNanos) {
        long deaf = Math.min(Math.max(0, subscriberRttNanos) + FEEDBACK_SLACK_NANOS, MAX_FEEDBACK_NANOS);
        if (everKeyframe && nowNanos - lastKeyframeNanos < deaf) {
            requestsReceived++;
            return;
        }
        request(nowNanos);
    }

    /** A keyframe of the stream starts: whoever waits has it. */
    public void onKeyframe(long nowNanos) {
        everKeyframe = true;
        lastKeyframeNanos = nowNanos;
        cancel();
    }

    /** Nobody waits any more, for instance because the last subscriber left. */
    public void cancel() {
        waiting = false;
        tries = 0;
        deadlineNanos = Deadlines.NEVER;
    }

    /** When {@link #onDeadline} should be called. */
    public long nextDeadlineNanos() {
        return deadlineNanos;
    }

    /** Whether a PLI, or a FIR with {@link #commandSequence()}, should be sent now. */
    public boolean onDeadline(long nowNanos) {
        if (deadlineNanos > nowNanos) {
            return false;
        }
        if (tries >= MAX_TRIES) {
            // Still waiting, but silent until somebody asks again.
            deadlineNanos = Deadlines.NEVER;
            return false;
        }
        boolean close = everSent && nowNanos - lastSentNanos < CALM_NANOS;
        intervalNanos = close ? Math.min(2 * intervalNanos, MAX_INTERVAL_NANOS) : MIN_INTERVAL_NANOS;
        everSent = true;
        lastSentNanos = nowNanos;
        tries++;
        requestsSent++;
        commandSequence = (commandSequence + 1) & 0xFF;
        deadlineNanos = nowNanos + Math.max(intervalNanos, ANSWER_NANOS + 3 * rttNanos);
        return true;
    }

    /** Whether somebody waits for a keyframe. */
    public boolean waiting() {
        return waiting;
    }

    /** How long somebody has waited, nanoseconds; 0 if nobody does. */
    public long waitedNanos(long nowNanos) {
        return waiting ? nowNanos - waitingSinceNanos : 0;
    }

    /**
     * Sequence number for the FIR to send (RFC 5104 section 4.3.1.1). New each time: a repetition here means that the
     * answer did not come through, and encoders ignore a number they have answered.
     */
    public int commandSequence() {
        return commandSequence;
    }

    /** Requests made, of both kinds. */
    public long requestsReceived() {
        return requestsReceived;
    }

    /** Requests sent to the source. */
    public long requestsSent() {
        return requestsSent;
    }
}
