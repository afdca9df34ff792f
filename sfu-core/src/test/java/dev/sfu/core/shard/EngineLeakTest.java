package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.peer.PeerLoop;
import dev.sfu.core.peer.SyntheticPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Participants that come and go in every way leave nothing behind. */
class EngineLeakTest {
    private static final int JOINS = 50;
    private static final int MOST_AT_ONCE = 8;
    private static final int ROOMS = 3;
    /** One for each process: of the JDK, of the crypto provider, and one of Netty that ends when it is bored. */
    private static final Pattern NOT_OURS = Pattern.compile("ForkJoinPool.*|VirtualThread-.*|Common-Cleaner"
            + "|Native reference.*|globalEventExecutor-.*|process reaper.*");

    /** Rooms on one shard each, and rooms that are spread over all as soon as somebody is in them. */
    @ParameterizedTest
    @ValueSource(ints = {200, 1})
    void joinsAndLeavesLeaveNothingBehind(int participantsPerShard) {
        long seed = new Random().nextLong();
        System.out.println("seed of " + getClass().getSimpleName() + ": " + seed);
        Random random = new Random(seed);
        Set<String> threadsBefore = threads();
        EngineScene scene = new EngineScene(participantsPerShard == 1 ? 3 : 2, 2500, false, participantsPerShard);
        List<SyntheticPeer> there = new ArrayList<>();
        List<SyntheticPeer> killed = new ArrayList<>();
        for (int i = 0; i < JOINS; i++) {
            if (there.size() >= MOST_AT_ONCE || (there.size() > 3 && random.nextInt(3) == 0)) {
                end(there.remove(random.nextInt(there.size())), killed, random);
            }
            there.add(begin(scene, "peer" + i, random));
        }
        scene.loop.until("media flows", () -> there.stream().mapToLong(EngineLeakTest::received).sum() > 500);
        assertTrue(scene.counter("rtp_packets_sent") > 500);
        while (!there.isEmpty()) {
            end(there.remove(random.nextInt(there.size())), killed, random);
        }
        killed.forEach(peer -> peer.awaitEvent(RoomEvent.Ended.class, event -> true));
        scene.assertNothingLeft();
        scene.assertFaultless();
        scene.close();
        Set<String> more = new TreeSet<>();
        try (PeerLoop loop = new PeerLoop()) {
            loop.until("the threads end", () -> {
                more.clear();
                more.addAll(threads());
                more.removeAll(threadsBefore);
                more.removeIf(name -> NOT_OURS.matcher(name).matches());
                return more.isEmpty();
            });
        } catch (AssertionError e) {
            throw new AssertionError("threads left: " + more, e);
        }
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).collect(Collectors.toSet());
    }

    private static long received(SyntheticPeer peer) {
        return peer.received().stream().mapToLong(stream -> stream.packets()).sum();
    }

    private static SyntheticPeer begin(EngineScene scene, String name, Random random) {
        String room = "room" + random.nextInt(ROOMS);
        SyntheticPeer peer = SyntheticPeer.join(scene.loop, scene.engine, room, name);
        if (random.nextInt(4) == 0) {
            peer.overTcp();
        }
        if (random.nextInt(4) == 0) {
            peer.withSetup("passive");
        }
        if (random.nextInt(3) > 0) {
            peer.sendAudio().setFlowing(true);
            peer.sendVideo().setFlowing(true);
        }
        peer.receive(3, 3);
        switch (random.nextInt(6)) {
            case 0 -> {}
            case 1 -> peer.negotiate();
            case 2 -> {
                peer.negotiate();
                scene.loop.until(
                        "handshake", () -> peer.transport().handshaking() || peer.transport().connected());
            }
            default -> peer.connect();
        }
        return peer;
    }

    private static void end(SyntheticPeer peer, List<SyntheticPeer> killed, Random random) {
        boolean connected = peer.transport().connected();
        switch (random.nextInt(3)) {
            case 0 -> peer.leave();
            case 1 -> {
                if (connected) {
                    peer.closeNotify();
                } else {
                    peer.leave();
                }
            }
            default -> {
                peer.kill();
                if (connected) {
                    killed.add(peer);
                }
            }
        }
    }
}
