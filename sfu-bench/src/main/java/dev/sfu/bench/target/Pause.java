package dev.sfu.bench.target;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time in which all threads of a Java server stood still: from the wish to stop them until the wish to let them go. Waking them is
 * not in it, although the JVM counts it: on the one processor of a server, those that have been woken run before the thread that
 * wakes the others, and what that one still has to do then delays nobody.
 *
 * @param operation the JVM's name for what it did meanwhile
 * @param atNanos when it was logged, in the clock of {@link System#nanoTime}, which all processes share on Linux
 * @param nanos how long it took
 */
public record Pause(String operation, long atNanos, long nanos) {
    /** What the JVM has to be told: {@code -Xlog:safepoint} with this clock. */
    static final String LOG_FLAG = "-Xlog:safepoint:file=%s:tn:filecount=0";

    private static final Pattern LINE = Pattern.compile("\\[(\\d+)ns] Safepoint \"(\\w+)\".*? Reaching safepoint: +(\\d+) ns,.*? At safepoint: +(\\d+) ns.*");
    private static final Pattern COLLECTION = Pattern.compile("(G1|Z[A-Z]|X[A-Z]|Shenandoah|Serial|Parallel|Gen).*");

    /** Reads a log; lines that say something else are skipped. */
    static List<Pause> read(List<String> lines) {
        List<Pause> pauses = new ArrayList<>();
        for (String line : lines) {
            Matcher match = LINE.matcher(line);
            if (match.matches()) {
                long nanos = Long.parseLong(match.group(3)) + Long.parseLong(match.group(4));
                pauses.add(new Pause(match.group(2), Long.parseLong(match.group(1)), nanos));
            }
        }
        return pauses;
    }

    /** Whether a collection was the reason. */
    public boolean collects() {
        return COLLECTION.matcher(operation).matches();
    }
}
