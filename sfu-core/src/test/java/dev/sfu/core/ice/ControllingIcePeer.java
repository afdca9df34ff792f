package dev.sfu.core.ice;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import dev.sfu.core.time.Deadlines;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The controlling side of ICE over one path, for synthetic peers of a lite agent: sends a signed Binding request at
 * every interval and verifies the answers. Sans-IO like the agents: the owner calls {@link #start},
 * {@link #onDeadline} and {@link #onStun} on one thread and carries what {@link Output} gets.
 */
public final class ControllingIcePeer {
    /** The peer-reflexive priority of a UDP host candidate (RFC 8445 section 7.1.1). */
    public static final long DEFAULT_PRIORITY = (110L << 24) + (0xFFFFL << 8) + 255;

    private static final int REMEMBERED = 16;

    /** Where requests go. */
    @FunctionalInterface
    public interface Output {
        /** Sends a request; the array is reused after the call. */
        void send(byte[] array, int offset, int length);
    }

    private final IceCredentials local;
    private final RandomGenerator random;
    private final long intervalNanos;
    private final Output output;
    private final byte[] array = new byte[800];
    private final StunWriter writer = new StunWriter(array);
    private final long tieBreaker;

    private byte[] username;
    private StunIntegrity key;
    private long priority = DEFAULT_PRIORITY;
    private boolean useCandidate = true;
    private long nomination = -1;

    /** The last 64 bits of transaction ids; 0 when answered. */
    private final long[] sentIds = new long[REMEMBERED];
    private final long[] sentNanos = new long[REMEMBERED];
    private long deadlineNanos = Deadlines.NEVER;
    private long requestsSent;
    private long responsesReceived;
    private int lastErrorCode;
    private long roundTripNanos;
    private @Nullable InetSocketAddress mappedAddress;

    /** A peer with these credentials of a lite agent whose credentials are {@code remote}. */
    public ControllingIcePeer(
            IceCredentials local, IceCredentials remote, RandomGenerator random, long intervalNanos, Output output) {
        this.local = local;
        this.random = random;
        this.intervalNanos = intervalNanos;
        this.output = output;
        this.tieBreaker = random.nextLong();
        this.username = usernameFor(remote);
        this.key = StunIntegrity.ofPassword(remote.password());
    }

    private byte[] usernameFor(IceCredentials remote) {
        return (remote.ufrag() + ":" + local.ufrag()).getBytes(StandardCharsets.US_ASCII);
    }

    /** From now on checks with new credentials of the agent, as after its restart; answers to older checks are lost. */
    public void setRemoteCredentials(IceCredentials remote) {
        username = usernameFor(remote);
        key = StunIntegrity.ofPassword(remote.password());
        Arrays.fill(sentIds, 0);
    }

    /** The PRIORITY of the next checks. */
    public void setPriority(long value) {
        priority = value;
    }

    /** Whether the next checks carry USE-CANDIDATE, as they do at first. */
    public void setUseCandidate(boolean value) {
        useCandidate = value;
    }

    /** The NOMINATION of the next checks; -1, as at first, for none. */
    public void setNomination(long value) {
        nomination = value;
    }

    /** Sends the first check and schedules the others. */
    public void start(long nowNanos) {
        deadlineNanos = nowNanos;
        onDeadline(nowNanos);
    }

    /** Sends no more. */
    public void stop() {
        deadlineNanos = Deadlines.NEVER;
    }

    /** When the next check is due. */
    public long nextDeadlineNanos() {
        return deadlineNanos;
    }

    /** Sends a check when it is due. */
    public void onDeadline(long nowNanos) {
        if (Deadlines.due(deadlineNanos, nowNanos)) {
            check(nowNanos);
            deadlineNanos = nowNanos + intervalNanos;
        }
    }

    /** Sends a check now, out of turn. */
    public void check(long nowNanos) {
        byte[] id = new byte[StunMessage.TRANSACTION_ID_BYTES];
        random.nextBytes(id);
        int slot = (int) (requestsSent++ % REMEMBERED);
        sentIds[slot] = Bytes.i64(id, 4);
        sentNanos[slot] = nowNanos;
        writer.begin(StunClass.REQUEST, StunMessage.BINDING, id)
                .username(username)
                .priority(priority)
                .iceControlling(tieBreaker);
        if (useCandidate) {
            writer.useCandidate();
        }
        if (nomination >= 0) {
            writer.nomination(nomination);
        }
        writer.integrity(key).fingerprint();
        output.send(array, 0, writer.length());
    }

    /** Takes an answer; true when it is a signed success or error answer to one of the last checks. */
    public boolean onStun(byte[] bytes, int offset, int length, long nowNanos) {
        StunMessage message = StunMessage.read(bytes, offset, length);
        if (message == null || !message.hasFingerprint() || !message.verifies(key)) {
            return false;
        }
        for (int slot = 0; slot < REMEMBERED; slot++) {
            if (sentIds[slot] != 0 && sentIds[slot] == message.transactionTail()) {
                sentIds[slot] = 0;
                roundTripNanos = nowNanos - sentNanos[slot];
                return onAnswer(message);
            }
        }
        return false;
    }

    private boolean onAnswer(StunMessage message) {
        switch (message.stunClass()) {
            case SUCCESS -> {
                mappedAddress = message.xorMappedAddress();
                responsesReceived++;
                return mappedAddress != null;
            }
            case ERROR -> {
                lastErrorCode = message.errorCode();
                return true;
            }
            case REQUEST, INDICATION -> {
                return false;
            }
        }
        throw new AssertionError(message.stunClass());
    }

    /** Whether a check has succeeded. */
    public boolean isConnected() {
        return responsesReceived > 0;
    }

    /** Checks sent. */
    public long requestsSent() {
        return requestsSent;
    }

    /** Checks that succeeded. */
    public long responsesReceived() {
        return responsesReceived;
    }

    /** The code of the last error answer; 0 if there was none. */
    public int lastErrorCode() {
        return lastErrorCode;
    }

    /** From the last answered check to its answer. */
    public long roundTripNanos() {
        return roundTripNanos;
    }

    /** Where the agent saw the last answered check come from. */
    public @Nullable InetSocketAddress mappedAddress() {
        return mappedAddress;
    }
}
