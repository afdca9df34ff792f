package dev.sfu.bench.load;

import dev.sfu.bench.trace.Trace;
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
    private final List<LoadPeer> viewers = new ArrayList<>();
    private final List<LoadPeer> publishers = new ArrayList<>();
    private final LatencyHistogram latencies = new LatencyHistogram();
    private final LatencyHistogram lateness = new LatencyHistogram();
    /** Of those who have left; used on the loop's thread. */
    private final LoadTotals departed = new LoadTotals();

    /** No peers yet. */
    public Load(LoadLoop loop) {
        this.loop = loop;
    }

    /** One more viewer, to be joined, with so many m-sections to receive in. */
    public synchronized LoadPeer newViewer(List<Track> slots) {
        LoadPeer viewer = new LoadPeer(loop).receiving(slots, latencies);
        viewers.add(viewer);
        return viewer;
    }

    /** One more publisher of all streams of a trace, to be joined. */
    public synchronized LoadPeer newPublisher(Trace trace) {
        LoadPeer publisher = new LoadPeer(loop).sending(trace, lateness);
        publishers.add(publisher);
        return publisher;
    }

    /** One more peer that does both over one connection, to be joined; counted as a viewer. */
    public synchronized LoadPeer newMember(Trace trace, List<Track> slots) {
        LoadPeer member = new LoadPeer(loop).sending(trace, lateness).receiving(slots, latencies);
        viewers.add(member);
        return member;
    }

    /** How many publishers have keys. */
    public int connectedPublishers() {
        return onLoop(() -> (int) publishers().stream().filter(LoadPeer::connected).count());
    }

    /** How often publishers were so late that they skipped: more than never, and the load generator is the bottleneck. */
    public long skips() {
        return onLoop(() -> Stream.concat(viewers().stream(), publishers().stream())
                .mapToLong(LoadPeer::skips)
                .sum());
    }

    /** The sums now, over viewers who have left too. */
    public LoadTotals totals() {
        return onLoop(() -> {
            LoadTotals totals = LoadTotals.countsOf(departed);
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
    public boolean allConnected(List<LoadPeer> peers) {
        return onLoop(() -> peers.stream().allMatch(LoadPeer::connected));
    }

    /** Ends these peers' connections; what they have counted stays counted. */
    public void dismiss(List<LoadPeer> dismissed) {
        depart(dismissed);
        dismissed.forEach(LoadPeer::close);
        onLoop(() -> true);
    }

    /** Closes this peer's socket without a word; what it has counted stays counted. */
    public void abandon(LoadPeer vanishing) {
        depart(List.of(vanishing));
        vanishing.vanish();
    }

    private void depart(List<LoadPeer> departing) {
        Set<LoadPeer> gone = new HashSet<>(departing);
        onLoop(() -> {
            synchronized (this) {
                viewers.removeAll(gone);
                publishers.removeAll(gone);
            }
            departing.forEach(peer -> peer.addTo(departed));
            return true;
        });
    }

    /** Ends all connections. */
    @Override
    public void close() {
        viewers().forEach(LoadPeer::close);
        publishers().forEach(LoadPeer::close);
        onLoop(() -> true);
    }

    private synchronized List<LoadPeer> viewers() {
        return List.copyOf(viewers);
    }

    private synchronized List<LoadPeer> publishers() {
        return List.copyOf(publishers);
    }

    private <T> T onLoop(java.util.function.Supplier<T> task) {
        loop.check();
        return CompletableFuture.supplyAsync(task, loop).join();
    }
}
