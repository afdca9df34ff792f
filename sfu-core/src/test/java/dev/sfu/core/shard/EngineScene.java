package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.PublishPolicy;
import dev.sfu.core.api.RoomEvent;
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
import org.slf4j.LoggerFactory;

/** An engine on free ports and the loop of its synthetic peers. */
final class EngineScene implements AutoCloseable {
    static final String ROOM = "room";

    final Engine engine;
    final PeerLoop loop = new PeerLoop();
    private final ListAppender<ILoggingEvent> errors = new ListAppender<>();

    EngineScene() {
        this(1, 25_000);
    }

    EngineScene(int shards, int consentTimeoutMillis) {
        this(shards, consentTimeoutMillis, false, 200);
    }

    EngineScene(int shards, int consentTimeoutMillis, boolean singlePort) {
        this(shards, consentTimeoutMillis, singlePort, 200);
    }

    /** Rooms spread over the shards when more than so many participants of one would be on one shard. */
    static EngineScene spread(int shards, int participantsPerShard) {
        return new EngineScene(shards, 25_000, false, participantsPerShard);
    }

    EngineScene(int shards, int consentTimeoutMillis, boolean singlePort, int participantsPerShard) {
        this(shards, consentTimeoutMillis, singlePort, participantsPerShard, EngineConfig.Bandwidth.FIXED);
    }

    /** One shard that adapts to its viewers' networks; elsewhere a starved machine would look like a slow network. */
    static EngineScene adapting() {
        return new EngineScene(1, 25_000, false, 200, EngineConfig.Bandwidth.DEFAULT);
    }

    private EngineScene(
            int shards,
            int consentTimeoutMillis,
            boolean singlePort,
            int participantsPerShard,
            EngineConfig.Bandwidth bandwidth) {
        Logger root = (Logger) LoggerFactory.getLogger("dev.sfu");
        errors.start();
        root.addAppender(errors);
        EngineConfig.Limits limits = new EngineConfig.Limits(100, 200, participantsPerShard, 64, consentTimeoutMillis);
        try {
            engine = Engine.start(new EngineConfig(
                    0, shards, 0, singlePort, List.of(), limits, bandwidth, PublishPolicy.UNLIMITED));
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

    /** The publisher's first track flows to the viewer: muted it is silent, and live again it begins with a keyframe. */
    void assertMutedIsSilentUntilLiveAgain(SyntheticPeer publisher, SyntheticPeer viewer) {
        SentTrack camera = publisher.tracks().getFirst();
        viewer.awaitPackets(camera.stream(), 20);
        done(publisher.handle().setMuted(camera.mid(), true));
        viewer.awaitEvent(RoomEvent.TrackMuted.class, RoomEvent.TrackMuted::muted);
        untilDrops("muted", 30);
        long before = viewer.packetsOf(camera.stream());
        untilDrops("muted", 60);
        assertEquals(before, viewer.packetsOf(camera.stream()));
        long keyframes = viewer.awaitPlaying(camera.stream()).keyframes();

        done(publisher.handle().setMuted(camera.mid(), false));
        viewer.awaitEvent(RoomEvent.TrackMuted.class, event -> !event.muted());
        viewer.awaitPackets(camera.stream(), before + 30);
        assertTrue(viewer.awaitPlaying(camera.stream()).keyframes() > keyframes);
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

    /** Goes on until each of these peers has received so many more packets of every track of each other. */
    void awaitExchange(long packets, SyntheticPeer... peers) {
        List<Runnable> waits = new ArrayList<>();
        for (SyntheticPeer to : peers) {
            for (SyntheticPeer from : peers) {
                for (SentTrack track : from.tracks()) {
                    long target = to.packetsOf(track.stream()) + packets;
                    if (to != from) {
                        waits.add(() -> to.awaitPackets(track.stream(), target));
                    }
                }
            }
        }
        waits.forEach(Runnable::run);
    }

    /** Nothing that reached any peer was out of place. */
    void assertFaultless() {
        List<String> faults = new ArrayList<>();
        for (SyntheticPeer peer : loop.peers()) {
            faults.addAll(peer.faults());
        }
        assertEquals(List.of(), faults);
    }

    /**
     * These peers stop sending, and nothing of what they received lacks in the end. What a starved machine loses between the
     * sockets is asked for again in video; in audio as much may lack as the server knows that it lost.
     */
    void awaitComplete(SyntheticPeer... peers) {
        for (SyntheticPeer peer : peers) {
            peer.tracks().forEach(track -> track.setFlowing(false));
            peer.rtcp().setNacks(true);
        }
        for (SyntheticPeer peer : peers) {
            for (ReceivedStream stream : peer.received()) {
                loop.until(stream + " is complete", () -> {
                    int missing = stream.missing().size();
                    boolean audio = stream.kind() == MediaKind.AUDIO;
                    return missing == 0 || (audio && missing <= counter("rtp_packets_lost"));
                });
            }
        }
    }

    /** Everybody leaves, and nothing of them stays. */
    void assertNothingLeft() {
        for (SyntheticPeer peer : loop.peers()) {
            done(peer.handle().leave("the end"));
        }
        for (String gauge : List.of(
                "rooms", "room_parts", "shard_pipes", "participants", "connections", "ufrags", "deadlines", "paths", "tcp_connections",
                "handshakes_in_flight", "buffers_outstanding")) {
            untilGauge(gauge, 0);
        }
    }

    /** Stops the engine, then the peers; fails when the engine has met a defect of its own. */
    @Override
    public void close() {
        engine.close();
        loop.close();
        Logger root = (Logger) LoggerFactory.getLogger("dev.sfu");
        root.detachAppender(errors);
        List<String> logged = errors.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.ERROR))
                .map(ILoggingEvent::toString)
                .toList();
        assertEquals(List.of(), logged);
    }
}
