package dev.sfu.core.layers;

/**
 * A number of few bits that goes on over changes of the source: between two of them it differs from the source's by a constant, so
 * that what the source says by differences stays true. What is left out leaves a gap.
 */
public final class OffsetNumber {
    private final int mask;
    private int offset;
    private int last;
    private boolean known;
    private boolean placed;

    /** Nothing placed yet; numbers of {@code bits} bits, at most 16. */
    public OffsetNumber(int bits) {
        this.mask = (1 << bits) - 1;
    }

    /** Another source: its first number will follow the last one. */
    public void restart() {
        placed = false;
    }

    /** The number for the source's {@code in}; the very first is kept as it is. */
    public int place(int in) {
        if (!placed) {
            placed = true;
            offset = known ? last + 1 - in : 0;
        }
        int out = (in + offset) & mask;
        int ahead = (out - last) & mask;
        if (!known || (ahead != 0 && ahead <= mask >>> 1)) {
            last = out;
            known = true;
        }
        return out;
    }
}
