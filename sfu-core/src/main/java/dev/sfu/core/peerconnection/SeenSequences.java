package dev.sfu.core.peerconnection;

import java.util.Arrays;

/**
 * Which of the latest packets of a stream have come, by itself or as retransmissions. None may be forwarded twice: its
 * outgoing sequence number would be encrypted twice, which gives the key stream away (RFC 3711 section 9.1).
 */
final class SeenSequences {
    /** How far behind the highest number a packet may be: as far as SRTP can tell, too. */
    static final int PACKETS = 1024;

    /** Bit {@code sequence mod PACKETS} is set if that number, within the window, was seen. */
    private final long[] seen = new long[PACKETS / Long.SIZE];
    private boolean started;
    private long highest;

    /** Whether a number is so far behind that nothing is known about it. */
    boolean tooOld(long sequence) {
        return started && highest - sequence >= PACKETS;
    }

    /**
     * Notes a packet.
     *
     * @param sequence unwrapped sequence number
     * @return whether it was neither seen before nor is {@linkplain #tooOld too old} to tell
     */
    boolean add(long sequence) {
        if (tooOld(sequence)) {
            return false;
        }
        if (!started || sequence > highest) {
            advance(sequence);
        }
        int word = (int) (sequence >>> 6) & (seen.length - 1);
        long bit = 1L << sequence;
        if ((seen[word] & bit) != 0) {
            return false;
        }
        seen[word] |= bit;
        return true;
    }

    private void advance(long sequence) {
        if (started && sequence - highest < PACKETS) {
            for (long skipped = highest + 1; skipped <= sequence; skipped++) {
                seen[(int) (skipped >>> 6) & (seen.length - 1)] &= ~(1L << skipped);
            }
        } else {
            Arrays.fill(seen, 0);
        }
        started = true;
        highest = sequence;
    }
}
