package dev.sfu.bench;

import dev.sfu.bench.load.Load;
import dev.sfu.bench.target.Pause;
import dev.sfu.bench.target.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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

    private static final Pattern DROPPED = Pattern.compile("sfu_packets_dropped_total\\{reason=\"(\\w+)\"}");
    private static final double MICROS = 1e3;
    private static final double MILLIS = 1e6;
    private static final double KIBIBYTES = 1 << 10;
    private static final double MEBIBYTES = 1 << 20;
    private static final double SECONDS = 1e9;
    private static final long MILLIS_PER_SECOND = 1_000;
    /** After joins, so that what is held for media is held. */
    private static final long MEDIA_MILLIS = 3_000;

    private final Target target;
    private final Load load;
    private final Times times;
    private final String recording;
    private final int loadCore;

    /** With a flight recording of what is measured, if {@code recording} names a file. */
    Measurement(Target target, Load load, Times times, String recording, int loadCore) {
        this.target = target;
        this.load = load;
        this.times = times;
        this.recording = recording;
        this.loadCore = loadCore;
    }

    /** Gives the server's compiler its time. */
    void warmUp(ServerHeap heap) throws IOException, InterruptedException {
        // Questions load classes that make the server compile its packet path anew: the first ones are asked, and paid
        // for, before the warm-up.
        target.metrics();
        heap.allocatedBytes();
        record("JFR.start", "name=bench", "settings=profile", "jdk.CPUTimeSample#enabled=true",
                "jdk.CPUTimeSample#throttle=2ms");
        Thread.sleep(times.warmupSeconds() * MILLIS_PER_SECOND);
    }

    /** What a packet costs while peers are connected; {@code idealRun} is the mean run that the traffic allows. */
    void forwarding(Result result, ServerHeap heap, double idealRun) throws IOException, InterruptedException {
        // What asks the server costs it time, so it is asked outside of what is measured.
        Map<String, Double> metricsBefore = target.metrics();
        long allocatedBefore = heap.allocatedBytes();
        load.clearLatencies();
        Moment before = Moment.now(target, load);
        Thread.sleep(times.measuredSeconds() * MILLIS_PER_SECOND);
        Moment after = Moment.now(target, load);
        long allocated = heap.allocatedBytes() - allocatedBefore;
        Map<String, Double> metricsAfter = target.metrics();
        record("JFR.stop", "name=bench", "filename=" + recording);
        costs(result, before, after);
        batching(result, metricsBefore, metricsAfter, idealRun);
        punctuality(result, metricsBefore, metricsAfter);
        if (heap.exists()) {
            result.put("alloc B/packet", (double) allocated / Math.max(1, after.packetsSince(before)));
            pauses(result, before, after);
        }
        result.put("RSS MiB", after.server().residentBytes() / MEBIBYTES);
        truth(result, before, after);
    }

    private void costs(Result result, Moment before, Moment after) {
        long packets = after.packetsSince(before);
        double seconds = after.secondsSince(before);
        result.put("packets/s", Math.round(packets / seconds))
                .put("kbit/s per viewer", Math.round((after.totals().bytes() - before.totals().bytes())
                        / seconds * 8 / 1_000 / Math.max(1, after.totals().connected())))
                .put("CPU ns/packet", Math.round(after.serverNanosSince(before) / Math.max(1, packets)))
                .put("server CPU %", after.serverPercentSince(before))
                .put("lost", after.lostSince(before))
                .put("RTX", after.totals().retransmissions() - before.totals().retransmissions())
                .put("p50 µs", load.latencyNanos(0.5) / MICROS)
                .put("p99 µs", load.latencyNanos(0.99) / MICROS)
                .put("p99.9 µs", load.latencyNanos(0.999) / MICROS)
                .put("max µs", load.latencyNanos(1) / MICROS)
                .put("samples", after.totals().samples() - before.totals().samples());
    }

    /** What says whether the run is worth anything: the load generator's part in it, and the machine's. */
    private void truth(Result result, Moment before, Moment after) {
        result.put("load CPU %", after.loadPercentSince(before))
                .put("load core %", after.corePercentSince(before, loadCore))
                .put("publisher late p99 µs", load.latenessNanos(0.99) / MICROS)
                .put("publisher skips", load.skips())
                .put("undecryptable", after.totals().decryptionFailures() - before.totals().decryptionFailures())
                .put("full sockets", after.kernel().socketDrops() - before.kernel().socketDrops())
                .put("full backlog", after.kernel().backlogDrops() - before.kernel().backlogDrops());
    }

    /**
     * Datagrams by system call, and what share of the run that the traffic allows RTP reaches; what is not RTP is taken to go
     * out one by one.
     */
    private static void batching(
            Result result, Map<String, Double> before, Map<String, Double> after, double idealRun) {
        double datagrams = difference("sfu_datagrams_sent_total", before, after);
        double writes = difference("sfu_writes_total", before, after);
        double others = datagrams - difference("sfu_rtp_packets_sent_total", before, after);
        if (writes > 0) {
            result.put("datagrams/write", datagrams / writes)
                    .put("run %", 100 * (datagrams - others) / Math.max(1, writes - others) / idealRun)
                    .put("refused GSO", Math.round(difference("sfu_segmentation_failures_total", before, after)))
                    .put("server drops", Math.round(difference("sfu_packets_dropped_total", before, after)))
                    .put("dropped because", reasons(before, after));
        }
    }

    /** How late the server's connections were woken, on average: pacers and reports. */
    private static void punctuality(Result result, Map<String, Double> before, Map<String, Double> after) {
        double deadlines = difference("sfu_deadlines_met_total", before, after);
        if (deadlines > 0) {
            double delayMicros = difference("sfu_deadline_delay_micros_total", before, after);
            result.put("deadlines late ms", delayMicros / 1000 / deadlines);
        }
    }

    /** What the server's drops were for, the most frequent first. */
    private static String reasons(Map<String, Double> before, Map<String, Double> after) {
        return after.keySet().stream()
                .map(DROPPED::matcher)
                .filter(Matcher::matches)
                .map(matcher -> Map.entry(matcher.group(1), Math.round(difference(matcher.group(), before, after))))
                .filter(reason -> reason.getValue() > 0)
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(reason -> reason.getKey() + " " + reason.getValue())
                .collect(Collectors.joining(", "));
    }

    private static double difference(String name, Map<String, Double> before, Map<String, Double> after) {
        return after.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0);
    }

    private void pauses(Result result, Moment before, Moment after) throws IOException {
        pauses(result, target.pauses(before.nanos(), after.nanos()), after.secondsSince(before));
    }

    /** Adds what there is to say of the pauses in so many seconds. */
    static void pauses(Result result, List<Pause> pauses, double seconds) {
        List<Long> collections =
                pauses.stream().filter(Pause::collects).map(Pause::nanos).sorted().toList();
        List<Long> others =
                pauses.stream().filter(pause -> !pause.collects()).map(Pause::nanos).sorted().toList();
        result.put("GC pauses", collections.size())
                .put("GC p99.9 ms", quantile(collections, 0.999) / MILLIS)
                .put("GC longest ms", quantile(collections, 1) / MILLIS)
                .put("GC ms/s", collections.stream().mapToLong(Long::longValue).sum() / MILLIS / seconds)
                .put("other pause longest ms", quantile(others, 1) / MILLIS);
    }

    /** The smallest of these, in ascending order, that this share of them does not exceed; 0 if there are none. */
    static long quantile(List<Long> ascending, double fraction) {
        int index = (int) Math.ceil(ascending.size() * fraction) - 1;
        return ascending.isEmpty() ? 0 : ascending.get(Math.max(0, index));
    }

    /** What joining costs, and what each of those who did holds: {@code joins} of them happen in {@code work}. */
    void joining(Result result, ServerHeap heap, int joins, Work work) throws IOException, InterruptedException {
        heap.collect();
        long liveBefore = heap.liveBytes();
        long allocatedBefore = heap.allocatedBytes();
        Moment before = Moment.now(target, load);
        work.run();
        Moment after = Moment.now(target, load);
        long allocated = heap.allocatedBytes() - allocatedBefore;
        double seconds = after.secondsSince(before);
        List<Long> connectNanos = load.connectNanos();
        result.put("seconds", seconds)
                .put("joins/s", joins / seconds)
                .put("joins per CPU second", joins / (after.serverNanosSince(before) / SECONDS))
                .put("connect p50 ms", quantile(connectNanos, 0.5) / MILLIS)
                .put("connect p99 ms", quantile(connectNanos, 0.99) / MILLIS)
                .put("connect max ms", quantile(connectNanos, 1) / MILLIS)
                .put("load CPU %", after.loadPercentSince(before));
        if (heap.exists()) {
            result.put("alloc KiB/join", allocated / KIBIBYTES / joins);
            pauses(result, before, after);
        }
        Thread.sleep(MEDIA_MILLIS);
        heap.collect();
        perConnection(result, heap, liveBefore, joins);
        long resident = ProcessUsage.of(target.serverPid()).residentBytes();
        result.put("RSS KiB/connection", (resident - before.server().residentBytes()) / KIBIBYTES / joins)
                .put("RSS MiB", resident / MEBIBYTES);
    }

    /** What each of {@code connections} holds of the heap, of which {@code liveBefore} was in use without them. */
    void perConnection(Result result, ServerHeap heap, long liveBefore, int connections) throws IOException {
        if (heap.exists()) {
            result.put("heap KiB/connection", (heap.liveBytes() - liveBefore) / KIBIBYTES / connections);
        }
    }

    private void record(String command, String... arguments) throws IOException, InterruptedException {
        if (recording.isEmpty()) {
            return;
        }
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(target.serverPid()),
                command));
        line.addAll(List.of(arguments));
        new ProcessBuilder(line).inheritIO().redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }
}
