package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/**
 * The packets sent lately on one connection, keyed by unwrapped transport-wide sequence number, and how many of their
 * bytes are in flight.
 *
 * <p>A ring of flat arrays that starts small and doubles while a packet that is still in flight would be overwritten.
 * In flight is what was sent after the newest packet of which the receiver has said anything.
 */
final class SentPacketHistory {
    /** {@link #find}: never sent, or sent too long ago. */
    static final int NOT_FOUND = -1;

    static final int MAX_CAPACITY = 8192;

    /** Overwritten after this time even if nothing was heard, so that a silent receiver costs no memory. */
    static final long MAX_AGE_NANOS = 3 * Deadlines.SECOND;

    private static final int INITIAL_CAPACITY = 128;

    private static final byte EMPTY = 0;
    private static final byte SENT = 1;
    private static final byte LOST = 2;
    private static final byte RECEIVED = 3;

    private long[] sequences;
    private long[] sentNanos;
    private int[] bytes;
    private int[] probeClusters;
    private byte[] states;
    private boolean[] audio;

    private boolean started;
    private long highest;
    private long newestReported;
    private long inFlightBytes;
    private long expired;

    SentPacketHistory() {
        allocate(INITIAL_CAPACITY);
    }

    private void allocate(int capacity) {
        sequences = new long[capacity];
        sentNanos = new long[capacity];
        bytes = new int[capacity];
        probeClusters = new int[capacity];
        states = new byte[capacity];
        audio = new boolean[capacity];
    }

    /**
     * Remembers a packet.
     *
     * @param sequence unwrapped, not negative, higher than that of every packet before
     * @return false, with nothing remembered, if the sequence does not rise
     */
    boolean add(long sequence, int packetBytes, boolean isAudio, int probeCluster, long nowNanos) {
        if (started && sequence <= highest) {
            return false;
        }
        if (!started) {
            started = true;
            newestReported = sequence - 1;
            highest = sequence - 1;
        }
        for (long skipped = Math.max(highest + 1, sequence - states.length); skipped < sequence; skipped++) {
            evict(slot(skipped));
        }
        int slot = slot(sequence);
        while (states.length < MAX_CAPACITY && inFlight(slot) && nowNanos - sentNanos[slot] < MAX_AGE_NANOS) {
            grow();
            slot = slot(sequence);
        }
        evict(slot);
        sequences[slot] = sequence;
        sentNanos[slot] = nowNanos;
        bytes[slot] = packetBytes;
        probeClusters[slot] = probeCluster;
        audio[slot] = isAudio;
        states[slot] = SENT;
        inFlightBytes += packetBytes;
        highest = sequence;
        return true;
    }

    private int slot(long sequence) {
        return (int) sequence & (states.length - 1);
    }

    private boolean inFlight(int slot) {
        return states[slot] == SENT && sequences[slot] > newestReported;
    }

    private void evict(int slot) {
        if (inFlight(slot)) {
            inFlightBytes -= bytes[slot];
            expired++;
        }
        states[slot] = EMPTY;
    }

    private void grow() {
        long[] oldSequences = sequences;
        long[] oldSent = sentNanos;
        int[] oldBytes = bytes;
        int[] oldClusters = probeClusters;
        byte[] oldStates = states;
        boolean[] oldAudio = audio;
        allocate(2 * oldStates.length);
        for (int old = 0; old < oldStates.length; old++) {
            if (oldStates[old] != EMPTY) {
                int slot = slot(oldSequences[old]);
                sequences[slot] = oldSequences[old];
                sentNanos[slot] = oldSent[old];
                bytes[slot] = oldBytes[old];
                probeClusters[slot] = oldClusters[old];
                states[slot] = oldStates[old];
                audio[slot] = oldAudio[old];
            }
        }
    }

    /**
     * Unwraps a number that the receiver reports: at most the highest sent, so that what was never sent comes out as
     * something too old.
     */
    long unwrap(int sequenceNumber) {
        return highest - (((int) highest - sequenceNumber) & 0xFFFF);
    }

    /** The slot of a packet for the accessors, valid until the next {@link #add}; or {@link #NOT_FOUND}. */
    int find(long sequence) {
        int slot = slot(sequence);
        return started && states[slot] != EMPTY && sequences[slot] == sequence ? slot : NOT_FOUND;
    }

    /** The receiver has said something of this packet: it and all before are no longer in flight. */
    void onReported(long sequence) {
        if (!started || sequence <= newestReported || sequence > highest) {
            return;
        }
        for (long s = Math.max(newestReported + 1, lowest()); s <= sequence; s++) {
            int slot = slot(s);
            if (sequences[slot] == s && states[slot] == SENT) {
                inFlightBytes -= bytes[slot];
            }
        }
        newestReported = sequence;
    }

    /** Marks as arrived; false if it was already. */
    boolean markReceived(int slot) {
        boolean first = states[slot] != RECEIVED;
        states[slot] = RECEIVED;
        return first;
    }

    /** Marks as lost; false if it was already or has arrived. */
    boolean markLost(int slot) {
        boolean first = states[slot] == SENT;
        if (first) {
            states[slot] = LOST;
        }
        return first;
    }

    boolean lost(int slot) {
        return states[slot] == LOST;
    }

    long sentNanos(int slot) {
        return sentNanos[slot];
    }

    int bytes(int slot) {
        return bytes[slot];
    }

    int probeCluster(int slot) {
        return probeClusters[slot];
    }

    boolean audio(int slot) {
        return audio[slot];
    }

    boolean started() {
        return started;
    }

    /** Highest sequence sent. */
    long highest() {
        return highest;
    }

    /** The lowest sequence that could still be found. */
    long lowest() {
        return highest - states.length + 1;
    }

    long inFlightBytes() {
        return inFlightBytes;
    }

    /** Packets overwritten before anything was heard of them. */
    long expired() {
        return expired;
    }

    int capacity() {
        return states.length;
    }

    /** Another path: what is in flight on the former says nothing about it. */
    void reset() {
        Arrays.fill(states, EMPTY);
        newestReported = highest;
        inFlightBytes = 0;
    }
}
