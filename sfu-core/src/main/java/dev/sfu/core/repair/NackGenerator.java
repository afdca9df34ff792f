package dev.sfu.core.repair;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/**
 * Which packets of one incoming stream to ask for again, and when (RFC 4585 section 6.2.1).
 *
 * <p>A gap is asked for once packets after it show that it is not mere reordering, then again every round trip until
 * the packet comes or is given up. What is given up, and gaps too large to repair, make a keyframe necessary, which
 * {@link #takeKeyframeNeeded()} tells; streams that have no keyframes ignore it.
 */
public final class NackGenerator {
    /** Packets that can be missing at once; with more than that a keyframe is cheaper. */
    public static final int MAX_MISSING = 512;

    /** Requests for one packet before it is given up. */
    public static final int MAX_TRIES = 10;

    /** How long a packet is asked for; a receiver has given up on its frame by then. */
    public static final long MAX_AGE_NANOS = 2 * Deadlines.SECOND;

    /** A jump ahead by more is another stream on the same SSRC or an outage, not loss to repair. */
    static final int MAX_JUMP = 1000;

    /** Waiting for reordered packets ends after this many packets beyond the one that revealed the gap... */
    static final int REORDERING_PACKETS = 2;

    /** ...or after this time, for streams with long pauses between packets. */
    static final long REORDERING_NANOS = 5 * Deadlines.MILLISECOND;

    /** Shortest time between two requests for a packet: below, jitter would make most of them needless. */
    static final long MIN_RETRY_NANOS = 20 * Deadlines.MILLISECOND;

    /** Round trip assumed before one is known. */
    static final long INITIAL_RTT_NANOS = 100 * Deadlines.MILLISECOND;

    // One entry for each missing packet, ascending. Entries never asked for are always the last ones.
    private long[] sequences = new long[16];
    private long[] revealedBy = new long[16];
    private long[] missingSinceNanos = new long[16];
    private long[] dueNanos = new long[16];
    private byte[] tries = new byte[16];
    private int size;

    private boolean started;
    private long highest;
    private long lastFarBehind = Long.MIN_VALUE;
    private long rttNanos = INITIAL_RTT_NANOS;
    private long deadlineNanos = Deadlines.NEVER;
    private boolean keyframeNeeded;
    private long requested;
    private long recovered;
    private long lost;

    /** Nothing received yet. */
    public NackGenerator() {}

    /** The round trip to the sender, which spaces repeated requests. */
    public void setRttNanos(long nanos) {
        rttNanos = Math.clamp(nanos, 0, Deadlines.SECOND);
    }

    /**
     * Takes note of a packet that came on the stream itself.
     *
     * @param sequence unwrapped sequence number
     * @return whether the packet was missing and has been asked for: a recovery
     */
    public boolean onPacket(long sequence, long nowNanos) {
        if (started && highest - sequence > MAX_JUMP) {
            // One stray packet is late; two in a row are a restarted stream (RFC 3550 appendix A.1).
            if (sequence == lastFarBehind + 1) {
                restart(sequence, nowNanos);
            } else {
                lastFarBehind = sequence;
            }
            return false;
        }
        return onRetransmission(sequence, nowNanos);
    }

    /**
     * Takes note of a packet that came on the RTX stream. Senders repeat old packets there to probe for bandwidth, so
     * an old one says nothing about a restart.
     *
     * @param sequence unwrapped sequence number on the primary stream
     * @return whether the packet was missing and has been asked for: a recovery
     */
    public boolean onRetransmission(long sequence, long nowNanos) {
        if (!started) {
            started = true;
            highest = sequence;
            return false;
        }
        if (sequence > highest) {
            advance(sequence, nowNanos);
            return false;
        }
        int index = Arrays.binarySearch(sequences, 0, size, sequence);
        if (index < 0) {
            return false;
        }
        boolean asked = tries[index] > 0;
        remove(index, 1);
        if (asked) {
            recovered++;
        }
        return asked;
    }

    /** A keyframe starts at this packet: whatever is missing before it does not matter any more. */
    public void onKeyframe(long sequence) {
        int count = 0;
        while (count < size && sequences[count] < sequence) {
            count++;
        }
        remove(0, count);
    }

    private void advance(long sequence, long nowNanos) {
        long gap = sequence - highest - 1;
        if (gap > MAX_JUMP) {
            restart(sequence, nowNanos);
            return;
        }
        if (gap > MAX_MISSING - size) {
            lost += gap + size;
            giveAllUp(nowNanos);
        } else if (gap > 0) {
            reserve(size + (int) gap);
            for (long missing = highest + 1; missing < sequence; missing++) {
                sequences[size] = missing;
                revealedBy[size] = sequence;
                missingSinceNanos[size] = nowNanos;
                dueNanos[size] = nowNanos + REORDERING_NANOS;
                tries[size++] = 0;
            }
            deadlineNanos = Math.min(deadlineNanos, nowNanos + REORDERING_NANOS);
        }
        highest = sequence;
        for (int i = size - 1; i >= 0 && tries[i] == 0 && dueNanos[i] > nowNanos; i--) {
            if (sequence - revealedBy[i] >= REORDERING_PACKETS) {
                dueNanos[i] = nowNanos;
                deadlineNanos = Math.min(deadlineNanos, nowNanos);
            }
        }
    }

    private void restart(long sequence, long nowNanos) {
        lost += size;
        giveAllUp(nowNanos);
        highest = sequence;
        lastFarBehind = Long.MIN_VALUE;
    }

    /** Due at once, though nothing is asked for: whoever serves the deadline has to learn that a keyframe is needed. */
    private void giveAllUp(long nowNanos) {
        size = 0;
        keyframeNeeded = true;
        deadlineNanos = nowNanos;
    }

    /** When {@link #drainDue} has something to do. May be early, never late. */
    public long nextDeadlineNanos() {
        return deadlineNanos;
    }

    /**
     * Gives up what is too old and takes the packets that should be asked for now, ascending.
     *
     * @param out filled from its start with 16-bit sequence numbers; what does not fit stays due
     * @return how many
     */
    public int drainDue(long nowNanos, int[] out) {
        if (deadlineNanos > nowNanos) {
            return 0;
        }
        giveUp(nowNanos);
        int count = 0;
        long next = Deadlines.NEVER;
        for (int i = 0; i < size; i++) {
            if (dueNanos[i] <= nowNanos && count < out.length) {
                out[count++] = (int) sequences[i] & 0xFFFF;
                tries[i]++;
                dueNanos[i] = Math.min(nowNanos + retryNanos(tries[i]), missingSinceNanos[i] + MAX_AGE_NANOS);
            }
            next = Math.min(next, dueNanos[i]);
        }
        deadlineNanos = next;
        requested += count;
        return count;
    }

    private void giveUp(long nowNanos) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            boolean tired = tries[i] >= MAX_TRIES && dueNanos[i] <= nowNanos;
            if (tired || nowNanos - missingSinceNanos[i] >= MAX_AGE_NANOS) {
                lost++;
                keyframeNeeded = true;
            } else {
                sequences[kept] = sequences[i];
                revealedBy[kept] = revealedBy[i];
                missingSinceNanos[kept] = missingSinceNanos[i];
                dueNanos[kept] = dueNanos[i];
                tries[kept++] = tries[i];
            }
        }
        size = kept;
    }

    // A quarter above the round trip, because an answer that is a little late must not be asked for twice; growing by a
    // quarter each time, so that on a short path the tries outlast a short outage.
    private long retryNanos(int triesSoFar) {
        long retry = Math.max(MIN_RETRY_NANOS, rttNanos + (rttNanos >> 2));
        for (int i = 1; i < triesSoFar; i++) {
            retry += retry >> 2;
        }
        return retry;
    }

    /** Whether loss that cannot be repaired has made a keyframe necessary since the last call. */
    public boolean takeKeyframeNeeded() {
        boolean needed = keyframeNeeded;
        keyframeNeeded = false;
        return needed;
    }

    /** Packets missing now. */
    public int missing() {
        return size;
    }

    /** Sequence numbers asked for, repetitions included. */
    public long requested() {
        return requested;
    }

    /** Packets that came after they had been asked for. */
    public long recovered() {
        return recovered;
    }

    /** Packets given up. */
    public long lost() {
        return lost;
    }

    private void reserve(int count) {
        if (count > sequences.length) {
            int capacity = Math.min(MAX_MISSING, Math.max(count, 2 * sequences.length));
            sequences = Arrays.copyOf(sequences, capacity);
            revealedBy = Arrays.copyOf(revealedBy, capacity);
            missingSinceNanos = Arrays.copyOf(missingSinceNanos, capacity);
            dueNanos = Arrays.copyOf(dueNanos, capacity);
            tries = Arrays.copyOf(tries, capacity);
        }
    }

    private void remove(int index, int count) {
        int from = index + count;
        int moved = size - from;
        System.arraycopy(sequences, from, sequences, index, moved);
        System.arraycopy(revealedBy, from, revealedBy, index, moved);
        System.arraycopy(missingSinceNanos, from, missingSinceNanos, index, moved);
        System.arraycopy(dueNanos, from, dueNanos, index, moved);
        System.arraycopy(tries, from, tries, index, moved);
        size -= count;
        if (size == 0) {
            deadlineNanos = Deadlines.NEVER;
        }
    }
}
