package dev.sfu.bench;

import dev.sfu.bench.target.ServerSpec;
import dev.sfu.bench.target.SfuTarget;
import dev.sfu.bench.trace.RecordedTraffic;
import dev.sfu.bench.trace.SyntheticTraces;
import dev.sfu.bench.trace.Trace;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The command line: runs one scenario against one server or several and prints table rows and the same as JSON. */
public final class Bench {
    private static final int UNIFORM_PAYLOAD_BYTES = 1_180;
    private static final int CAPACITY_PERCENT = 80;
    private static final String USAGE = """
            usage: scenario --key=value ...
              webinar             one publisher, viewers
              capacity            a webinar with as many viewers as make the server use 80 % of its processor
              meeting             members that publish three simulcast layers and receive each other and themselves
              audio               three speakers, listeners
              joins               viewers join one publisher as fast as they can
              --peers=200         viewers, members (10) or listeners (500)
              --rooms=1           of a meeting
              --cpu=60            lets viewers (meeting: rooms) in or out until the server uses so much of its processor
              --traffic=...       what is published: recorded browser traffic, by default vp8-720p (meeting: vp8-simulcast,
                                  audio: opus-speech), or made-up: frames, uniform, simulcast, voice
              --kbps=1500         of frames and uniform
              --target=sfu        the server: sfu, or janus where it is installed; sfu,janus compares the first with the rest.
                                  Settings of one server stand in brackets: sfu,sfu[--rtc.shards=2],sfu[jvm=-XX:+UseZGC],
                                  several with semicolons; name=... for the report, build=DIR runs another checkout's build
              --repeat=1          how often; several servers take turns, each time freshly started
              --join=whip         how peers come into sfu: whip (WHIP and WHEP) or ws (WebSocket)
              --seconds=20        measured
              --warmup=15         seconds before that; for joins, of others who join and leave
              --shards=1          of sfu, all on the one processor
              --server-core=0     processor of the server
              --load-core=1       processor of the load generator
              --delivery=server   who does the receiving half of the kernel's work: server, as loopback does, or load,
                                  much as with a network card (wants root)
              --jvm="..."         JVM flags of sfu instead of those of the run profile
              --server="..."      additional flags of sfu
              --jfr=FILE          record warm-up and measured seconds with the JDK's flight recorder
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
        Run.Crowd crowd = crowd(name, options);
        Trace trace = trace(options.text("traffic", defaultTraffic(name)), options.number("kbps", 1_500));
        Measurement.Times times =
                new Measurement.Times(options.number("warmup", 15), options.number("seconds", 20));
        List<ServerSpec> servers = servers(options);
        int repetitions = options.numberFrom("repeat", 1, 1);
        Run.Place place = new Run.Place(
                options.number("server-core", 0),
                options.number("load-core", 1),
                options.words("jvm"),
                options.choice("join", SfuTarget.Join.WHIP));
        boolean deliveryOnLoad = options.choice("delivery", DeliveredBy.SERVER) == DeliveredBy.LOAD;
        int cpuPercent = options.number("cpu", name.equals("capacity") ? CAPACITY_PERCENT : 0);
        Run run = new Run(name, crowd, trace, times, place, cpuPercent, options.text("jfr", ""));
        options.requireNoneLeft();
        if (!run.recording().isEmpty() && servers.size() * repetitions > 1) {
            throw new IllegalArgumentException("--jfr: with several runs (expected: one server, once)");
        }
        pin(place.loadCore());
        if (deliveryOnLoad) {
            try (Delivery _ = Delivery.on(place.loadCore())) {
                turns(run, servers, repetitions, "load's core");
            }
        } else {
            turns(run, servers, repetitions, "server's core");
        }
    }

    private enum DeliveredBy {
        SERVER,
        LOAD
    }

    private static void turns(Run run, List<ServerSpec> servers, int repetitions, String delivery)
            throws IOException, InterruptedException {
        Comparison comparison = new Comparison(servers.size());
        for (int i = 0; i < repetitions; i++) {
            // By turns, so that what else happens on the machine meets all of them.
            for (int server = 0; server < servers.size(); server++) {
                Result result = run.against(servers.get(server)).put("delivery on the", delivery);
                comparison.add(server, result);
                System.out.println(result.json());
            }
        }
        System.out.println(Result.table(comparison.rows()));
    }

    /** Flags for all servers of ours go under each one's own. */
    private static List<ServerSpec> servers(Options options) {
        Map<String, String> common = new LinkedHashMap<>();
        int shards = options.numberFrom("shards", 1, 1);
        common.put("--rtc.shards", String.valueOf(shards));
        for (String flag : options.words("server")) {
            String[] parts = flag.split("=", 2);
            common.put(parts[0], parts.length == 1 ? "true" : parts[1]);
        }
        return ServerSpec.parseAll(options.text("target", "sfu")).stream()
                .map(spec -> spec.over(List.of(), common))
                .toList();
    }

    private static Run.Crowd crowd(String scenario, Options options) {
        int peers = options.numberFrom("peers", 1, defaultPeers(scenario));
        return switch (scenario) {
            case "meeting" -> new Run.Crowd(peers, peers, options.numberFrom("rooms", 1, 1));
            case "audio" -> new Run.Crowd(SPEAKERS, peers, 1);
            default -> new Run.Crowd(1, peers, 1);
        };
    }

    private static int defaultPeers(String scenario) {
        return switch (scenario) {
            case "webinar", "capacity", "joins" -> 200;
            case "meeting" -> 10;
            case "audio" -> 500;
            default -> throw new IllegalArgumentException(
                    "scenario: " + scenario + " (expected: webinar, capacity, meeting, audio or joins)");
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
