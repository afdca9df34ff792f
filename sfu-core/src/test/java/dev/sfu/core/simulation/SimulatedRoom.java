package dev.sfu.core.simulation;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.peerconnection.PeerConnectionConfig;
import dev.sfu.core.routing.Participant;
import dev.sfu.core.routing.Room;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real room in a simulated network.
 *
 * <pre>{@code
 * try (SimulatedRoom room = new SimulatedRoom(SEED)) {
 *     SyntheticBrowser ada = room.join("ada", LinkConfig.of(5_000, 20), LinkConfig.of(20_000, 20));
 *     SyntheticBrowser ben = room.join("ben", LinkConfig.of(2_000, 20), LinkConfig.of(1_000, 20));
 *     ada.publishCamera(VideoSource.CAMERA_720P).publishMicrophone(false).receive(1, 1).connect();
 *     ben.receive(1, 1).connect();
 *     room.time().at(30, now -> ben.downlink().setRateBps(300_000));
 *     room.time().run(60);
 *     ben.video(0).freezes();
 * }
 * }</pre>
 */
public final class SimulatedRoom implements AutoCloseable {
    private static final SecureRandom SECURE = new SecureRandom();
    private static final DtlsCertificate CERTIFICATE = DtlsCertificate.generate(SECURE, Instant.EPOCH);
    private static final DtlsHandshakes HANDSHAKES = new DtlsHandshakes(SECURE, 16, 16);
    /**
     * Handshakes take real time, in which nothing is lost: a slow machine must not have them repeat anything, or the run that
     * follows is another.
     */
    static final DtlsConfig.Timing HANDSHAKE_TIMING = new DtlsConfig.Timing(15_000, 20_000);
    private static final int IDLE_BUFFERS = 4096;

    private final long seed;
    private final EngineConfig.Bandwidth bandwidth;
    private final SplittableRandom seeds;
    private final VirtualTime time = new VirtualTime();
    private final BufferPool pool = new BufferPool(IDLE_BUFFERS);
    private final WallClock wallClock = WallClock.at(VirtualTime.ORIGIN_NANOS, Instant.parse("2026-01-02T03:04:05Z"));
    private final CryptoProviders crypto = CryptoProviders.select();
    private final SimulatedShard shard;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Room room = new Room("room", numbers::incrementAndGet, this::onRoomDeadlineChanged, null);
    private final VirtualTime.Alarm roomDeadline = new VirtualTime.Alarm(this::onRoomDeadline);
    private final List<SyntheticBrowser> browsers = new ArrayList<>();
    private int nextPort = 6000;

    /** An empty room whose server adapts to its viewers' networks; everything random in it comes from the seed. */
    public SimulatedRoom(long seed) {
        this(seed, EngineConfig.Bandwidth.DEFAULT);
    }

    /** An empty room; everything random in it comes from the seed. */
    public SimulatedRoom(long seed, EngineConfig.Bandwidth bandwidth) {
        this.seed = seed;
        this.bandwidth = bandwidth;
        this.seeds = new SplittableRandom(seed);
        this.shard = new SimulatedShard(time, seed);
    }

    /** What everything random came from, to be named in failures. */
    public long seed() {
        return seed;
    }

    /** A seed of its own for something more. */
    public long nextSeed() {
        return seeds.nextLong();
    }

    /** The clock. */
    public VirtualTime time() {
        return time;
    }

    /** The real room. */
    public Room room() {
        return room;
    }

    /** Packet memory of both ends; nothing is outstanding when everything is closed. */
    public BufferPool pool() {
        return pool;
    }

    /** Everybody who has joined, in that order. */
    public List<SyntheticBrowser> browsers() {
        return List.copyOf(browsers);
    }

    WallClock wallClock() {
        return wallClock;
    }

    CryptoProviders crypto() {
        return crypto;
    }

    SimulatedShard shard() {
        return shard;
    }

    static DtlsCertificate browserCertificate() {
        return CERTIFICATE;
    }

    static DtlsHandshakes handshakes() {
        return HANDSHAKES;
    }

    /**
     * Joins as a participant over such a path; say what it sends and receives, then {@link SyntheticBrowser#connect}.
     */
    public SyntheticBrowser join(String name, LinkConfig uplink, LinkConfig downlink) {
        SyntheticBrowser browser = new SyntheticBrowser(this, name, uplink, downlink);
        browsers.add(browser);
        return browser;
    }

    private void onRoomDeadlineChanged() {
        shard.set(roomDeadline, room.nextDeadlineNanos());
    }

    private void onRoomDeadline(long now) {
        room.onDeadline(now);
        shard.endTurn();
    }

    /** The server's side of a connection, already in the room. */
    ServerEnd serverEnd(String name, BrowserTransport transport, SyntheticBrowser browser) {
        ServerEnd end = new ServerEnd(time, shard, nextPort++, transport::onServerSends);
        Random random = new Random(nextSeed());
        PeerConnection connection = new PeerConnection(
                new PeerConnectionConfig(
                        name,
                        CERTIFICATE,
                        (role, fingerprints, output) -> new DtlsTransport(
                                new DtlsConfig(
                                        role,
                                        CERTIFICATE,
                                        fingerprints,
                                        List.of(SrtpProfile.values()),
                                        HANDSHAKE_TIMING),
                                HANDSHAKES,
                                transport::onHandshakeTask,
                                output),
                        crypto,
                        wallClock,
                        random,
                        "",
                        pool,
                        List.of(),
                        true,
                        true,
                        30 * Deadlines.SECOND,
                        bandwidth),
                end::send,
                end);
        Participant participant = new Participant(
                name,
                numbers.incrementAndGet(),
                new JoinRequest("room", name, JoinRequest.Role.PARTICIPANT),
                room,
                connection,
                (RoomEvent event) -> browser.onRoomEvent(event),
                random::nextInt);
        end.start(connection, participant);
        room.add(participant);
        return end;
    }

    /** Ends everything. */
    @Override
    public void close() {
        for (SyntheticBrowser browser : browsers) {
            browser.stop();
        }
        for (Participant participant : room.participants()) {
            room.remove(participant, ErrorCode.SHUTTING_DOWN, "end", time.nowNanos());
            participant.connection().close();
        }
        for (SyntheticBrowser browser : browsers) {
            browser.uplink().clear();
            browser.downlink().clear();
        }
        // What is under way arrives nowhere.
        time.run(60);
    }
}
