package dev.sfu.core.rtp;

/**
 * Turns 32-bit RTP timestamps, in ticks, into 64-bit ones that do not wrap.
 *
 * <p>The first timestamp stands for itself. Every later one is placed within 2^31 ticks of the highest seen so far, so
 * that timestamps before the first may come out negative; the low 32 bits are always the timestamp on the wire.
 */
public final class TimestampUnwrapper {
    private boolean started;
    private long highestTicks;

    /** The unwrapped timestamp, which becomes the new highest if it is above. */
    public long unwrap(long timestampTicks) {
        long unwrapped = peek(timestampTicks);
        if (!started || unwrapped > highestTicks) {
            started = true;
            highestTicks = unwrapped;
        }
        return unwrapped;
    }

    /** What {@link #unwrap} would return, without remembering the timestamp. */
    public long peek(long timestampTicks) {
        return started ? highestTicks + (int) (timestampTicks - highestTicks) : timestampTicks & 0xFFFF_FFFFL;
    }

    /** Whether a timestamp has been unwrapped since the start or the last {@link #reset}. */
    public boolean started() {
        return started;
    }

    /** The highest unwrapped timestamp in ticks; 0 before the first. */
    public long highestTicks() {
        return highestTicks;
    }

    /** Forgets everything: the next timestamp is the first. */
    public void reset() {
        started = false;
        highestTicks = 0;
    }
}
