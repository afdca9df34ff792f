package dev.sfu.bench.target;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time in which all threads of a Java server stood still, from the wish to stop them to the end.
 *
 * @param operation the JVM's name for what it did meanwhile
 * @param atNanos when it was logged, in the clock of {@link System#nanoTime}, which all processes share on Linux
 * @param nanos how long it took
 */
public record Pause(String operation, long atNanos, long nanos) {
    /** What the JVM has to be told: {@code -Xlog:safepoint} with this clock. */
    static final String LOG_FLAG = "-Xlog:safepoint:file=%s:tn:filecount=0";

    private static final Pattern LINE = Pattern.compile("\\[(\\d+)ns] Safepoint \"(\\w+)\".*? Total: +(\\d+) ns.*");
    private static final Pattern COLLECTION = Pattern.compile("(G1|Z[A-Z]|X[A-Z]|Shenandoah|Serial|Parallel|Gen).*");

    /** Reads a log; lines that say something else are skipped. */
    static List<Pause> read(List<String> lines) {
        List<Pause> pauses = new ArrayList<>();
        for (String line : lines) {
            Matcher match = LINE.matcher(line);
            if (match.matches()) {
                pauses.add(new Pause(match.group(2), Long.parseLong(match.group(1)), Long.parseLong(match.group(3))));
            }
        }
        return pauses;
    }

    /** Whether a collection was the reason. */
    public boolean collects() {
        return COLLECTION.matcher(operation).matches();
    }
}
