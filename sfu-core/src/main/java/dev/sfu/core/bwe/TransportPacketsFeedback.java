package dev.sfu.core.bwe;

import java.util.Arrays;

/**
 * What one feedback packet says, joined with what is known of the packets it is about. Reused; grows to the largest
 * feedback seen, which the history bounds.
 */
final class TransportPacketsFeedback {
    private static final int INITIAL_CAPACITY = 64;
    private static final int INDEX_BITS = 13;
    // Shifts that insertion may take on average per packet; real reordering is far below.
    private static final int MAX_SHIFTS_PER_PACKET = 16;
    private static final int MAX_LOST_PROBES = 64;

    private long[] sentNanos = new long[INITIAL_CAPACITY];
    private long[] arrivalNanos = new long[INITIAL_CAPACITY];
    private int[] bytes = new int[INITIAL_CAPACITY];
    private int[] probeClusters = new int[INITIAL_CAPACITY];
    private boolean[] audio = new boolean[INITIAL_CAPACITY];
    private long[] order = new long[INITIAL_CAPACITY];
    // Of the packets lost, those that belong to a probe.
    private final int[] lostProbeClusters = new int[MAX_LOST_PROBES];
    private final int[] lostProbeBytes = new int[MAX_LOST_PROBES];
    private int lostProbes;

    private int size;
    private long feedbackNanos;
    private int lost;
    private long lostBytes;
    private int recovered;
    private long recoveredBytes;
    private long receivedBytes;
    private long firstSentNanos;
    private long lastSentNanos;

    void clear(long nowNanos) {
        feedbackNanos = nowNanos;
        size = 0;
        lost = 0;
        lostBytes = 0;
        lostProbes = 0;
        recovered = 0;
        recoveredBytes = 0;
        receivedBytes = 0;
        firstSentNanos = Long.MAX_VALUE;
        lastSentNanos = Long.MIN_VALUE;
    }

    /**
     * An arrival.
     *
     * @param wasLost it had been reported as lost before
     */
    void addReceived(long sent, long arrival, int packetBytes, boolean isAudio, int probeCluster, boolean wasLost) {
        if (size == 1 << INDEX_BITS) {
            return;
        }
        if (size == sentNanos.length) {
            grow();
        }
        sentNanos[size] = sent;
        arrivalNanos[size] = arrival;
        bytes[size] = packetBytes;
        audio[size] = isAudio;
        probeClusters[size] = probeCluster;
        size++;
        receivedBytes += packetBytes;
        if (wasLost) {
            recovered++;
            recoveredBytes += packetBytes;
        }
        sent(sent);
    }

    /** A packet that had not arrived. */
    void addLost(long sent, int packetBytes, int probeCluster) {
        lost++;
        lostBytes += packetBytes;
        if (probeCluster != ProbeCluster.NONE && lostProbes < MAX_LOST_PROBES) {
            lostProbeClusters[lostProbes] = probeCluster;
            lostProbeBytes[lostProbes++] = packetBytes;
        }
        sent(sent);
    }

    private void sent(long nanos) {
        firstSentNanos = Math.min(firstSentNanos, nanos);
        lastSentNanos = Math.max(lastSentNanos, nanos);
    }

    private void grow() {
        int capacity = 2 * size;
        sentNanos = Arrays.copyOf(sentNanos, capacity);
        arrivalNanos = Arrays.copyOf(arrivalNanos, capacity);
        bytes = Arrays.copyOf(bytes, capacity);
        probeClusters = Arrays.copyOf(probeClusters, capacity);
        audio = Arrays.copyOf(audio, capacity);
        order = new long[capacity];
    }

    /** Puts the arrivals into the order of their times; ties keep the order of the sequence numbers. */
    void sort() {
        long base = size == 0 ? 0 : arrivalNanos[0];
        int budget = MAX_SHIFTS_PER_PACKET * size;
        for (int i = 0; i < size; i++) {
            // Arrivals of one feedback differ by days at most, so the shift keeps their order.
            long key = ((arrivalNanos[i] - base) << INDEX_BITS) | i;
            int at = i;
            while (at > 0 && order[at - 1] > key && budget > 0) {
                order[at] = order[at - 1];
                at--;
                budget--;
            }
            order[at] = key;
        }
        if (budget == 0) {
            Arrays.sort(order, 0, size);
        }
    }

    private int at(int rank) {
        return (int) order[rank] & ((1 << INDEX_BITS) - 1);
    }

    /** Packets that arrived. */
    int size() {
        return size;
    }

    /** When the packet of this rank by arrival was sent. */
    long sentNanos(int rank) {
        return sentNanos[at(rank)];
    }

    /** When it arrived, by the receiver's clock. */
    long arrivalNanos(int rank) {
        return arrivalNanos[at(rank)];
    }

    int bytes(int rank) {
        return bytes[at(rank)];
    }

    boolean audio(int rank) {
        return audio[at(rank)];
    }

    int probeCluster(int rank) {
        return probeClusters[at(rank)];
    }

    /** When the feedback came. */
    long feedbackNanos() {
        return feedbackNanos;
    }

    /** Packets reported as lost for the first time. */
    int lost() {
        return lost;
    }

    long lostBytes() {
        return lostBytes;
    }

    /** Packets of probes among those reported as lost. */
    int lostProbes() {
        return lostProbes;
    }

    /** Which probe one of them belongs to. */
    int lostProbeCluster(int index) {
        return lostProbeClusters[index];
    }

    int lostProbeBytes(int index) {
        return lostProbeBytes[index];
    }

    /** Packets among those that arrived which were reported as lost before. */
    int recovered() {
        return recovered;
    }

    long recoveredBytes() {
        return recoveredBytes;
    }

    long receivedBytes() {
        return receivedBytes;
    }

    boolean empty() {
        return size == 0 && lost == 0;
    }

    /** When the first of the packets was sent. */
    long firstSentNanos() {
        return firstSentNanos;
    }

    /** When the last of the packets was sent. */
    long lastSentNanos() {
        return lastSentNanos;
    }
}
