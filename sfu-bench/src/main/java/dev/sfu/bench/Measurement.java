package dev.sfu.bench;

import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadLoop;
import dev.sfu.bench.load.LoadTotals;
import dev.sfu.bench.target.Target;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Takes the figures before and after and makes results of the differences. */
final class Measurement {
    /**
     * How long things take.
     *
     * @param warmupSeconds before anything is measured, for compilation
     * @param measuredSeconds what is measured
     */
    record Times(int warmupSeconds, int measuredSeconds) {}

    /** Something to be measured. */
    @FunctionalInterface
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    private record Moment(
            long nanos, ProcessUsage server, ProcessUsage load, LoadTotals totals, long loopBusyNanos) {}

    private static final double MICROS = 1e3;
    private static final double MEBIBYTES = 1 << 20;
    private static final double SECONDS = 1e9;
    private static final long MILLIS_PER_SECOND = 1_000;

    private final Target target;
    private final LoadLoop loop;
    private final Load load;
    private final Times times;
    private final String recording;

    /** With a flight recording of what is measured, if {@code recording} names a file. */
    Measurement(Target target, LoadLoop loop, Load load, Times times, String recording) {
        this.target = target;
        this.loop = loop;
        this.load = load;
        this.times = times;
        this.recording = recording;
    }

    private Moment moment() throws IOException {
        return new Moment(
                System.nanoTime(),
                ProcessUsage.of(target.serverPid()),
                ProcessUsage.of(ProcessHandle.current().pid()),
                load.totals(),
                loop.busyNanos());
    }

    /** What a packet costs while peers are connected. */
    void forwarding(Result result) throws IOException, InterruptedException {
        try (ServerHeap heap = ServerHeap.of(target.serverPid())) {
            // Questions load classes that make the server compile its packet path anew: the first ones are asked, and
            // paid for, before the warm-up.
            target.metrics();
            heap.allocatedBytes();
            heap.collectionMillis();
            record("JFR.start", "name=bench", "settings=profile", "jdk.CPUTimeSample#enabled=true",
                    "jdk.CPUTimeSample#throttle=2ms");
            Thread.sleep(times.warmupSeconds() * MILLIS_PER_SECOND);
            // What asks the server costs it time, so it is asked outside of what is measured.
            Map<String, Double> metricsBefore = target.metrics();
            long allocatedBefore = heap.allocatedBytes();
            long collectionBefore = heap.collectionMillis();
            load.clearLatencies();
            Moment before = moment();
            Thread.sleep(times.measuredSeconds() * MILLIS_PER_SECOND);
            Moment after = moment();
            long allocated = heap.allocatedBytes() - allocatedBefore;
            long collection = heap.collectionMillis() - collectionBefore;
            Map<String, Double> metricsAfter = target.metrics();
            record("JFR.stop", "name=bench", "filename=" + recording);
            long packets = after.totals().packets() - before.totals().packets();
            costs(result, before, after, packets);
            if (heap.exists()) {
                result.put("alloc B/packet", (double) allocated / Math.max(1, packets)).put("GC ms", collection);
            }
            batching(result, metricsBefore, metricsAfter);
        }
    }

    private void costs(Result result, Moment before, Moment after, long packets) {
        double seconds = (after.nanos() - before.nanos()) / SECONDS;
        double serverNanos = after.server().cpuNanos() - before.server().cpuNanos();
        double loadNanos = after.load().cpuNanos() - before.load().cpuNanos();
        result.put("packets/s", Math.round(packets / seconds))
                .put("CPU ns/packet", Math.round(serverNanos / Math.max(1, packets)))
                .put("server CPU %", 100 * serverNanos / SECONDS / seconds)
                .put("load CPU %", 100 * loadNanos / SECONDS / seconds)
                .put("lost", after.totals().lost() - before.totals().lost())
                .put("RTX", after.totals().retransmissions() - before.totals().retransmissions())
                .put("undecryptable", after.totals().decryptionFailures() - before.totals().decryptionFailures())
                .put("samples", after.totals().samples() - before.totals().samples())
                .put("p50 µs", load.latencyNanos(0.5) / MICROS)
                .put("p99 µs", load.latencyNanos(0.99) / MICROS)
                .put("p99.9 µs", load.latencyNanos(0.999) / MICROS)
                .put("max µs", load.latencyNanos(1) / MICROS)
                .put("RSS MiB", after.server().residentBytes() / MEBIBYTES);
        result.put("publisher skips", load.skips());
    }

    /** Datagrams by system call; all of them, RTCP and STUN included. */
    private static void batching(Result result, Map<String, Double> before, Map<String, Double> after) {
        double datagrams = difference("sfu_datagrams_sent_total", before, after);
        double writes = difference("sfu_writes_total", before, after);
        if (writes > 0) {
            result.put("datagrams/write", datagrams / writes)
                    .put("refused GSO", Math.round(difference("sfu_segmentation_failures_total", before, after)))
                    .put("server drops", Math.round(difference("sfu_packets_dropped_total", before, after)));
        }
    }

    private static double difference(String name, Map<String, Double> before, Map<String, Double> after) {
        return after.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0);
    }

    /** What joining costs: {@code joins} of them happen in {@code work}. */
    void joining(Result result, int joins, Work work) throws IOException, InterruptedException {
        Moment before = moment();
        work.run();
        Moment after = moment();
        double seconds = (after.nanos() - before.nanos()) / SECONDS;
        double serverSeconds = (after.server().cpuNanos() - before.server().cpuNanos()) / SECONDS;
        List<Long> connectNanos = load.connectNanos();
        result.put("seconds", seconds)
                .put("joins/s", joins / seconds)
                .put("joins per CPU second", joins / serverSeconds)
                .put("connect p50 ms", connectNanos.get(connectNanos.size() / 2) / 1e6)
                .put("connect max ms", connectNanos.getLast() / 1e6)
                .put("RSS MiB", after.server().residentBytes() / MEBIBYTES)
                .put("KiB per viewer",
                        (after.server().residentBytes() - before.server().residentBytes()) / 1024.0 / joins);
    }

    private void record(String command, String... arguments) throws IOException, InterruptedException {
        if (recording.isEmpty()) {
            return;
        }
        List<String> line = new java.util.ArrayList<>(List.of(
                java.nio.file.Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(target.serverPid()),
                command));
        line.addAll(List.of(arguments));
        new ProcessBuilder(line).inheritIO().redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }
}
