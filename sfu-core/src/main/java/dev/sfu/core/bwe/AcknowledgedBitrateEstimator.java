package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

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
            size = 0;
            discardedSentNanos = NEVER;
        }
        if (size == bytes.length) {
            grow();
        }
        int at = size++;
        while (at > 0 && arrivalNanos[index(at - 1)] > arrival) {
            copy(index(at - 1), index(at));
            at--;
        }
        int slot = index(at);
        arrivalNanos[slot] = arrival;
        sentNanos[slot] = sent;
        bytes[slot] = packetBytes;
        while (firstIsOutside()) {
            discardedSentNanos = Math.max(discardedSentNanos, sentNanos[first]);
            first = (first + 1) & (bytes.length - 1);
            size--;
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
        long largestGap = 0;
        long secondGap = 0;
        long received = 0;
        long sent = 0;
        int sentPackets = 0;
        long firstSent = Long.MAX_VALUE;
        long lastSent = Long.MIN_VALUE;
        int lastSentBytes = 0;
        long previous = arrivalNanos[first];
        for (int i = 0; i < size; i++) {
            int slot = index(i);
            long gap = arrivalNanos[slot] - previous;
            previous = arrivalNanos[slot];
            if (gap > largestGap) {
                secondGap = largestGap;
                largestGap = gap;
            } else if (gap > secondGap) {
                secondGap = gap;
            }
            received += bytes[slot];
            long sentAt = sentNanos[slot];
            if (sentAt < discardedSentNanos) {
                // Sent before something that has left the window: its sending would stretch the time too far.
                continue;
            }
            if (sentAt > lastSent) {
                lastSent = sentAt;
                lastSentBytes = bytes[slot];
            }
            firstSent = Math.min(firstSent, sentAt);
            sent += bytes[slot];
            sentPackets++;
        }
        // n packets span n - 1 intervals. On arrival a packet's own size is in the interval before it, so the first
        // does not count; on sending it is in the interval after it, so the last does not.
        received -= bytes[first];
        long arrivalSpan = previous - arrivalNanos[first] - largestGap + secondGap;
        long receivedBps = DataRate.bps(received, Math.max(arrivalSpan, MIN_DURATION_NANOS));
        if (sentPackets < REQUIRED_PACKETS) {
            return receivedBps;
        }
        long sentBps = DataRate.bps(sent - lastSentBytes, Math.max(lastSent - firstSent, MIN_DURATION_NANOS));
        return Math.min(sentBps, receivedBps);
    }

    /** Throughput, or {@link DataRate#UNKNOWN}. */
    long bitrateBps() {
        return bitrateBps;
    }

    void reset() {
        size = 0;
        discardedSentNanos = NEVER;
        bitrateBps = DataRate.UNKNOWN;
        Arrays.fill(bytes, 0);
    }
}
