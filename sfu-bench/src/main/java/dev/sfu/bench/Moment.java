package dev.sfu.bench;

import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadTotals;
import dev.sfu.bench.target.Target;
import java.io.IOException;

/**
 * All that is counted without asking the server, at one time.
 *
 * @param nanos in the clock of {@link System#nanoTime}
 * @param server what the server's process has used
 * @param load what this process has used
 * @param totals what viewers have seen
 * @param kernel what the machine's kernel has counted
 */
record Moment(long nanos, ProcessUsage server, ProcessUsage load, LoadTotals totals, KernelCounters kernel) {
    private static final double SECONDS = 1e9;
    private static final int PERCENT = 100;

    static Moment now(Target target, Load load) throws IOException {
        return new Moment(
                System.nanoTime(),
                ProcessUsage.of(target.serverPid()),
                ProcessUsage.of(ProcessHandle.current().pid()),
                load.totals(),
                KernelCounters.now());
    }

    double secondsSince(Moment before) {
        return (nanos - before.nanos) / SECONDS;
    }

    long packetsSince(Moment before) {
        return totals.packets() - before.totals.packets();
    }

    long lostSince(Moment before) {
        return totals.lost() - before.totals.lost();
    }

    /** CPU time of the server's process by elapsed time: of one processor, as it has no more. */
    double serverPercentSince(Moment before) {
        return PERCENT * serverNanosSince(before) / SECONDS / secondsSince(before);
    }

    double loadPercentSince(Moment before) {
        return PERCENT * (load.cpuNanos() - before.load.cpuNanos()) / SECONDS / secondsSince(before);
    }

    double serverNanosSince(Moment before) {
        return server.cpuNanos() - before.server.cpuNanos();
    }

    /** How busy a processor was with whatever, in per cent. */
    double corePercentSince(Moment before, int core) {
        return kernel.corePercent(before.kernel, core, secondsSince(before));
    }
}
