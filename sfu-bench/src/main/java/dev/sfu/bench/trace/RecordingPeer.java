package dev.sfu.bench.trace;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.ice.IceCandidates;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.peerconnection.PeerConnectionConfig;
import dev.sfu.core.peerconnection.RtpTransceiver;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpWriter;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import dev.sfu.core.transport.EventLoops;
import dev.sfu.core.transport.FlushQueue;
import dev.sfu.core.transport.PacketReceiver;
import dev.sfu.core.transport.PathOwner;
import dev.sfu.core.transport.SocketPath;
import dev.sfu.core.transport.UdpSocket;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The server's end of a browser's connection with nothing behind it but a recording: the engine's own peer connection on
 * one socket, so that the browser paces, probes and estimates as it does with the server.
 */
final class RecordingPeer implements PathOwner, PacketReceiver, PeerConnection.Listener, AutoCloseable {
    private static final long TICK_MILLIS = 5;
    private static final long CONSENT_TIMEOUT_NANOS = 30 * Deadlines.SECOND;
    private static final int MAX_IDLE_BUFFERS = 256;

    private final MultiThreadIoEventLoopGroup loops = EventLoops.create(1);
    private final EventLoop loop = loops.next();
    private final BufferPool pool = new BufferPool(MAX_IDLE_BUFFERS);
    private final FlushQueue flushQueue = new FlushQueue(new DropCounters());
    private final PacketLog log;
    private final long warmUpNanos;
    private final UdpSocket socket;
    private final DtlsHandshakes handshakes;
    private final PeerConnection connection;
    private final ScheduledFuture<?> ticks;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private long arrivalNanos;
    private long recordFromNanos = Deadlines.NEVER;
    private boolean keyframesWanted;

    /** Binds to the address; starts to record so long after the connection is up, when the browser has found its bit rate. */
    RecordingPeer(PacketLog log, InetAddress address, long warmUpSeconds)
            throws ExecutionException, InterruptedException {
        this.log = log;
        this.warmUpNanos = TimeUnit.SECONDS.toNanos(warmUpSeconds);
        SecureRandom random = new SecureRandom();
        DtlsCertificate certificate = DtlsCertificate.generate(random, Instant.now());
        this.handshakes = new DtlsHandshakes(random, 1, 1);
        this.socket = UdpSocket.bind(
                        loop, new InetSocketAddress(address, 0), pool, this, flushQueue)
                .toCompletableFuture()
                .get();
        PeerConnectionConfig config = new PeerConnectionConfig(
                "recorder",
                certificate,
                (role, fingerprints, output) -> new DtlsTransport(
                        DtlsConfig.of(role, certificate, fingerprints), handshakes, this::run, output),
                CryptoProviders.select(),
                WallClock.at(System.nanoTime(), Instant.now()),
                random,
                "",
                pool,
                IceCandidates.ofHost(
                        List.of(new IceCandidates.Advertised(Transport.UDP, socket.local())), null),
                false,
                true,
                CONSENT_TIMEOUT_NANOS,
                EngineConfig.Bandwidth.DEFAULT);
        this.connection = CompletableFuture.supplyAsync(
                        () -> new PeerConnection(config, RecordingPeer::send, this), loop)
                .get();
        this.ticks = loop.scheduleAtFixedRate(() -> run(this::onTick), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The answer to a browser's offer. */
    String answer(String offer) throws ExecutionException, InterruptedException {
        CompletableFuture<String> answer = new CompletableFuture<>();
        run(() -> {
            try {
                answer.complete(SdpWriter.write(connection.acceptOffer(SdpReader.read(offer), System.nanoTime())));
                for (RtpTransceiver transceiver : connection.transceivers()) {
                    transceiver.receiver().setSink(this::onRtp);
                }
            } catch (SdpException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer.get();
    }

    /** Completes when the log has all it wants. */
    CompletableFuture<Void> finished() {
        return finished;
    }

    private void run(Runnable task) {
        loop.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                finished.completeExceptionally(e);
            }
            flushQueue.flush();
        });
    }

    private void onTick() {
        long now = System.nanoTime();
        if (Deadlines.due(recordFromNanos, now)) {
            keyframesWanted = true;
            recordFromNanos = log.nextKeyframeNanos(now);
            for (RtpTransceiver transceiver : connection.transceivers()) {
                for (IncomingStream stream : transceiver.receiver().streams()) {
                    stream.requestKeyframe(now);
                }
            }
        }
        if (Deadlines.due(connection.nextDeadlineNanos(), now)) {
            connection.onDeadline(now);
        }
    }

    private void onRtp(IncomingPacket packet, long nowNanos) {
        if (keyframesWanted) {
            log.onPacket(packet, arrivalNanos);
            if (log.complete()) {
                finished.complete(null);
            }
        }
    }

    private static void send(NetworkPath path, PacketBuffer datagram) {
        ((SocketPath) path).send(datagram);
    }

    @Override
    public void onUnclaimed(SocketPath path, PacketBuffer datagram) {
        onDatagram(path, datagram);
    }

    @Override
    public void onDatagram(SocketPath path, PacketBuffer datagram) {
        arrivalNanos = System.nanoTime();
        connection.onDatagram(path, datagram, arrivalNanos);
    }

    @Override
    public boolean isForAnother(PathOwner owner, PacketBuffer datagram) {
        return false;
    }

    @Override
    public void onBatchEnd() {
        flushQueue.flush();
    }

    @Override
    public void onConnectionStateChange(ConnectionState state) {
        if (state == ConnectionState.CONNECTED && recordFromNanos == Deadlines.NEVER && !keyframesWanted) {
            recordFromNanos = System.nanoTime() + warmUpNanos;
        } else if (state == ConnectionState.FAILED) {
            finished.completeExceptionally(new IllegalStateException("the browser's connection failed"));
        }
    }

    @Override
    public void onPathValidated(NetworkPath path) {
        ((SocketPath) path).claim(this);
    }

    @Override
    public void onPathRemoved(NetworkPath path) {
        ((SocketPath) path).unclaim(this);
    }

    @Override
    public void onPathClosed(SocketPath path) {}

    @Override
    public void onDeadlineChanged() {}

    @Override
    public void onLocalUfragAdded(String ufrag) {}

    @Override
    public void onLocalUfragRemoved(String ufrag) {}

    @Override
    public void close() {
        ticks.cancel(false);
        run(connection::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        handshakes.close();
    }
}
