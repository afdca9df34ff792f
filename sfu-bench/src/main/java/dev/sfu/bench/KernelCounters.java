package dev.sfu.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel has counted for the whole machine since it started.
 *
 * @param socketDrops datagrams that found their socket's receive buffer full, whose ever it was
 * @param backlogDrops packets that found the queue before the sockets full
 * @param coreBusyTicks time in which a processor was not idle, in steps of 10 ms, by processor
 */
record KernelCounters(long socketDrops, long backlogDrops, List<Long> coreBusyTicks) {
    private static final Path SNMP = Path.of("/proc/net/snmp");
    private static final Path SOFTNET = Path.of("/proc/net/softnet_stat");
    private static final Path STAT = Path.of("/proc/stat");

    KernelCounters {
        coreBusyTicks = List.copyOf(coreBusyTicks);
    }

    static KernelCounters now() throws IOException {
        return parse(Files.readAllLines(SNMP), Files.readAllLines(SOFTNET), Files.readAllLines(STAT));
    }

    static KernelCounters parse(List<String> snmp, List<String> softnet, List<String> stat) {
        return new KernelCounters(
                udp(snmp, "RcvbufErrors"),
                softnet.stream()
                        .mapToLong(line -> Long.parseLong(line.strip().split(" +", -1)[1], 16))
                        .sum(),
                stat.stream()
                        .filter(line -> line.matches("cpu\\d+ .*"))
                        .map(KernelCounters::busyTicks)
                        .toList());
    }

    /** One line has the names, the next one the numbers. */
    private static long udp(List<String> snmp, String name) {
        List<String[]> lines = snmp.stream()
                .filter(line -> line.startsWith("Udp: "))
                .map(line -> line.split(" ", -1))
                .toList();
        int column = List.of(lines.getFirst()).indexOf(name);
        return Long.parseLong(lines.get(1)[column]);
    }

    /** User, nice, system, idle, waiting for disks, interrupts, soft interrupts, stolen by the hypervisor. */
    private static long busyTicks(String line) {
        String[] ticks = line.split(" +", -1);
        long busy = 0;
        for (int column : new int[] {1, 2, 3, 6, 7, 8}) {
            busy += Long.parseLong(ticks[column]);
        }
        return busy;
    }

    /** How busy a processor was between an earlier moment and this one, in per cent. */
    double corePercent(KernelCounters before, int core, double seconds) {
        return core < coreBusyTicks.size() ? (coreBusyTicks.get(core) - before.coreBusyTicks.get(core)) / seconds : 0;
    }
}
