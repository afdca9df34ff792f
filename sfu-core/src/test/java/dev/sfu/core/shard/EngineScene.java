package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.peer.PeerLoop;
import dev.sfu.core.peer.ReceivedStream;
import dev.sfu.core.peer.SentStream;
import dev.sfu.core.peer.SentTrack;
import dev.sfu.core.peer.SyntheticPeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An engine on free ports and the loop of its synthetic peers. */
final class EngineScene implements AutoCloseable {
    static final String ROOM = "room";

    final Engine engine;
    final PeerLoop loop = new PeerLoop();

    EngineScene() {
        this(1, 25_000);
    }

    EngineScene(int shards, int consentTimeoutMillis) {
        EngineConfig.Limits limits = new EngineConfig.Limits(100, 200, 64, consentTimeoutMillis);
        try {
            engine = Engine.start(new EngineConfig(0, shards, 0, List.of(), limits));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SyntheticPeer join(String name) {
        return SyntheticPeer.join(loop, engine, ROOM, name);
    }

    SyntheticPeer join(String name, JoinRequest.Role role) {
        return SyntheticPeer.join(loop, engine, ROOM, name, role);
    }

    /** A connected participant that sends audio and video, which flow, and has slots for so many others. */
    SyntheticPeer talker(String name, int others) {
        SyntheticPeer peer = join(name);
        peer.sendAudio().setFlowing(true);
        peer.sendVideo().setFlowing(true);
        return peer.receive(others, others).connect();
    }

    /** A connected participant that only sends video, which flows. */
    SyntheticPeer publisher(String name) {
        SyntheticPeer peer = join(name);
        peer.sendVideo().setFlowing(true);
        return peer.connect();
    }

    /** A connected participant that sends nothing. */
    SyntheticPeer listener(String name, int slots) {
        return join(name).receive(slots, slots).connect();
    }

    EngineCounters counters() {
        return loop.await("counters", engine.counters());
    }

    long gauge(String name) {
        return counters().gauges().getOrDefault(name, 0L);
    }

    long drops(String reason) {
        return counters().drops().getOrDefault(reason, 0L);
    }

    long counter(String name) {
        return counters().counters().getOrDefault(name, 0L);
    }

    void untilDrops(String reason, long count) {
        loop.until(count + " dropped as " + reason, () -> drops(reason) >= count);
    }

    void untilGauge(String name, long value) {
        loop.until(name + " is " + value, () -> gauge(name) == value);
    }

    /** Goes on until a request without an answer is done. */
    void done(CompletionStage<@Nullable Void> request) {
        loop.<@Nullable Void>await("request", request);
    }

    /** Goes on until the engine's counters fit. */
    void until(String what, Predicate<EngineCounters> condition) {
        loop.until(what, () -> condition.test(counters()));
    }

    /** Goes on until {@code to} has received so many more packets of {@code from}. */
    void awaitMore(SyntheticPeer to, SentStream from, long packets) {
        to.awaitPackets(from, to.packetsOf(from) + packets);
    }

    /** Nothing that reached any peer was out of place. */
    void assertFaultless() {
        List<String> faults = new ArrayList<>();
        for (SyntheticPeer peer : loop.peers()) {
            faults.addAll(peer.faults());
        }
        assertEquals(List.of(), faults);
    }

    /** Nothing of what was sent to these peers is missing, or comes late. */
    void awaitComplete(SyntheticPeer... peers) {
        for (SyntheticPeer peer : peers) {
            for (SentTrack track : peer.tracks()) {
                track.setFlowing(false);
            }
        }
        for (SyntheticPeer peer : peers) {
            for (ReceivedStream stream : peer.received()) {
                loop.until(stream + " is complete", () -> stream.missing().isEmpty());
            }
        }
    }

    /** Stops the engine, then the peers. */
    @Override
    public void close() {
        engine.close();
        loop.close();
    }
}
