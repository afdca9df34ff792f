package dev.sfu.bench;

import dev.sfu.bench.janus.JanusTarget;
import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadLoop;
import dev.sfu.bench.target.SfuTarget;
import dev.sfu.bench.target.Target;
import dev.sfu.bench.trace.Trace;
import dev.sfu.core.time.Deadlines;
import java.io.IOException;
import java.util.List;

/**
 * What is measured, each time with a server and peers of its own.
 *
 * @param scenario its name
 * @param publishers how many there are
 * @param peers how many receive
 * @param trace what each publisher sends
 * @param times how long
 * @param serverCore processor of the server
 * @param jvmFlags of this server, instead of those of the run profile if not empty
 * @param serverFlags of this server
 * @param recording file for a flight recording, or empty
 */
record Run(
        String scenario,
        int publishers,
        int peers,
        Trace trace,
        Measurement.Times times,
        int serverCore,
        List<String> jvmFlags,
        List<String> serverFlags,
        String recording) {
    /** Starts a server and its load, measures, ends both. */
    Result against(String server) throws IOException, InterruptedException {
        try (Target target = start(server);
                LoadLoop loop = new LoadLoop();
                Load load = new Load(loop)) {
            Scenario room = new Scenario(target, load, trace, publishers, peers);
            Measurement measurement = new Measurement(target, loop, load, times, recording);
            Result result = new Result()
                    .put("server", target.name())
                    .put("scenario", scenario + " " + publishers + "→" + peers)
                    .put("traffic", trace.name());
            room.publish();
            if (scenario.equals("joins")) {
                room.joinAndLeave(times.warmupSeconds() * Deadlines.SECOND);
                measurement.joining(result, peers, room::join);
            } else {
                room.join();
                measurement.forwarding(result);
            }
            return result.put("SRTP", load.srtpProfiles().toString());
        }
    }

    private Target start(String server) throws IOException, InterruptedException {
        return switch (server) {
            case "sfu" -> SfuTarget.start(serverCore, jvmFlags, serverFlags);
            case "janus" -> JanusTarget.start(serverCore);
            default -> throw new IllegalArgumentException("server: " + server + " (expected: sfu or janus)");
        };
    }
}
