package dev.sfu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the kernel has accounted to a process.
 *
 * @param cpuNanos user and system time, in steps of 10 ms; on loopback it includes delivery to the receiver's socket
 * @param residentBytes memory now
 */
record ProcessUsage(long cpuNanos, long residentBytes) {
    private static final long TICK_NANOS = 10_000_000;
    private static final int PAGE_BYTES = 4096;

    /** Of a process; all fields zero when it is gone. */
    static ProcessUsage of(long pid) throws IOException {
        Path directory = Path.of("/proc", String.valueOf(pid));
        if (!Files.exists(directory)) {
            return new ProcessUsage(0, 0);
        }
        String stat = Files.readString(directory.resolve("stat"));
        // The command's name comes first, in parentheses, and may have blanks.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        String[] pages = Files.readString(directory.resolve("statm")).split(" ", -1);
        return new ProcessUsage(ticks * TICK_NANOS, Long.parseLong(pages[1]) * PAGE_BYTES);
    }
}
