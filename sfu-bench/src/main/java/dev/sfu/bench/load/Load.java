package dev.sfu.bench.load;

import dev.sfu.core.srtp.SrtpProfile;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The peers of a scenario and what they have seen. Any thread. */
public final class Load implements AutoCloseable {
    private final LoadLoop loop;
    private final List<Viewer> viewers = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();
    private final LatencyHistogram latencies = new LatencyHistogram();
    private final LatencyHistogram lateness = new LatencyHistogram();

    /** No peers yet. */
    public Load(LoadLoop loop) {
        this.loop = loop;
    }

    /** One more viewer, to be joined. */
    public synchronized Viewer newViewer(List<Track> tracks) {
        Viewer viewer = new Viewer(loop, tracks, latencies);
        viewers.add(viewer);
        return viewer;
    }

    /** One more publisher, to be joined. */
    public synchronized Publisher newPublisher(dev.sfu.bench.trace.Trace trace) {
        Publisher publisher = new Publisher(loop, trace, lateness);
        publishers.add(publisher);
        return publisher;
    }

    /** How many publishers have keys. */
    public int connectedPublishers() {
        return onLoop(() -> (int) publishers().stream().filter(LoadPeer::connected).count());
    }

    /** What publishers have met: keyframe requests, and how often they were too late and skipped. */
    public long skips() {
        return onLoop(() -> publishers().stream().mapToLong(Publisher::skips).sum());
    }

    /** The sums now. */
    public LoadTotals totals() {
        return onLoop(() -> {
            LoadTotals totals = new LoadTotals();
            viewers().forEach(viewer -> viewer.addTo(totals));
            return totals;
        });
    }

    /** The connect times of all viewers that have keys, in ascending order. */
    public List<Long> connectNanos() {
        return onLoop(() -> viewers().stream()
                .filter(LoadPeer::connected)
                .map(LoadPeer::connectNanos)
                .sorted()
                .toList());
    }

    /** Why viewers have lost their connection. */
    public List<String> failures() {
        return onLoop(() -> viewers().stream()
                .map(viewer -> String.valueOf(viewer.failure()))
                .filter(failure -> !failure.equals("null"))
                .distinct()
                .toList());
    }

    /** Forgets the latencies, and how late publishers were, so far. */
    public void clearLatencies() {
        onLoop(() -> {
            latencies.clear();
            lateness.clear();
            return true;
        });
    }

    /** The latency, in nanoseconds, that this share of the samples since {@link #clearLatencies} does not exceed. */
    public long latencyNanos(double fraction) {
        return onLoop(() -> latencies.quantileNanos(fraction));
    }

    /** By how much publishers were late, in nanoseconds, for this share of their packets since {@link #clearLatencies}. */
    public long latenessNanos(double fraction) {
        return onLoop(() -> lateness.quantileNanos(fraction));
    }

    /** The SRTP profiles that peers, publishers included, have agreed on with the server. */
    public Set<SrtpProfile> srtpProfiles() {
        return onLoop(() -> Stream.concat(viewers().stream(), publishers().stream())
                .flatMap(peer -> Stream.ofNullable(peer.srtpProfile()))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(SrtpProfile.class))));
    }

    /** Whether all of these have keys. */
    public boolean allConnected(List<? extends LoadPeer> peers) {
        return onLoop(() -> peers.stream().allMatch(LoadPeer::connected));
    }

    /** Ends these peers' connections and counts them no more. */
    public void dismiss(List<LoadPeer> dismissed) {
        Set<LoadPeer> gone = new HashSet<>(dismissed);
        synchronized (this) {
            viewers.removeAll(gone);
            publishers.removeAll(gone);
        }
        dismissed.forEach(LoadPeer::close);
        onLoop(() -> true);
    }

    /** Ends all connections. */
    @Override
    public void close() {
        viewers().forEach(LoadPeer::close);
        publishers().forEach(LoadPeer::close);
        onLoop(() -> true);
    }

    private synchronized List<Viewer> viewers() {
        return List.copyOf(viewers);
    }

    private synchronized List<Publisher> publishers() {
        return List.copyOf(publishers);
    }

    private <T> T onLoop(java.util.function.Supplier<T> task) {
        loop.check();
        return CompletableFuture.supplyAsync(task, loop).join();
    }
}
