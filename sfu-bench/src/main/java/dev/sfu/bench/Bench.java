package dev.sfu.bench;

import dev.sfu.bench.target.ServerSpec;
import dev.sfu.bench.target.SfuTarget;
import dev.sfu.bench.trace.Trace;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The command line: runs one scenario against one server or several and prints table rows and the same as JSON. */
public final class Bench {
    private static final int CAPACITY_PERCENT = 80;
    private static final String USAGE = """
            usage: scenario --key=value ...
              webinar             one publisher, viewers
              capacity            a webinar with as many viewers as make the server use 80 % of its processor
              meeting             members that publish three simulcast layers and receive each other and themselves
              audio               three speakers, listeners
              joins               viewers join one publisher as fast as they can
              churn               members and viewers of several rooms come, go, vanish, mute and offer again, as often as makes
                                  the server use 50 % of its processor; nothing may be left of them when all have gone
              soak                webinar, meeting or audio (--of=...) for some minutes; nothing may grow
              micro               JMH benchmarks of single steps (--only=REGEX, --forks=1, --iterations=3); starts no server
              traces              what runs each traffic allows; starts no server
              --peers=200         viewers, members (10; churn: 4 and as many viewers) or listeners (500)
              --rooms=1           of a meeting; churn: 6
              --cpu=60            lets viewers (meeting: rooms) in or out until the server uses so much of its processor
              --traffic=...       what is published: recorded browser traffic, by default vp8-720p (meeting: vp8-simulcast,
                                  audio: opus-speech), or made-up: frames, uniform, simulcast, voice, call
              --kbps=1500         of frames, uniform and call (churn: 300)
              --target=sfu        the server: sfu, or janus where it is installed; sfu,janus compares the first with the rest.
                                  Settings of one server stand in brackets: sfu,sfu[--rtc.shards=2],sfu[jvm=-XX:+UseZGC],
                                  several with semicolons; name=... for the report, build=DIR runs another checkout's build
              --repeat=1          how often; several servers take turns, each time freshly started
              --join=whip         how peers come into sfu: whip (WHIP and WHEP) or ws (WebSocket)
              --seconds=20        measured; churn and soak: 120, or --minutes=10
              --warmup=15         seconds before that; for joins, of others who join and leave
              --shards=1          of sfu, all on the one processor
              --server-core=0     processor of the server
              --load-core=1       processor of the load generator
              --delivery=server   who does the receiving half of the kernel's work: server, as loopback does, or load, on the
                                  load's processor (wants root), or card: as server, but viewers take a segmented write in
                                  one piece, so that no processor cuts it, as with a network card that does
              --jvm="..."         JVM flags of sfu instead of those of the run profile
              --server="..."      additional flags of sfu
              --jfr=FILE          record warm-up and measured seconds with the JDK's flight recorder
            """;
    private static final int SPEAKERS = 3;
    private static final int CHURN_PERCENT = 50;
    private static final int CHURN_ROOMS = 6;
    private static final int WATCHED_SECONDS = 120;

    private Bench() {}

    /** Exit status 1 when the run failed or something grew that must not, 2 when the arguments cannot be used. */
    public static void main(String[] arguments) throws Exception {
        try {
            System.exit(run(Options.parse(List.of(arguments))) ? 0 : 1);
        } catch (IllegalArgumentException refused) {
            System.err.println(refused.getMessage());
            System.err.print(USAGE);
            System.exit(2);
        } catch (IOException | IllegalStateException failed) {
            failed.printStackTrace();
            System.exit(1);
        }
    }

    /** Whether all is well. */
    private static boolean run(Options options) throws IOException, InterruptedException {
        String name = options.scenario();
        if (name.equals("traces")) {
            options.requireNoneLeft();
            System.out.println(Result.table(Traffic.statistics()));
            return true;
        }
        if (name.equals("micro")) {
            return micro(options);
        }
        boolean watched = name.equals("churn") || name.equals("soak");
        String kind = name.equals("soak") ? options.text("of", "webinar") : name;
        Run.Crowd crowd = crowd(kind, options);
        Trace trace = Traffic.of(
                options.text("traffic", Traffic.usual(kind)), options.number("kbps", kind.equals("churn") ? 300 : 1_500));
        int seconds = options.number("seconds", watched ? WATCHED_SECONDS : 20);
        int minutes = options.number("minutes", 0);
        Measurement.Times times =
                new Measurement.Times(options.number("warmup", 15), minutes > 0 ? 60 * minutes : seconds);
        List<ServerSpec> servers = servers(options);
        int repetitions = options.numberFrom("repeat", 1, 1);
        DeliveredBy delivery = options.choice("delivery", DeliveredBy.SERVER);
        Run.Place place = new Run.Place(
                options.number("server-core", 0),
                options.number("load-core", 1),
                options.words("jvm"),
                options.choice("join", SfuTarget.Join.WHIP),
                delivery == DeliveredBy.CARD);
        int cpuPercent = options.number("cpu", defaultCpuPercent(name));
        Run run = new Run(name, crowd, trace, times, place, cpuPercent, options.text("jfr", ""));
        options.requireNoneLeft();
        if (!run.recording().isEmpty() && servers.size() * repetitions > 1) {
            throw new IllegalArgumentException("--jfr: with several runs (expected: one server, once)");
        }
        pin(place.loadCore());
        if (delivery == DeliveredBy.LOAD) {
            try (Delivery _ = Delivery.on(place.loadCore())) {
                return turns(run, servers, repetitions, delivery);
            }
        }
        return turns(run, servers, repetitions, delivery);
    }

    private enum DeliveredBy {
        SERVER("server's core"),
        LOAD("load's core"),
        CARD("server's core, runs uncut");

        private final String label;

        DeliveredBy(String label) {
            this.label = label;
        }
    }

    private static boolean micro(Options options) throws IOException {
        ChainedOptionsBuilder jmh = new OptionsBuilder()
                .include(options.text("only", "Benchmark"))
                .forks(options.numberFrom("forks", 0, 1))
                .measurementIterations(options.numberFrom("iterations", 1, 3))
                .shouldFailOnError(true);
        options.requireNoneLeft();
        try {
            new Runner(jmh.build()).run();
            return true;
        } catch (RunnerException e) {
            throw new IOException("jmh: " + e.getMessage(), e);
        }
    }

    private static int defaultCpuPercent(String scenario) {
        return switch (scenario) {
            case "capacity" -> CAPACITY_PERCENT;
            case "churn" -> CHURN_PERCENT;
            default -> 0;
        };
    }

    private static boolean turns(Run run, List<ServerSpec> servers, int repetitions, DeliveredBy delivery)
            throws IOException, InterruptedException {
        Comparison comparison = new Comparison(servers.size());
        boolean well = true;
        for (int i = 0; i < repetitions; i++) {
            // By turns, so that what else happens on the machine meets all of them.
            for (int server = 0; server < servers.size(); server++) {
                Result result = run.against(servers.get(server)).put("delivery on the", delivery.label);
                comparison.add(server, result);
                well &= !result.text("verdict").startsWith("NOT");
                System.out.println(result.json());
            }
        }
        System.out.println(Result.table(comparison.rows()));
        return well;
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
            case "meeting" -> new Run.Crowd(peers, peers, options.numberFrom("rooms", 1, 1), true);
            case "churn" -> new Run.Crowd(peers, peers, options.numberFrom("rooms", 1, CHURN_ROOMS), false);
            case "audio" -> new Run.Crowd(SPEAKERS, peers, 1, false);
            default -> new Run.Crowd(1, peers, 1, false);
        };
    }

    private static int defaultPeers(String scenario) {
        return switch (scenario) {
            case "webinar", "capacity", "joins" -> 200;
            case "meeting" -> 10;
            case "churn" -> 4;
            case "audio" -> 500;
            default -> throw new IllegalArgumentException("scenario: " + scenario
                    + " (expected: webinar, capacity, meeting, audio, joins, churn, soak or traces)");
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
