package dev.sfu.core.rtp;

/**
 * Turns 16-bit sequence numbers into 64-bit ones that do not wrap.
 *
 * <p>The first number stands for itself, 0 to 65535. Every later one is placed within 32768 of the highest seen so far:
 * at most 32767 above or 32768 below. Numbers before the first may therefore come out negative; the low 16 bits are
 * always the number on the wire.
 */
public final class SequenceUnwrapper {
    private boolean started;
    private long highest;

    /** The unwrapped number, which becomes the new highest if it is above. */
    public long unwrap(int sequenceNumber) {
        long unwrapped = peek(sequenceNumber);
        if (!started || unwrapped > highest) {
            started = true;
            highest = unwrapped;
        }
        return unwrapped;
    }

    /** What {@link #unwrap} would return, without remembering the number. */
    public long peek(int sequenceNumber) {
        int low = sequenceNumber & 0xFFFF;
        return started ? highest + (short) (low - (int) highest) : low;
    }

    /** Whether a number has been unwrapped since the start or the last {@link #reset}. */
    public boolean started() {
        return started;
    }

    /** The highest unwrapped number; 0 before the first. */
    public long highest() {
        return highest;
    }

    /** Forgets everything: the next number is the first. */
    public void reset() {
        started = false;
        highest = 0;
    }
}
