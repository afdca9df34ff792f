package dev.sfu.core.srtp;

import java.util.Arrays;

/**
 * The highest authenticated packet index of one SSRC and which of the {@value #PACKETS} up to it have arrived (RFC 3711
 * section 3.3.2). Only authenticated packets may change it.
 */
final class ReplayWindow {
    /** How far behind the highest index a packet may be. */
    static final int PACKETS = 1024;

    private static final int HALF_CYCLE = 0x8000;
    private static final int SEQUENCE_BITS = 16;
    private static final int INDEX_BITS = 48;

    /** Bit {@code index mod PACKETS} is set if that index, within the window, was seen. */
    private final long[] seen = new long[PACKETS / Long.SIZE];
    private long highest;

    ReplayWindow(long firstIndex) {
        highest = firstIndex;
        mark(firstIndex);
    }

    /** The index that a sequence number most likely stands for (RFC 3711 section 3.3.1 and appendix A). */
    long estimate(int sequence) {
        int last = (int) highest & 0xFFFF;
        long rollover = highest >>> SEQUENCE_BITS;
        if (last < HALF_CYCLE) {
            // Before the first rollover there is no earlier cycle: a long gap then, not a late packet.
            if (sequence - last > HALF_CYCLE && rollover > 0) {
                rollover--;
            }
        } else if (last - HALF_CYCLE > sequence) {
            rollover++;
        }
        return (rollover << SEQUENCE_BITS) | sequence;
    }

    /** Whether a packet with this index is neither seen before nor too old to tell. */
    boolean isFresh(long index) {
        if (index > highest) {
            return index >>> INDEX_BITS == 0;
        }
        return highest - index < PACKETS && (seen[word(index)] & (1L << index)) == 0;
    }

    /** Notes a packet that is fresh and authenticated. */
    void accept(long index) {
        if (index > highest) {
            if (index - highest >= PACKETS) {
                Arrays.fill(seen, 0);
            } else {
                forget(highest + 1, index);
            }
            highest = index;
        }
        mark(index);
    }

    private void forget(long from, long to) {
        long index = from;
        while (index <= to) {
            int bit = (int) index & (Long.SIZE - 1);
            int count = (int) Math.min(Long.SIZE - bit, to - index + 1);
            seen[word(index)] &= ~((-1L >>> (Long.SIZE - count)) << bit);
            index += count;
        }
    }

    private void mark(long index) {
        seen[word(index)] |= 1L << index;
    }

    private static int word(long index) {
        return ((int) index >>> 6) & (PACKETS / Long.SIZE - 1);
    }
}
