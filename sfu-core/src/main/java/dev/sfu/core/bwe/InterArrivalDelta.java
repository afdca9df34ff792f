package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * Groups packets that were sent together and measures how much further apart one group arrived after the other than it
 * was sent.
 *
 * <p>Packets sent within 5 ms of a group's first belong to it. So does a burst: packets that queued somewhere and came
 * out together arrive closer than they were sent, and their spacing says nothing of the queue.
 */
final class InterArrivalDelta {
    static final long GROUP_NANOS = 5 * Deadlines.MILLISECOND;
    static final long BURST_ARRIVAL_NANOS = 5 * Deadlines.MILLISECOND;
    static final long MAX_BURST_NANOS = 100 * Deadlines.MILLISECOND;

    /** The receiver's clock has jumped when it gains so much on ours between groups. */
    static final long CLOCK_JUMP_NANOS = 3 * Deadlines.SECOND;

    /** So many groups in a row that arrive before their predecessors mean that the clock jumped back. */
    static final int MAX_REORDERED_GROUPS = 3;

    private boolean hasCurrent;
    private long firstSentNanos;
    private long lastSentNanos;
    private long firstArrivalNanos;
    private long lastArrivalNanos;
    private long lastSystemNanos;

    private boolean hasPrevious;
    private long previousSentNanos;
    private long previousArrivalNanos;
    private long previousSystemNanos;

    private int reorderedGroups;
    private long sendDeltaNanos;
    private long arrivalDeltaNanos;

    /**
     * Takes an arrival, in the order of arrival.
     *
     * @param systemNanos when the feedback came, by our clock
     * @return whether a group is complete and {@link #sendDeltaNanos()} and {@link #arrivalDeltaNanos()} are new
     */
    boolean onPacket(long sentNanos, long arrivalNanos, long systemNanos) {
        boolean measured = false;
        if (!hasCurrent) {
            begin(sentNanos, arrivalNanos);
        } else if (sentNanos < firstSentNanos) {
            // Overtaken by the group: it belongs to one that was measured already.
            return false;
        } else if (sentNanos - firstSentNanos > GROUP_NANOS && !inBurst(sentNanos, arrivalNanos)) {
            if (hasPrevious) {
                if (!measure()) {
                    return false;
                }
                measured = true;
            }
            previousSentNanos = lastSentNanos;
            previousArrivalNanos = lastArrivalNanos;
            previousSystemNanos = lastSystemNanos;
            hasPrevious = true;
            begin(sentNanos, arrivalNanos);
        } else {
            lastSentNanos = Math.max(lastSentNanos, sentNanos);
        }
        lastArrivalNanos = arrivalNanos;
        lastSystemNanos = systemNanos;
        return measured;
    }

    private void begin(long sentNanos, long arrivalNanos) {
        hasCurrent = true;
        firstSentNanos = sentNanos;
        lastSentNanos = sentNanos;
        firstArrivalNanos = arrivalNanos;
    }

    private boolean inBurst(long sentNanos, long arrivalNanos) {
        long sent = sentNanos - lastSentNanos;
        long arrived = arrivalNanos - lastArrivalNanos;
        return sent == 0
                || (arrived < sent
                        && arrived <= BURST_ARRIVAL_NANOS
                        && arrivalNanos - firstArrivalNanos < MAX_BURST_NANOS);
    }

    private boolean measure() {
        sendDeltaNanos = lastSentNanos - previousSentNanos;
        arrivalDeltaNanos = lastArrivalNanos - previousArrivalNanos;
        if (arrivalDeltaNanos - (lastSystemNanos - previousSystemNanos) >= CLOCK_JUMP_NANOS) {
            reset();
            return false;
        }
        if (arrivalDeltaNanos < 0) {
            if (++reorderedGroups >= MAX_REORDERED_GROUPS) {
                reset();
            }
            return false;
        }
        reorderedGroups = 0;
        return true;
    }

    /** Between the last packets of the last two complete groups, by our clock. */
    long sendDeltaNanos() {
        return sendDeltaNanos;
    }

    /** The same by the receiver's clock; not negative. */
    long arrivalDeltaNanos() {
        return arrivalDeltaNanos;
    }

    /** Forgets both groups. */
    void reset() {
        hasCurrent = false;
        hasPrevious = false;
        reorderedGroups = 0;
    }
}
