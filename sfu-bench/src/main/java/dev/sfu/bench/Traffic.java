package dev.sfu.bench;

import dev.sfu.bench.trace.RecordedTraffic;
import dev.sfu.bench.trace.SyntheticTraces;
import dev.sfu.bench.trace.Trace;
import dev.sfu.bench.trace.TraceStatistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The traffic that publishers send, by the names that the command line has for it. */
final class Traffic {
    private static final int UNIFORM_PAYLOAD_BYTES = 1_180;
    private static final int USUAL_KBPS = 1_500;
    private static final List<String> MADE_UP = List.of("frames", "uniform", "simulcast", "voice", "call");

    private Traffic() {}

    /** Made-up traffic, of which some has a wanted bit rate, or recorded. */
    static Trace of(String name, int kbps) throws IOException {
        return switch (name) {
            case "frames" -> SyntheticTraces.frames(kbps * 1_000);
            case "uniform" -> SyntheticTraces.uniform(kbps * 1_000, UNIFORM_PAYLOAD_BYTES);
            case "simulcast" -> SyntheticTraces.simulcast();
            case "voice" -> SyntheticTraces.voice();
            case "call" -> SyntheticTraces.call(kbps * 1_000);
            default -> recorded(name).load();
        };
    }

    private static RecordedTraffic recorded(String label) {
        return Arrays.stream(RecordedTraffic.values())
                .filter(recorded -> recorded.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--traffic: " + label + " (expected: of " + MADE_UP
                        + " and " + Arrays.stream(RecordedTraffic.values()).map(RecordedTraffic::label).toList() + ")"));
    }

    /** What a scenario's publishers send unless told otherwise. */
    static String usual(String scenario) {
        return switch (scenario) {
            case "meeting" -> "vp8-simulcast";
            case "audio" -> "opus-speech";
            case "churn" -> "call";
            default -> "vp8-720p";
        };
    }

    /** A row for each stream of all traffic: what runs of equal packets it allows. */
    static List<Result> statistics() throws IOException {
        List<String> names = new ArrayList<>(
                Arrays.stream(RecordedTraffic.values()).map(RecordedTraffic::label).toList());
        names.addAll(MADE_UP);
        List<Result> rows = new ArrayList<>();
        for (String name : names) {
            Trace trace = of(name, USUAL_KBPS);
            for (int stream = 0; stream < trace.streams().size(); stream++) {
                TraceStatistics statistics = TraceStatistics.of(trace, stream);
                String rid = trace.streams().get(stream).rid();
                rows.add(new Result()
                        .put("traffic", name)
                        .put("stream", rid == null ? trace.streams().get(stream).codec() : rid)
                        .put("kbit/s", Math.round(statistics.bitsPerSecond() / 1_000))
                        .put("packets/s", Math.round(statistics.packets() * 1e6 / trace.durationMicros()))
                        .put("bytes/packet", Math.round(statistics.payloadBytes()))
                        .put("packets/frame", statistics.packetsPerFrame())
                        .put("run, equal", statistics.equalRun())
                        .put("run, levelled by up to 3 bytes", statistics.levelledRun())
                        .put("frame within µs", statistics.frameSpreadMicros()));
            }
        }
        return rows;
    }
}
