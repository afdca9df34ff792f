package dev.sfu.core.shard;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.peerconnection.PeerConnectionConfig;
import dev.sfu.core.routing.Participant;
import dev.sfu.core.time.DeadlineQueue;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.transport.PathOwner;
import dev.sfu.core.transport.SocketPath;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ties one peer connection to its shard: paths, username fragments, deadline and participant. */
final class ShardConnection extends DeadlineQueue.Member implements PathOwner, PeerConnection.Listener {
    private final Shard shard;
    private final PeerConnection connection;
    private final JoinRequest request;
    private final Runnable onEnded;
    private final long createdEpochMillis;
    private final List<SocketPath> paths = new ArrayList<>();
    private @Nullable Participant participant;
    private boolean touched;
    private boolean failed;

    ShardConnection(
            Shard shard, EngineResources resources, BufferPool pool, JoinRequest request, Runnable onEnded) {
        this.shard = shard;
        this.request = request;
        this.onEnded = onEnded;
        this.createdEpochMillis = resources.wallClock().epochNanos(shard.now()) / Deadlines.MILLISECOND;
        this.connection = new PeerConnection(
                new PeerConnectionConfig(
                        resources.newId("c"),
                        resources.certificate(),
                        (role, fingerprints, output) -> new DtlsTransport(
                                DtlsConfig.of(role, resources.certificate(), fingerprints),
                                resources.handshakes(),
                                this::runOnShard,
                                output),
                        resources.crypto().get(),
                        resources.wallClock(),
                        resources.random(),
                        resources.ufragPrefix(shard.index()),
                        pool,
                        shard.sockets().candidates(request.fromLoopback()),
                        request.role() != JoinRequest.Role.PUBLISHER,
                        request.role() != JoinRequest.Role.VIEWER,
                        resources.config().limits().consentTimeoutMillis() * Deadlines.MILLISECOND,
                        resources.config().bandwidth(),
                        resources.config().publish().of(request.room())),
                ShardConnection::send,
                this);
    }

    private void runOnShard(Runnable task) {
        shard.execute(() -> {
            shard.touch(this);
            task.run();
        });
    }

    private static void send(NetworkPath path, PacketBuffer datagram) {
        ((SocketPath) path).send(datagram);
    }

    PeerConnection connection() {
        return connection;
    }

    Participant participant() {
        Participant present = participant;
        assert present != null;
        return present;
    }

    void setParticipant(Participant newParticipant) {
        participant = newParticipant;
    }

    boolean touched() {
        return touched;
    }

    void setTouched(boolean newTouched) {
        touched = newTouched;
    }

    /** Whether the connection came to an end by itself. */
    boolean failed() {
        return failed;
    }

    /** What the participant is told of a connection that came to an end by itself. */
    ErrorCode endCode() {
        return connection.closedByPeer() ? ErrorCode.LEFT : ErrorCode.CONNECTION_FAILED;
    }

    void onEnded() {
        onEnded.run();
    }

    ConnectionInfo info() {
        Participant present = participant();
        return new ConnectionInfo(
                connection.id(),
                present.room().name(),
                present.id(),
                present.name(),
                request.role(),
                connection.connectionState(),
                createdEpochMillis);
    }

    void releasePaths() {
        for (SocketPath path : List.copyOf(paths)) {
            path.unclaim(this);
        }
        paths.clear();
    }

    @Override
    public void onDatagram(SocketPath path, PacketBuffer datagram) {
        long now = shard.now();
        shard.touch(this);
        connection.onDatagram(path, datagram, now);
    }

    @Override
    public void onPathClosed(SocketPath path) {
        paths.remove(path);
        shard.touch(this);
        connection.onPathClosed(path, shard.now());
    }

    @Override
    public void onConnectionStateChange(ConnectionState state) {
        if (state == ConnectionState.FAILED) {
            failed = true;
            shard.touch(this);
        }
        Participant present = participant;
        if (present != null && state != ConnectionState.CLOSED) {
            present.onConnectionState(state, shard.now());
        }
    }

    @Override
    public void onDeadlineChanged() {
        shard.touch(this);
    }

    @Override
    public void onLocalUfragAdded(String ufrag) {
        shard.addUfrag(ufrag, this);
    }

    @Override
    public void onLocalUfragRemoved(String ufrag) {
        shard.removeUfrag(ufrag, this);
    }

    @Override
    public void onPathValidated(NetworkPath path) {
        SocketPath socketPath = (SocketPath) path;
        socketPath.claim(this);
        paths.add(socketPath);
    }

    @Override
    public void onPathRemoved(NetworkPath path) {
        SocketPath socketPath = (SocketPath) path;
        paths.remove(socketPath);
        socketPath.unclaim(this);
    }
}
