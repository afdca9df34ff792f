package dev.sfu.core.ice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.stats.DropReason;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A lite agent, what it said, and a peer that can send any check, in virtual time. */
final class IceScene implements IceAgent.Output {
    static final long MS = Deadlines.MILLISECOND;
    static final long SECOND = Deadlines.SECOND;
    static final long HIGH = ControllingIcePeer.DEFAULT_PRIORITY;
    static final long LOW = HIGH - 256;

    final Random random = new Random(8445);
    final IceCredentials client = IceCredentials.create(random);
    final IceLiteAgent agent;
    /** What the agent said since last cleared, such as {@code valid UDP /198.51.100.7:1} or {@code CONNECTED}. */
    final List<String> events = new ArrayList<>();
    final List<Sent> sent = new ArrayList<>();
    /** Starts below zero, as System.nanoTime may. */
    long now = -3 * SECOND;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sent(NetworkPath path, byte[] bytes) {}

    /** What a check carries. */
    record Check(boolean useCandidate, long nomination, long priority, boolean controlled, int unknownType) {
        static final Check PLAIN = new Check(false, -1, HIGH, false, 0);
        static final Check NOMINATE = new Check(true, -1, HIGH, false, 0);

        Check priority(long value) {
            return new Check(useCandidate, nomination, value, controlled, unknownType);
        }

        static Check nomination(long value) {
            return new Check(false, value, HIGH, false, 0);
        }
    }

    IceScene() {
        this(IceConfig.DEFAULT);
    }

    IceScene(IceConfig config) {
        agent = new IceLiteAgent(IceCredentials.create(random), config, this);
    }

    /** A scene in which signaling is through. */
    static IceScene signalled() {
        IceScene scene = new IceScene();
        scene.agent.setRemoteCredentials(scene.client, scene.now);
        scene.events.clear();
        return scene;
    }

    /** Lets time pass, calling the agent at each of its deadlines. */
    void advance(long nanos) {
        long end = now + nanos;
        while (Deadlines.due(agent.nextDeadlineNanos(), end)) {
            long deadline = agent.nextDeadlineNanos();
            now = Math.max(now, deadline);
            agent.onDeadline(now);
            assertTrue(agent.nextDeadlineNanos() > now, "a deadline has to move when it was served");
        }
        now = end;
    }

    byte[] request(IceCredentials local, IceCredentials remote, Check check) {
        byte[] array = new byte[300];
        byte[] id = new byte[12];
        random.nextBytes(id);
        StunWriter writer = new StunWriter(array).begin(StunClass.REQUEST, StunMessage.BINDING, id)
                .username((remote.ufrag() + ":" + local.ufrag()).getBytes(US_ASCII))
                .priority(check.priority());
        if (check.controlled()) {
            writer.iceControlled(1);
        } else {
            writer.iceControlling(1);
        }
        if (check.unknownType() != 0) {
            writer.attribute(check.unknownType(), new byte[2]);
        }
        if (check.useCandidate()) {
            writer.useCandidate();
        }
        if (check.nomination() >= 0) {
            writer.nomination(check.nomination());
        }
        writer.integrity(StunIntegrity.ofPassword(remote.password())).fingerprint();
        return Arrays.copyOf(array, writer.length());
    }

    @Nullable DropReason receive(NetworkPath path, byte[] bytes) {
        return agent.onStun(path, bytes, 0, bytes.length, now);
    }

    /** A check with the agent's present credentials. */
    @Nullable DropReason check(NetworkPath path, Check check) {
        return receive(path, request(client, agent.localCredentials(), check));
    }

    @Nullable DropReason checkWith(IceCredentials remote, NetworkPath path, Check check) {
        return receive(path, request(client, remote, check));
    }

    StunMessage lastAnswer() {
        byte[] bytes = sent.getLast().bytes();
        StunMessage message = StunMessage.read(bytes, 0, bytes.length);
        assertNotNull(message);
        return message;
    }

    @Override
    public void sendStun(NetworkPath path, byte[] array, int offset, int length) {
        sent.add(new Sent(path, Arrays.copyOfRange(array, offset, offset + length)));
    }

    @Override
    public void onPathValidated(NetworkPath path) {
        assertTrue(agent.isValid(path));
        events.add("valid " + path);
    }

    @Override
    public void onPathRemoved(NetworkPath path) {
        events.add("removed " + path);
    }

    @Override
    public void onSelectedPathChanged(@Nullable NetworkPath path) {
        events.add("selected " + path);
    }

    @Override
    public void onIceStateChanged(IceState state) {
        events.add(state.toString());
    }

    @Override
    public void onLocalUfragRetired(String ufrag) {
        events.add("retired " + ufrag);
    }
}
