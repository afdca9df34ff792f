package dev.sfu.bench;

import dev.sfu.bench.load.Load;
import dev.sfu.bench.target.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Watches what a server holds over minutes: nothing may grow while the load stays the same, and nothing may be left when
 * everybody has gone.
 */
final class LongRun {
    /** Those who come, stay or come and go, and leave. */
    interface Population {
        /** They come. */
        void begin() throws IOException, InterruptedException;

        /** Whether as many are there at one time as at another, so that what is held at both can be compared. */
        boolean steady();

        /** A second has passed in which the server used so much of its processor. */
        void onSecond(double serverPercent) throws IOException, InterruptedException;

        /** Everybody leaves. */
        void end() throws IOException, InterruptedException;

        /** Adds what they did, and gives what must not have happened. */
        List<String> report(Result result);
    }

    private static final double MICROS = 1e3;
    private static final long SECOND_MILLIS = 1_000;
    private static final int SAMPLE_SECONDS = 5;
    /** Those who went without a word are missed when their consent has expired, after 25 s, and what follows from it. */
    private static final int PATIENCE_SECONDS = 60;

    private final Target target;
    private final Load load;
    private final ServerHeap heap;
    private final Population population;
    private final List<Result> stages = new ArrayList<>();
    private long begin;

    LongRun(Target target, Load load, ServerHeap heap, Population population) {
        this.target = target;
        this.load = load;
        this.heap = heap;
        this.population = population;
    }

    /** Runs and adds the summary to {@code result}; gives what was not flat, hence nothing if all is well. */
    List<String> run(Result result, int warmupSeconds, int seconds) throws IOException, InterruptedException {
        begin = System.nanoTime();
        ServerState untouched = ServerState.now(target, heap, true);
        population.begin();
        pass(warmupSeconds);
        stage("after warm-up, empty", leave(untouched));
        population.begin();
        pass(seconds / 2);
        ServerState middle = ServerState.now(target, heap, true);
        stage("middle", middle);
        // Where people come and go, what the first half left shows only without them.
        ServerState middleEmpty = population.steady() ? middle : leave(untouched);
        if (!population.steady()) {
            stage("middle, empty", middleEmpty);
            population.begin();
        }
        load.clearLatencies();
        Moment from = Moment.now(target, load);
        pass(seconds - seconds / 2);
        summary(result, from);
        ServerState end = ServerState.now(target, heap, true);
        stage("end", end);
        List<String> problems = new ArrayList<>(population.report(result));
        ServerState after = leave(untouched);
        stage("everybody left", after);
        problems.addAll(population.steady() ? end.grown(middle, "at the end") : after.grown(middleEmpty, "when empty"));
        problems.addAll(after.above(untouched));
        after.memoryTo(result).put("verdict", problems.isEmpty() ? "flat" : "NOT FLAT: " + problems);
        System.out.println(Result.table(stages));
        return problems;
    }

    private void pass(int seconds) throws IOException, InterruptedException {
        Moment before = Moment.now(target, load);
        Moment sampled = before;
        for (int second = 1; second <= seconds; second++) {
            Thread.sleep(SECOND_MILLIS);
            Moment now = Moment.now(target, load);
            population.onSecond(now.serverPercentSince(before));
            before = now;
            if (second % SAMPLE_SECONDS == 0) {
                double percent = now.serverPercentSince(sampled);
                Result sample = row("sample").put("server CPU %", percent);
                System.out.println(ServerState.now(target, heap, false).addTo(sample).json());
                sampled = now;
            }
        }
    }

    private Result row(String stage) {
        return new Result().put("stage", stage).put("seconds", Math.round((System.nanoTime() - begin) / 1e9));
    }

    private void stage(String name, ServerState state) {
        Result row = state.addTo(row(name));
        stages.add(row);
        System.out.println(row.json());
    }

    /** Everybody leaves; then waits until no gauge is above what it was, but not for ever. */
    private ServerState leave(ServerState untouched) throws IOException, InterruptedException {
        population.end();
        for (int second = 0; second < PATIENCE_SECONDS; second++) {
            if (ServerState.now(target, heap, false).settled(untouched)) {
                break;
            }
            Thread.sleep(SECOND_MILLIS);
        }
        return ServerState.now(target, heap, true);
    }

    /** Of the second half, without the collections that were asked for. */
    private void summary(Result result, Moment from) throws IOException, InterruptedException {
        Moment to = Moment.now(target, load);
        result.put("seconds", Math.round(to.secondsSince(from)))
                .put("server CPU %", to.serverPercentSince(from))
                .put("load CPU %", to.loadPercentSince(from))
                .put("packets/s", Math.round(to.packetsSince(from) / to.secondsSince(from)))
                .put("lost", to.lostSince(from))
                .put("p50 µs", load.latencyNanos(0.5) / MICROS)
                .put("p99 µs", load.latencyNanos(0.99) / MICROS)
                .put("p99.9 µs", load.latencyNanos(0.999) / MICROS)
                .put("publisher skips", load.skips());
        if (heap.exists()) {
            Measurement.pauses(result, target.pauses(from.nanos(), to.nanos()), to.secondsSince(from));
        }
    }
}
