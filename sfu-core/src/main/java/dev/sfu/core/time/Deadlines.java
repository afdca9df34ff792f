package dev.sfu.core.time;

/** Arithmetic on deadlines: monotonic nanoseconds at which a state machine wants to run. */
public final class Deadlines {
    /** No deadline. Later than every time; never add to it. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Nanoseconds in a millisecond. */
    public static final long MILLISECOND = 1_000_000L;

    /** Nanoseconds in a second. */
    public static final long SECOND = 1_000_000_000L;

    private Deadlines() {}

    /** The earlier of two deadlines. */
    public static long earlier(long a, long b) {
        return Math.min(a, b);
    }

    /** Whether {@code deadline} has come at {@code nowNanos}. */
    public static boolean due(long deadline, long nowNanos) {
        return deadline <= nowNanos;
    }
}
