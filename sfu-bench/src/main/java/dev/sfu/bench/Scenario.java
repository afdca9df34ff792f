package dev.sfu.bench;

import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadTotals;
import dev.sfu.bench.load.Track;
import dev.sfu.bench.load.Viewer;
import dev.sfu.bench.target.Target;
import dev.sfu.bench.trace.Trace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/** One room: so many publishers of the same traffic, and viewers who receive all of them. */
final class Scenario {
    private static final String ROOM = "bench";
    private static final int JOINS_AT_ONCE = 16;
    private static final int WARMUP_JOINS = 50;
    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final long POLL_MILLIS = 5;

    private final Target target;
    private final Load load;
    private final Trace trace;
    private final int publishers;
    private final int viewers;

    Scenario(Target target, Load load, Trace trace, int publishers, int viewers) {
        this.target = target;
        this.load = load;
        this.trace = trace;
        this.publishers = publishers;
        this.viewers = viewers;
    }

    Load load() {
        return load;
    }

    /** Lets the publishers in and waits until they can send. */
    void publish() throws IOException, InterruptedException {
        for (int i = 0; i < publishers; i++) {
            target.publish(ROOM, load.newPublisher(trace));
        }
        await("the publishers to connect", () -> load.connectedPublishers() == publishers);
    }

    /** Lets all viewers in, several at a time, and waits until each has keys. */
    void join() throws IOException, InterruptedException {
        join(viewers);
    }

    /** Lets viewers in and out again for so long, for compilation; afterwards there are only publishers. */
    void joinAndLeave(long nanos) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < nanos) {
            List<Target.Session> sessions = join(Math.min(viewers, WARMUP_JOINS));
            for (Target.Session session : sessions) {
                session.leave();
            }
            load.dismissViewers();
        }
    }

    private List<Target.Session> join(int viewers) throws IOException, InterruptedException {
        List<Track> tracks = new ArrayList<>();
        for (int i = 0; i < publishers; i++) {
            tracks.addAll(Track.of(trace));
        }
        List<Future<Target.Session>> joining = new ArrayList<>();
        List<Target.Session> sessions = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(JOINS_AT_ONCE, Thread.ofVirtual().factory())) {
            for (int i = 0; i < viewers; i++) {
                joining.add(threads.submit(() -> {
                    Viewer viewer = load.newViewer(tracks);
                    return target.view(ROOM, viewer);
                }));
            }
            for (Future<Target.Session> join : joining) {
                sessions.add(join.get());
            }
        } catch (ExecutionException e) {
            throw new IOException("a viewer could not join", e.getCause());
        }
        await("all viewers to connect", () -> {
            LoadTotals totals = load.totals();
            if (totals.failed() > 0) {
                throw new IllegalStateException(totals.failed() + " viewers failed: " + load.failures());
            }
            return totals.connected() == viewers;
        });
        return sessions;
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IllegalStateException("waited in vain for " + what);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }
}
