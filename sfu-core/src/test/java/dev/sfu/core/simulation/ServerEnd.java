package dev.sfu.core.simulation;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.ice.TestPath;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.routing.Participant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The server's end of a browser's connection: the real one, with what its shard would do for it. */
final class ServerEnd implements PeerConnection.Listener {
    /** Where the connection's datagrams go. */
    @FunctionalInterface
    interface Output {
        /** Takes over the reference. */
        void send(PacketBuffer datagram);
    }

    /** Read and written by the shard. */
    boolean touched;

    private final VirtualTime time;
    private final SimulatedShard shard;
    private final TestPath path;
    private final Output output;
    private final VirtualTime.Alarm deadline = new VirtualTime.Alarm(this::onDeadline);
    private @Nullable PeerConnection connection;
    private @Nullable Participant participant;

    ServerEnd(VirtualTime time, SimulatedShard shard, int port, Output output) {
        this.time = time;
        this.shard = shard;
        this.path = TestPath.udp(port);
        this.output = output;
    }

    void start(PeerConnection newConnection, Participant newParticipant) {
        connection = newConnection;
        participant = newParticipant;
    }

    PeerConnection connection() {
        return Objects.requireNonNull(connection);
    }

    Participant participant() {
        return Objects.requireNonNull(participant);
    }

    VirtualTime.Alarm deadline() {
        return deadline;
    }

    /** The connection's sink. */
    void send(NetworkPath to, PacketBuffer datagram) {
        output.send(datagram);
    }

    void onDatagram(PacketBuffer datagram, long nowNanos) {
        shard.touch(this);
        connection().onDatagram(path, datagram, nowNanos);
        shard.endTurn();
    }

    private void onDeadline(long nowNanos) {
        shard.touch(this);
        connection().onDeadline(nowNanos);
        shard.endTurn();
    }

    @Override
    public void onConnectionStateChange(ConnectionState state) {
        Participant present = participant;
        if (present != null && state != ConnectionState.CLOSED) {
            present.onConnectionState(state, time.nowNanos());
        }
    }

    @Override
    public void onDeadlineChanged() {
        shard.touch(this);
    }

    @Override
    public void onLocalUfragAdded(String ufrag) {}

    @Override
    public void onLocalUfragRemoved(String ufrag) {}

    @Override
    public void onPathValidated(NetworkPath validated) {}

    @Override
    public void onPathRemoved(NetworkPath removed) {}
}
