package dev.sfu.bench;

import dev.sfu.bench.janus.JanusTarget;
import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadLoop;
import dev.sfu.bench.target.ServerSpec;
import dev.sfu.bench.target.SfuTarget;
import dev.sfu.bench.target.Target;
import dev.sfu.bench.trace.Trace;
import dev.sfu.bench.trace.TraceStatistics;
import dev.sfu.core.time.Deadlines;
import java.io.IOException;
import java.util.List;

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
     */
    record Crowd(int publishers, int viewers, int rooms) {
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
     */
    record Place(int serverCore, int loadCore, List<String> jvmFlags, SfuTarget.Join join) {}

    private static final long SETTLE_MILLIS = 2_000;

    /** Starts a server and its load, measures, ends both. */
    Result against(ServerSpec server) throws IOException, InterruptedException {
        try (Target target = start(server);
                LoadLoop loop = new LoadLoop();
                Load load = new Load(loop);
                ServerHeap heap = ServerHeap.of(target.serverPid())) {
            Result result = new Result().put("server", target.name()).put("scenario", scenario);
            Measurement measurement = new Measurement(target, load, times, recording, place.loadCore());
            if (scenario.equals("joins")) {
                joins(result.put("viewers", crowd.viewers()), target, load, heap, measurement);
            } else {
                forwarding(result, target, load, heap, measurement);
            }
            return result.put("SRTP", load.srtpProfiles().toString());
        }
    }

    private void joins(Result result, Target target, Load load, ServerHeap heap, Measurement measurement)
            throws IOException, InterruptedException {
        Room room = new Room(target, load, trace, "bench", crowd.publishers());
        room.publish();
        room.joinAndLeave(crowd.viewers(), times.warmupSeconds() * Deadlines.SECOND);
        measurement.joining(result, heap, crowd.viewers(), () -> room.resize(crowd.viewers()));
    }

    private void forwarding(Result result, Target target, Load load, ServerHeap heap, Measurement measurement)
            throws IOException, InterruptedException {
        heap.collect();
        long liveBefore = heap.liveBytes();
        Rooms rooms = new Rooms(
                number -> new Room(target, load, trace, "bench" + number, crowd.publishers()), crowd.viewers());
        rooms.resize(crowd.rooms());
        measurement.warmUp(heap);
        // A meeting grows by rooms of the same size, since in one room the load would grow with its square.
        Ramp.Crowd growing = scenario.equals("meeting") ? rooms : rooms.first();
        Ramp.Outcome ramp = null;
        if (cpuPercent > 0) {
            ramp = new Ramp(target, load, cpuPercent, place.loadCore()).run(growing);
            Thread.sleep(SETTLE_MILLIS);
        }
        Crowd reached = scenario.equals("meeting")
                ? new Crowd(crowd.publishers(), crowd.viewers(), growing.size())
                : new Crowd(crowd.publishers(), growing.size(), crowd.rooms());
        result.put("publishers", reached.publishers())
                .put("viewers", reached.viewers())
                .put("rooms", reached.rooms())
                .put("traffic", trace.name());
        measurement.forwarding(result, heap, TraceStatistics.ofBest(trace).levelledRun());
        if (ramp != null) {
            result.put("lost below " + cpuPercent + " %", ramp.lostBelow())
                    .put("bound by", ramp.loadBound() ? "load generator" : "server");
        }
        heap.collect();
        measurement.perConnection(result, heap, liveBefore, reached.connections());
    }

    private Target start(ServerSpec server) throws IOException, InterruptedException {
        return switch (server.kind()) {
            case "sfu" -> SfuTarget.start(place.serverCore(), place.jvmFlags(), server, place.join());
            default -> JanusTarget.start(place.serverCore());
        };
    }
}
