package dev.sfu.bench;

import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadPeer;
import dev.sfu.bench.load.Track;
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
final class Room implements Ramp.Crowd {
    private static final int JOINS_AT_ONCE = 16;
    private static final int WARMUP_JOINS = 50;
    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final long POLL_MILLIS = 5;

    private record Joined(LoadPeer peer, Target.Session session) {}

    private final Target target;
    private final Load load;
    private final Trace trace;
    private final String name;
    private final int publishers;
    private final boolean members;
    private final List<Joined> joined = new ArrayList<>();
    private final List<Joined> publishing = new ArrayList<>();

    /** Nobody in it; {@code members} publish and view over one connection, where they would have one for each otherwise. */
    Room(Target target, Load load, Trace trace, String name, int publishers, boolean members) {
        this.target = target;
        this.load = load;
        this.trace = trace;
        this.name = name;
        this.publishers = publishers;
        this.members = members;
    }

    /** Lets all publishers in and so many viewers; members are both. */
    void fill(int viewers) throws IOException, InterruptedException {
        if (members) {
            resize(publishers);
        } else {
            publish();
            resize(viewers);
        }
    }

    /** Lets the publishers in and waits until they can send. */
    void publish() throws IOException, InterruptedException {
        for (int i = 0; i < publishers; i++) {
            LoadPeer publisher = load.newPublisher(trace);
            publishing.add(new Joined(publisher, target.publish(name, publisher)));
        }
        await("the publishers to connect", () -> load.allConnected(peers(publishing)));
    }

    /** How many view. */
    @Override
    public int size() {
        return joined.size();
    }

    /** Lets viewers in, several at a time, and waits until each has keys; or lets the last ones out. */
    @Override
    public void resize(int viewers) throws IOException, InterruptedException {
        if (viewers > joined.size()) {
            join(viewers - joined.size());
            return;
        }
        leave(joined.subList(viewers, joined.size()));
    }

    private void leave(List<Joined> leaving) throws IOException, InterruptedException {
        for (Joined one : leaving) {
            one.session().leave();
        }
        load.dismiss(peers(leaving));
        leaving.clear();
    }

    private static List<LoadPeer> peers(List<Joined> joined) {
        return joined.stream().map(Joined::peer).toList();
    }

    /** Lets viewers in and out again for so long, for compilation; afterwards there are only publishers. */
    void joinAndLeave(int viewers, long nanos) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < nanos) {
            resize(Math.min(viewers, WARMUP_JOINS));
            resize(0);
        }
    }

    private void join(int viewers) throws IOException, InterruptedException {
        List<Track> tracks = new ArrayList<>();
        for (int i = members ? 1 : 0; i < publishers; i++) {
            tracks.addAll(Track.of(trace));
        }
        List<Future<Joined>> joining = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(JOINS_AT_ONCE, Thread.ofVirtual().factory())) {
            for (int i = 0; i < viewers; i++) {
                joining.add(threads.submit(() -> {
                    LoadPeer peer = members ? load.newMember(trace, tracks) : load.newViewer(tracks);
                    Target.Session session = members ? target.participate(name, peer) : target.view(name, peer);
                    return new Joined(peer, session);
                }));
            }
            for (Future<Joined> join : joining) {
                joined.add(join.get());
            }
        } catch (ExecutionException e) {
            throw new IOException("a viewer could not join", e.getCause());
        }
        await("all viewers to connect", () -> {
            List<String> failures = load.failures();
            if (!failures.isEmpty()) {
                throw new IllegalStateException("viewers failed: " + failures);
            }
            return load.allConnected(peers(joined));
        });
    }

    /** Everybody leaves. */
    void end() throws IOException, InterruptedException {
        leave(joined);
        leave(publishing);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IllegalStateException("waited in vain for " + what);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }
}
