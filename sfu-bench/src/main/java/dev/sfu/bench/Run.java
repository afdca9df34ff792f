package dev.sfu.bench;

import dev.sfu.bench.janus.JanusTarget;
import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadLoop;
import dev.sfu.bench.target.ServerSpec;
import dev.sfu.bench.target.SfuTarget;
import dev.sfu.bench.target.Target;
import dev.sfu.bench.trace.Trace;
import dev.sfu.bench.trace.TraceStatistics;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.time.Deadlines;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is measured, each time with a server and peers of its own.
 *
 * @param scenario its name
 * @param crowd who takes part
 * @param trace what each publisher sends
 * @param times how long
 * @param place on which processors, and how the server is started
 * @param cpuPercent the share of its processor that the server is to use, 0 for what it uses by itself
 * @param recording file for a flight recording, or empty
 */
record Run(
        String scenario,
        Crowd crowd,
        Trace trace,
        Measurement.Times times,
        Place place,
        int cpuPercent,
        String recording) {
    /**
     * Who takes part.
     *
     * @param publishers in each room
     * @param viewers in each room
     * @param rooms of them; only meetings have several
     * @param meets whether publishers and viewers are the same people
     */
    record Crowd(int publishers, int viewers, int rooms, boolean meets) {
        int connections() {
            return rooms * (publishers + viewers);
        }
    }

    /**
     * Where everything is.
     *
     * @param serverCore processor of the server
     * @param loadCore processor of the load generator
     * @param jvmFlags of this server, instead of those of the run profile if not empty
     * @param join how peers come into this server
     * @param uncut whether viewers take a segmented write in one piece
     */
    record Place(int serverCore, int loadCore, List<String> jvmFlags, SfuTarget.Join join, boolean uncut) {}

    private static final long SETTLE_MILLIS = 2_000;
    private static final double CLOSE_ENOUGH_PERCENT = 3;
    private static final int MOST_MEASUREMENTS = 4;

    /** Starts a server and its load, measures, ends both. */
    Result against(ServerSpec server) throws IOException, InterruptedException {
        try (Target target = start(server);
                LoadLoop loop = new LoadLoop(place.uncut());
                Load load = new Load(loop);
                ServerHeap heap = ServerHeap.of(target.serverPid())) {
            Result result = new Result().put("server", target.name()).put("scenario", scenario);
            Measurement measurement = new Measurement(target, load, times, recording, place.loadCore());
            switch (scenario) {
                case "joins" -> joins(result.put("viewers", crowd.viewers()), target, load, heap, measurement);
                case "churn", "soak" -> watched(result, target, load, heap);
                default -> forwarding(result, target, load, heap, measurement);
            }
            Set<SrtpProfile> profiles = load.srtpProfiles();
            return profiles.isEmpty() ? result : result.put("SRTP", profiles.toString());
        }
    }

    private void joins(Result result, Target target, Load load, ServerHeap heap, Measurement measurement)
            throws IOException, InterruptedException {
        Room room = new Room(target, load, trace, "bench", crowd.publishers(), false);
        room.publish();
        room.joinAndLeave(crowd.viewers(), times.warmupSeconds() * Deadlines.SECOND);
        measurement.joining(result, heap, crowd.viewers(), () -> room.resize(crowd.viewers()));
    }

    private void forwarding(Result result, Target target, Load load, ServerHeap heap, Measurement measurement)
            throws IOException, InterruptedException {
        heap.collect();
        long liveBefore = heap.liveBytes();
        Rooms rooms = rooms(target, load);
        rooms.resize(crowd.rooms());
        measurement.warmUp(heap);
        // A meeting grows by rooms of the same size, since in one room the load would grow with its square.
        Ramp.Crowd growing = crowd.meets() ? rooms : rooms.first();
        Ramp.@Nullable Outcome ramp = null;
        if (cpuPercent > 0) {
            ramp = new Ramp(target, load, cpuPercent, place.loadCore(), trace.durationMicros() / 1_000)
                    .run(growing);
            Thread.sleep(SETTLE_MILLIS);
        }
        Crowd reached = measured(result, heap, measurement, growing, ramp);
        if (ramp != null) {
            result.put("lost below " + cpuPercent + " %", ramp.lostBelow())
                    .put("bound by", ramp.loadBound() ? "load generator" : "server");
        }
        heap.collect();
        measurement.perConnection(result, heap, liveBefore, reached.connections());
    }

    /**
     * Measures, and where a share of the processor was asked for that the measured seconds did not show, again with as many
     * more or fewer as make it: a ramp's steps are short, and the compiler goes on meanwhile.
     */
    private Crowd measured(
            Result result, ServerHeap heap, Measurement measurement, Ramp.Crowd growing, Ramp.@Nullable Outcome ramp)
            throws IOException, InterruptedException {
        int attempts = ramp == null || ramp.loadBound() ? 1 : MOST_MEASUREMENTS;
        while (true) {
            Crowd reached = crowd.meets()
                    ? new Crowd(crowd.publishers(), crowd.viewers(), growing.size(), true)
                    : new Crowd(crowd.publishers(), growing.size(), crowd.rooms(), false);
            result.put("publishers", reached.publishers())
                    .put("viewers", reached.viewers())
                    .put("rooms", reached.rooms())
                    .put("traffic", trace.name());
            measurement.forwarding(result, heap, TraceStatistics.ofBest(trace).levelledRun());
            double percent = result.number("server CPU %");
            int fitting = (int) Math.max(1, Math.round(growing.size() * cpuPercent / percent));
            if (--attempts == 0 || Math.abs(percent - cpuPercent) <= CLOSE_ENOUGH_PERCENT || fitting == growing.size()) {
                return reached;
            }
            System.err.printf("measured: %d, server %.1f %%; again with %d%n", growing.size(), percent, fitting);
            growing.resize(fitting);
            Thread.sleep(SETTLE_MILLIS);
        }
    }

    private void watched(Result result, Target target, Load load, ServerHeap heap)
            throws IOException, InterruptedException {
        LongRun.Population population;
        if (scenario.equals("churn")) {
            Churn.Shape shape = new Churn.Shape(crowd.rooms(), crowd.publishers(), crowd.viewers());
            population = new Churn(target, load, trace, shape, cpuPercent, new SecureRandom());
        } else {
            population = new Soak(() -> rooms(target, load), crowd.rooms());
        }
        result.put("publishers", crowd.publishers())
                .put("viewers", crowd.viewers())
                .put("rooms", crowd.rooms())
                .put("traffic", trace.name());
        new LongRun(target, load, heap, population).run(result, times.warmupSeconds(), times.measuredSeconds());
    }

    private Rooms rooms(Target target, Load load) {
        // Who comes by WebSocket to a meeting needs one connection only.
        boolean members = crowd.meets() && place.join() == SfuTarget.Join.WS;
        return new Rooms(
                number -> new Room(target, load, trace, "bench" + number, crowd.publishers(), members), crowd.viewers());
    }

    private Target start(ServerSpec spec) throws IOException, InterruptedException {
        boolean watched = scenario.equals("churn") || scenario.equals("soak");
        ServerSpec server = watched ? spec.withJvmFlag(ServerState.JVM_FLAG) : spec;
        return switch (server.kind()) {
            case "sfu" -> SfuTarget.start(place.serverCore(), place.jvmFlags(), server, place.join());
            default -> JanusTarget.start(place.serverCore());
        };
    }
}
