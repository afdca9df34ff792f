package dev.sfu.core.layers;

/**
 * Maps the numbers of a source, of packets or pictures, to numbers without the gaps that left-out ones would make.
 *
 * <p>What was left out on purpose takes no number. What is merely missing keeps its number free, because it may come late and
 * because the receiver has to see that something is lost. Numbers are remembered in a window behind the highest; nothing is
 * allocated until something is left out.
 */
public final class NumberMap {
    /** The source's number has none of its own: left out, from before the start, or out of the window. */
    public static final long NONE = -1;

    private static final short[] NO_SHORTS = new short[0];
    private static final long[] NO_BITS = new long[0];

    private final int window;
    private long first;
    private long highest;
    private long startOffset;
    /** Numbers left out since the start. */
    private long leftOut;
    /** From here on the arrays say what is what; before, nothing was left out. */
    private long rememberedFrom;
    /** Low 16 bits of {@link #leftOut} as it was at each of the latest numbers. */
    private short[] leftOutBefore = NO_SHORTS;
    private long[] isLeftOut = NO_BITS;

    /** Remembers {@code window} numbers, a power of two, at least 64. */
    public NumberMap(int window) {
        this.window = window;
    }

    /** Begins anew: {@code in} and what is above is mapped, {@code in} itself to {@code out}. */
    public void start(long in, long out) {
        first = in;
        highest = in - 1;
        startOffset = out - in;
        leftOut = 0;
        rememberedFrom = Long.MAX_VALUE;
    }

    /** The highest of the source's numbers that was placed or left out. */
    public long highest() {
        return highest;
    }

    /** The highest number that is taken or kept free. */
    public long lastOut() {
        return highest + startOffset - leftOut;
    }

    /** The number for {@code in}, or {@link #NONE}. Missing numbers below a new highest one keep theirs free. */
    public long place(long in) {
        if (in > highest) {
            remember(in, false);
            highest = in;
            return lastOut();
        }
        return find(in);
    }

    /** The number for {@code in} if it is not above {@link #highest()}, else {@link #NONE}. */
    public long find(long in) {
        if (in < first || in > highest) {
            return NONE;
        }
        if (in < rememberedFrom) {
            return in + startOffset;
        }
        if (highest - in >= window || left(in)) {
            return NONE;
        }
        long before = leftOut - ((leftOut - leftOutBefore[slot(in)]) & 0xFFFF);
        return in + startOffset - before;
    }

    /**
     * Leaves {@code in} out.
     *
     * @param gapToo whether what is missing between the highest so far and {@code in} is left out as well
     * @return false if it is not above the highest: if it is missing, its number stays free
     */
    public boolean leaveOut(long in, boolean gapToo) {
        if (in <= highest) {
            return false;
        }
        if (rememberedFrom == Long.MAX_VALUE) {
            beginToRemember();
        }
        remember(in, gapToo);
        leftOut += gapToo ? in - highest : 1;
        highest = in;
        setLeft(in, true);
        return true;
    }

    private void beginToRemember() {
        if (leftOutBefore.length == 0) {
            leftOutBefore = new short[window];
            isLeftOut = new long[window / Long.SIZE];
        }
        rememberedFrom = highest + 1;
    }

    /** Fills in what is above the highest so far, up to and with {@code in}. */
    private void remember(long in, boolean missingAreLeftOut) {
        if (rememberedFrom == Long.MAX_VALUE) {
            return;
        }
        for (long number = Math.max(highest + 1, in - window + 1); number <= in; number++) {
            leftOutBefore[slot(number)] = (short) leftOut;
            setLeft(number, missingAreLeftOut);
        }
    }

    private int slot(long in) {
        return (int) in & (window - 1);
    }

    private boolean left(long in) {
        return (isLeftOut[slot(in) >>> 6] >>> slot(in) & 1) != 0;
    }

    private void setLeft(long in, boolean value) {
        int word = slot(in) >>> 6;
        long bit = 1L << slot(in);
        isLeftOut[word] = value ? isLeftOut[word] | bit : isLeftOut[word] & ~bit;
    }
}
