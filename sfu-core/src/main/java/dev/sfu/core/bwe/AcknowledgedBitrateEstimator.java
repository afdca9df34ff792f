package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * The throughput that the receiver acknowledges: bytes over time in a window of recent packets, robust against a pause
 * of the network followed by a burst, and never above the rate at which the packets were sent.
 *
 * <p>The window is the shortest that has 20 packets and a second, at most 500 packets or five seconds.
 */
final class AcknowledgedBitrateEstimator {
    static final int WINDOW_PACKETS = 20;
    static final int MAX_WINDOW_PACKETS = 500;
    static final int REQUIRED_PACKETS = 10;
    static final long WINDOW_NANOS = Deadlines.SECOND;
    static final long MAX_WINDOW_NANOS = 5 * Deadlines.SECOND;

    private static final long MAX_REORDERING_NANOS = Deadlines.SECOND;
    private static final long MIN_DURATION_NANOS = Deadlines.MILLISECOND;
    private static final int INITIAL_CAPACITY = 64;
    private static final long NEVER = Long.MIN_VALUE;

    // A ring, by arrival.
    private long[] arrivalNanos = new long[INITIAL_CAPACITY];
    private long[] sentNanos = new long[INITIAL_CAPACITY];
    private int[] bytes = new int[INITIAL_CAPACITY];
    private int first;
    private int size;
    // Kept up as packets come and leave, since walking the window for each feedback costs more than all else here.
    private long windowBytes;
    /** Neighbours by arrival that were sent the other way round. */
    private int inversions;

    private boolean gapsKnown;
    private long largestGapNanos;
    private long secondGapNanos;

    private long discardedSentNanos = NEVER;
    private long bitrateBps = DataRate.UNKNOWN;

    /** Takes the arrivals of one feedback. */
    void onFeedback(TransportPacketsFeedback feedback) {
        for (int i = 0; i < feedback.size(); i++) {
            add(feedback.sentNanos(i), feedback.arrivalNanos(i), feedback.bytes(i));
        }
        if (feedback.size() > 0) {
            bitrateBps = measure();
        }
    }

    private void add(long sent, long arrival, int packetBytes) {
        if (size > 0 && arrivalNanos[index(size - 1)] - arrival > MAX_REORDERING_NANOS) {
            // The receiver's clock jumped.
            empty();
        }
        if (size == bytes.length) {
            grow();
        }
        insert(sent, arrival, packetBytes);
        while (firstIsOutside()) {
            removeFirst();
        }
    }

    private void insert(long sent, long arrival, int packetBytes) {
        int rank = size++;
        while (rank > 0 && arrivalNanos[index(rank - 1)] > arrival) {
            copy(index(rank - 1), index(rank));
            rank--;
        }
        int slot = index(rank);
        arrivalNanos[slot] = arrival;
        sentNanos[slot] = sent;
        bytes[slot] = packetBytes;
        windowBytes += packetBytes;
        boolean last = rank == size - 1;
        if (rank > 0 && !last) {
            // These two were neighbours before.
            inversions -= sentNanos[index(rank + 1)] < sentNanos[index(rank - 1)] ? 1 : 0;
        }
        if (rank > 0) {
            inversions += inversionAfter(rank - 1);
        }
        if (!last) {
            inversions += inversionAfter(rank);
            gapsKnown = false;
        } else if (gapsKnown && rank > 0) {
            onGap(gapAfter(rank - 1));
        }
    }

    private void removeFirst() {
        discardedSentNanos = Math.max(discardedSentNanos, sentNanos[first]);
        windowBytes -= bytes[first];
        if (size > 1) {
            inversions -= inversionAfter(0);
            gapsKnown &= gapAfter(0) < secondGapNanos;
        }
        first = index(1);
        size--;
    }

    private int inversionAfter(int rank) {
        return sentNanos[index(rank + 1)] < sentNanos[index(rank)] ? 1 : 0;
    }

    private long gapAfter(int rank) {
        return arrivalNanos[index(rank + 1)] - arrivalNanos[index(rank)];
    }

    private void onGap(long gapNanos) {
        if (gapNanos > largestGapNanos) {
            secondGapNanos = largestGapNanos;
            largestGapNanos = gapNanos;
        } else if (gapNanos > secondGapNanos) {
            secondGapNanos = gapNanos;
        }
    }

    private boolean firstIsOutside() {
        long duration = arrivalNanos[index(size - 1)] - arrivalNanos[first];
        return size > MAX_WINDOW_PACKETS
                || (size > 1 && duration > MAX_WINDOW_NANOS)
                || (size > WINDOW_PACKETS && duration > WINDOW_NANOS);
    }

    private int index(int rank) {
        return (first + rank) & (bytes.length - 1);
    }

    private void copy(int from, int to) {
        arrivalNanos[to] = arrivalNanos[from];
        sentNanos[to] = sentNanos[from];
        bytes[to] = bytes[from];
    }

    private void grow() {
        int capacity = 2 * size;
        long[] newArrival = new long[capacity];
        long[] newSent = new long[capacity];
        int[] newBytes = new int[capacity];
        for (int i = 0; i < size; i++) {
            int from = index(i);
            newArrival[i] = arrivalNanos[from];
            newSent[i] = sentNanos[from];
            newBytes[i] = bytes[from];
        }
        arrivalNanos = newArrival;
        sentNanos = newSent;
        bytes = newBytes;
        first = 0;
    }

    private long measure() {
        if (size < REQUIRED_PACKETS) {
            return DataRate.UNKNOWN;
        }
        long receivedBps = receivedBps();
        // A packet sent before something that has left the window would stretch the time of sending too far.
        boolean asSent = inversions == 0 && sentNanos[first] >= discardedSentNanos;
        long sentBps = asSent ? sentBps(windowBytes, sentNanos[first], size - 1) : sentBpsOfReordered(receivedBps);
        return Math.min(sentBps, receivedBps);
    }

    /**
     * n packets span n - 1 intervals. On arrival a packet's own size is in the interval before it, so the first does not
     * count. The longest interval counts as the second longest, since the network may have paused.
     */
    private long receivedBps() {
        if (!gapsKnown) {
            largestGapNanos = 0;
            secondGapNanos = 0;
            for (int rank = 0; rank < size - 1; rank++) {
                onGap(gapAfter(rank));
            }
            gapsKnown = true;
        }
        long span = arrivalNanos[index(size - 1)] - arrivalNanos[first] - largestGapNanos + secondGapNanos;
        return DataRate.bps(windowBytes - bytes[first], Math.max(span, MIN_DURATION_NANOS));
    }

    private long sentBpsOfReordered(long tooFew) {
        long sentBytes = 0;
        int sentPackets = 0;
        long firstSent = Long.MAX_VALUE;
        int last = 0;
        for (int rank = 0; rank < size; rank++) {
            int slot = index(rank);
            long sentAt = sentNanos[slot];
            if (sentAt < discardedSentNanos) {
                continue;
            }
            if (sentPackets == 0 || sentAt >= sentNanos[index(last)]) {
                last = rank;
            }
            firstSent = Math.min(firstSent, sentAt);
            sentBytes += bytes[slot];
            sentPackets++;
        }
        return sentPackets < REQUIRED_PACKETS ? tooFew : sentBps(sentBytes, firstSent, last);
    }

    /** On sending a packet's own size is in the interval after it, so the last that was sent does not count. */
    private long sentBps(long sentBytes, long firstSentNanos, int lastSent) {
        int slot = index(lastSent);
        return DataRate.bps(sentBytes - bytes[slot], Math.max(sentNanos[slot] - firstSentNanos, MIN_DURATION_NANOS));
    }

    /** Throughput, or {@link DataRate#UNKNOWN}. */
    long bitrateBps() {
        return bitrateBps;
    }

    void reset() {
        empty();
        bitrateBps = DataRate.UNKNOWN;
    }

    private void empty() {
        size = 0;
        windowBytes = 0;
        inversions = 0;
        gapsKnown = false;
        discardedSentNanos = NEVER;
    }
}
