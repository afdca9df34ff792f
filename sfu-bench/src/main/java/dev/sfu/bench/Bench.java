package dev.sfu.bench;

import dev.sfu.bench.janus.JanusTarget;
import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadLoop;
import dev.sfu.bench.target.SfuTarget;
import dev.sfu.bench.target.Target;
import dev.sfu.bench.trace.RecordedTraffic;
import dev.sfu.bench.trace.SyntheticTraces;
import dev.sfu.bench.trace.Trace;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The command line: runs one scenario against one server and prints a table row and the same as JSON. */
public final class Bench {
    private static final int UNIFORM_PAYLOAD_BYTES = 1_180;
    private static final String USAGE = """
            usage: scenario --key=value ...
              webinar             one publisher, viewers
              meeting             members that publish three simulcast layers and receive each other and themselves
              audio               three speakers, listeners
              joins               viewers join one publisher as fast as they can
              --peers=200         viewers, members (10) or listeners (500)
              --traffic=...       what is published: recorded browser traffic, by default vp8-720p (meeting: vp8-simulcast,
                                  audio: opus-speech), or made-up: frames, uniform, simulcast, voice
              --kbps=1500         of frames and uniform
              --target=sfu        the server: sfu, or janus where it is installed
              --seconds=20        measured
              --warmup=15         seconds before that
              --server-core=0     processor of the server
              --load-core=1       processor of the load generator
              --jvm="..."         JVM flags of the server instead of those of the run profile
              --server="..."      additional flags of the server
              --jfr=FILE          record the measured seconds with the JDK's flight recorder
            """;
    private static final int SPEAKERS = 3;

    private Bench() {}

    /** Exit status 1 when the run failed, 2 when the arguments cannot be used. */
    public static void main(String[] arguments) throws Exception {
        try {
            run(Options.parse(List.of(arguments)));
            System.exit(0);
        } catch (IllegalArgumentException refused) {
            System.err.println(refused.getMessage());
            System.err.print(USAGE);
            System.exit(2);
        } catch (IOException | IllegalStateException failed) {
            failed.printStackTrace();
            System.exit(1);
        }
    }

    private static void run(Options options) throws IOException, InterruptedException {
        String name = options.scenario();
        int peers = options.number("peers", defaultPeers(name));
        int publishers = name.equals("meeting") ? peers : name.equals("audio") ? SPEAKERS : 1;
        Trace trace = trace(options.text("traffic", defaultTraffic(name)), options.number("kbps", 1_500));
        Measurement.Times times =
                new Measurement.Times(options.number("warmup", 15), options.number("seconds", 20));
        String server = options.text("target", "sfu");
        int serverCore = options.number("server-core", 0);
        int loadCore = options.number("load-core", 1);
        List<String> jvmFlags = options.words("jvm");
        List<String> serverFlags = options.words("server");
        String recording = options.text("jfr", "");
        options.requireNoneLeft();
        pin(loadCore);
        try (Target target = start(server, serverCore, jvmFlags, serverFlags);
                LoadLoop loop = new LoadLoop()) {
            Scenario scenario = new Scenario(target, new Load(loop), trace, publishers, peers);
            Measurement measurement = new Measurement(target, loop, scenario.load(), times, recording);
            Result result = new Result()
                    .put("server", target.name())
                    .put("scenario", name + " " + publishers + "→" + peers)
                    .put("traffic", trace.name());
            scenario.publish();
            if (name.equals("joins")) {
                measurement.joining(result, peers, scenario::join);
            } else {
                scenario.join();
                measurement.forwarding(result);
            }
            System.out.println(result.head());
            System.out.println(result.row());
            System.out.println(result.json());
        }
    }

    private static Target start(String server, int core, List<String> jvmFlags, List<String> serverFlags)
            throws IOException, InterruptedException {
        return switch (server) {
            case "sfu" -> SfuTarget.start(core, jvmFlags, serverFlags);
            case "janus" -> JanusTarget.start(core);
            default -> throw new IllegalArgumentException("--target: " + server + " (expected: sfu or janus)");
        };
    }

    private static int defaultPeers(String scenario) {
        return switch (scenario) {
            case "webinar", "joins" -> 200;
            case "meeting" -> 10;
            case "audio" -> 500;
            default -> throw new IllegalArgumentException(
                    "scenario: " + scenario + " (expected: webinar, meeting, audio or joins)");
        };
    }

    private static Trace trace(String traffic, int kbps) throws IOException {
        return switch (traffic) {
            case "frames" -> SyntheticTraces.frames(kbps * 1_000);
            case "uniform" -> SyntheticTraces.uniform(kbps * 1_000, UNIFORM_PAYLOAD_BYTES);
            case "simulcast" -> SyntheticTraces.simulcast();
            case "voice" -> SyntheticTraces.voice();
            default -> recorded(traffic).load();
        };
    }

    private static RecordedTraffic recorded(String label) {
        return Arrays.stream(RecordedTraffic.values())
                .filter(recorded -> recorded.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--traffic: " + label + " (expected: frames, uniform, simulcast, voice or "
                                + Arrays.stream(RecordedTraffic.values()).map(RecordedTraffic::label).toList() + ")"));
    }

    private static String defaultTraffic(String scenario) {
        return switch (scenario) {
            case "meeting" -> "vp8-simulcast";
            case "audio" -> "opus-speech";
            default -> "vp8-720p";
        };
    }

    private static void pin(int core) throws IOException, InterruptedException {
        Process taskset = new ProcessBuilder(
                        "taskset", "-a", "-c", "-p", String.valueOf(core), String.valueOf(ProcessHandle.current().pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (taskset.waitFor() != 0) {
            throw new IOException("--load-core: " + core + " (expected: a processor that may be used)");
        }
    }
}
