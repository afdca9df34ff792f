package dev.sfu.bench.janus;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sfu.bench.target.Pause;
import dev.sfu.bench.target.SdpPeer;
import dev.sfu.bench.target.Target;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Janus with VideoRoom. A peer that publishes is a publisher's handle; a peer that views is a subscriber's handle with the
 * streams of all publishers of the room.
 */
public final class JanusTarget implements Target {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration START_TIMEOUT = Duration.ofSeconds(15);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MAX_PUBLISHERS = 1000;

    private final JanusProcess process;
    private final HttpClient http;
    private final JanusSession session;
    private final String name;
    /** Guards the rooms; held while one is made, so that nobody joins it before. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Room> rooms = new HashMap<>();

    /** A room as we know it: publishers' feed identifiers by handle, and how many of ours are in it. */
    private static final class Room {
        private final Map<Long, String> feeds = new LinkedHashMap<>();
        private int members;
    }

    private JanusTarget(JanusProcess process, HttpClient http, JanusSession session, String name) {
        this.process = process;
        this.http = http;
        this.session = session;
        this.name = name;
    }

    /**
     * Starts a Janus and waits until it answers.
     *
     * @param core the only core it may use, or -1 for all
     * @throws IOException if it is not installed or does not come up
     */
    public static JanusTarget start(int core) throws IOException, InterruptedException {
        JanusProcess process = JanusProcess.start(core);
        HttpClient http = JanusSession.newClient();
        try {
            JanusMessage info = awaitReady(process, http);
            JanusSession session = JanusSession.create(http, process.api());
            return new JanusTarget(process, http, session, "Janus " + info.data().path("version_string").asText());
        } catch (IOException | InterruptedException e) {
            http.shutdownNow();
            process.close();
            throw e;
        }
    }

    private static JanusMessage awaitReady(JanusProcess process, HttpClient http) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (true) {
            process.checkAlive();
            try {
                return JanusSession.info(http, process.api());
            } catch (ConnectException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IOException("janus: not ready in time: " + process.logTail(), e);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long serverPid() {
        return process.pid();
    }

    @Override
    public Session publish(String room, SdpPeer peer) throws IOException, InterruptedException {
        enter(room);
        long handle = 0;
        try {
            handle = session.attach();
            ObjectNode join = body("joinandconfigure", room).put("ptype", "publisher");
            JanusMessage joined = session.command(handle, join, "offer", peer.offer());
            peer.onAnswer(joined.sdpOrThrow());
            addFeed(room, handle, joined.data().path("id").asText());
            return leaver(room, handle);
        } catch (IOException | InterruptedException | RuntimeException e) {
            abandon(room, handle, e);
            throw e;
        }
    }

    @Override
    public Session view(String room, SdpPeer peer) throws IOException, InterruptedException {
        enter(room);
        long handle = 0;
        try {
            ObjectNode join = body("join", room).put("ptype", "subscriber");
            ArrayNode streams = join.putArray("streams");
            for (Map.Entry<Long, String> feed : feeds(room).entrySet()) {
                // There is no such feed for Janus before its media flows.
                session.awaitMedia(feed.getKey());
                streams.addObject().put("feed", feed.getValue());
            }
            handle = session.attach();
            JanusMessage attached = session.command(handle, join, "", "");
            String answer = peer.answer(attached.sdpOrThrow());
            session.command(handle, body("start", room), "answer", answer);
            return leaver(room, handle);
        } catch (IOException | InterruptedException | RuntimeException e) {
            abandon(room, handle, e);
            throw e;
        }
    }

    /** Janus counts nothing that could be asked for without load. */
    @Override
    public Map<String, Double> metrics() {
        return Map.of();
    }

    /** It has no collector. */
    @Override
    public List<Pause> pauses(long fromNanos, long toNanos) {
        return List.of();
    }

    private static ObjectNode body(String request, String room) {
        return JSON.createObjectNode().put("request", request).put("room", room);
    }

    /** Makes the room if this is the first to come. */
    private void enter(String name) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            Room room = rooms.get(name);
            if (room == null) {
                onePurpose(roomDescription(name));
                room = new Room();
                rooms.put(name, room);
            }
            room.members++;
        } finally {
            lock.unlock();
        }
    }

    /** No limit of bit rate or publishers, and nothing that costs without serving the viewers. */
    private static ObjectNode roomDescription(String name) {
        return body("create", name)
                .put("publishers", MAX_PUBLISHERS)
                .put("bitrate", 0)
                .put("fir_freq", 0)
                .put("audiocodec", "opus")
                .put("videocodec", "vp8,vp9,h264,av1")
                .put("audiolevel_event", false)
                .put("notify_joining", false)
                .put("record", false);
    }

    /** Makes a request that needs a handle for no longer than that. */
    private void onePurpose(ObjectNode body) throws IOException, InterruptedException {
        long handle = session.attach();
        try {
            session.ask(handle, body);
        } finally {
            session.detach(handle);
        }
    }

    private void addFeed(String room, long handle, String feed) {
        lock.lock();
        try {
            Room present = rooms.get(room);
            if (present != null) {
                present.feeds.put(handle, feed);
            }
        } finally {
            lock.unlock();
        }
    }

    private Map<Long, String> feeds(String room) throws IOException {
        lock.lock();
        try {
            Room present = rooms.get(room);
            if (present == null || present.feeds.isEmpty()) {
                throw new IOException("room " + room + ": nobody publishes (expected: a publisher before a viewer)");
            }
            return new LinkedHashMap<>(present.feeds);
        } finally {
            lock.unlock();
        }
    }

    private Session leaver(String room, long handle) {
        return () -> leave(room, handle);
    }

    private void leave(String name, long handle) throws IOException, InterruptedException {
        try {
            if (handle != 0) {
                session.detach(handle);
            }
        } finally {
            exit(name, handle);
        }
    }

    /** Ends the room if this was the last to go. */
    private void exit(String name, long handle) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            Room room = rooms.get(name);
            if (room == null) {
                return;
            }
            room.feeds.remove(handle);
            room.members--;
            if (room.members == 0) {
                rooms.remove(name);
                onePurpose(body("destroy", name));
            }
        } finally {
            lock.unlock();
        }
    }

    private void abandon(String room, long handle, Exception cause) {
        try {
            leave(room, handle);
        } catch (IOException e) {
            cause.addSuppressed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        try (process;
                session) {
            lock.lock();
            try {
                rooms.clear();
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            http.shutdownNow();
        }
    }
}
