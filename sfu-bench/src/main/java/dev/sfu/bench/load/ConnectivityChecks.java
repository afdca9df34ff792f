package dev.sfu.bench.load;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import dev.sfu.core.time.Deadlines;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * The controlling side of ICE over one path (RFC 8445): checks fast until the first answer, then as often as browsers do for
 * consent (RFC 7675), and answers checks of servers that are no lite agents.
 */
final class ConnectivityChecks {
    /** Where messages go. */
    @FunctionalInterface
    interface Output {
        void send(byte[] array, int offset, int length);
    }

    private static final long FIRST_INTERVAL_NANOS = 100 * Deadlines.MILLISECOND;
    private static final long CONSENT_INTERVAL_NANOS = 2_500 * Deadlines.MILLISECOND;
    private static final long PRIORITY = (110L << 24) + (0xFFFFL << 8) + 255;

    private final RandomGenerator random;
    private final Output output;
    private final byte[] array = new byte[800];
    private final StunWriter writer = new StunWriter(array);
    private final byte[] id = new byte[StunMessage.TRANSACTION_ID_BYTES];
    private final byte[] username;
    private final StunIntegrity remoteKey;
    private final StunIntegrity localKey;
    private final InetSocketAddress server;
    private final long tieBreaker;
    private long deadlineNanos;
    private boolean connected;

    ConnectivityChecks(
            IceCredentials local, RemoteSide remote, InetSocketAddress server, RandomGenerator random, Output output) {
        this.random = random;
        this.output = output;
        this.server = server;
        this.tieBreaker = random.nextLong();
        this.username = (remote.credentials().ufrag() + ":" + local.ufrag()).getBytes(StandardCharsets.US_ASCII);
        this.remoteKey = StunIntegrity.ofPassword(remote.credentials().password());
        this.localKey = StunIntegrity.ofPassword(local.password());
    }

    long nextDeadlineNanos() {
        return deadlineNanos;
    }

    boolean connected() {
        return connected;
    }

    void onDeadline(long nowNanos) {
        if (!Deadlines.due(deadlineNanos, nowNanos)) {
            return;
        }
        deadlineNanos = nowNanos + (connected ? CONSENT_INTERVAL_NANOS : FIRST_INTERVAL_NANOS);
        random.nextBytes(id);
        writer.begin(StunClass.REQUEST, StunMessage.BINDING, id)
                .username(username)
                .priority(PRIORITY)
                .iceControlling(tieBreaker)
                .useCandidate()
                .integrity(remoteKey)
                .fingerprint();
        output.send(array, 0, writer.length());
    }

    /** Takes a message; true when the connection has just been found to work. */
    boolean onStun(byte[] bytes, int length, long nowNanos) {
        StunMessage message = StunMessage.read(bytes, 0, length);
        if (message == null) {
            return false;
        }
        if (message.stunClass() == StunClass.REQUEST && message.verifies(localKey)) {
            writer.beginResponse(StunClass.SUCCESS, message)
                    .xorMappedAddress(server)
                    .integrity(localKey)
                    .fingerprint();
            output.send(array, 0, writer.length());
            return false;
        }
        boolean first = !connected
                && message.stunClass() == StunClass.SUCCESS
                && message.transactionTail() == Bytes.i64(id, 4)
                && message.verifies(remoteKey);
        if (first) {
            connected = true;
            deadlineNanos = nowNanos + CONSENT_INTERVAL_NANOS;
        }
        return first;
    }
}
