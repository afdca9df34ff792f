package dev.sfu.bench.micro;

import dev.sfu.core.ice.IceAgent;
import dev.sfu.core.ice.IceConfig;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.ice.IceLiteAgent;
import dev.sfu.core.ice.IceState;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import dev.sfu.core.time.Deadlines;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A connectivity check of a browser, verified and answered: each connection has one every 2.5 s. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class StunBenchmark {
    private static final int REQUESTS = 1_024;
    private static final int ROOM_BYTES = 300;

    private final SecureRandom random = new SecureRandom();
    private final IceCredentials server = IceCredentials.create(random);
    private final IceCredentials browser = IceCredentials.create(random);
    private final Sink sink = new Sink();
    private final IceLiteAgent agent = new IceLiteAgent(server, IceConfig.DEFAULT, sink);
    private final Path path = new Path(
            Transport.UDP,
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 5_000),
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 6_000));
    private final byte[][] requests = new byte[REQUESTS][];
    private int next;
    private long nowNanos;

    private record Path(Transport transport, InetSocketAddress local, InetSocketAddress remote) implements NetworkPath {}

    private static final class Sink implements IceAgent.Output {
        private int answeredBytes;

        @Override
        public void sendStun(NetworkPath path, byte[] array, int offset, int length) {
            answeredBytes = length;
        }

        @Override
        public void onPathValidated(NetworkPath path) {
            // Once, in the first request.
        }

        @Override
        public void onPathRemoved(NetworkPath path) {
            throw new IllegalStateException("the path was forgotten");
        }

        @Override
        public void onSelectedPathChanged(@Nullable NetworkPath path) {
            // Once, in the first request.
        }

        @Override
        public void onIceStateChanged(IceState state) {
            // Once, in the first request.
        }

        @Override
        public void onLocalUfragRetired(String ufrag) {
            throw new IllegalStateException("nothing restarts");
        }
    }

    /** Requests with transaction ids of their own, as retransmissions are answered from memory. */
    @Setup
    public void prepare() {
        agent.setRemoteCredentials(browser, 0);
        byte[] username = (server.ufrag() + ":" + browser.ufrag()).getBytes(StandardCharsets.US_ASCII);
        StunIntegrity key = StunIntegrity.ofPassword(server.password());
        byte[] array = new byte[ROOM_BYTES];
        byte[] id = new byte[StunMessage.TRANSACTION_ID_BYTES];
        for (int i = 0; i < REQUESTS; i++) {
            random.nextBytes(id);
            StunWriter writer = new StunWriter(array);
            writer.begin(StunClass.REQUEST, StunMessage.BINDING, id)
                    .username(username)
                    .priority(1)
                    .iceControlling(1)
                    .useCandidate()
                    .integrity(key)
                    .fingerprint();
            requests[i] = Arrays.copyOf(array, writer.length());
        }
    }

    /** Parse, verify, answer. */
    @Benchmark
    public int answer() {
        // So slowly that nothing limits it, so fast that the path does not expire.
        nowNanos += Deadlines.SECOND;
        byte[] request = requests[next++ & (REQUESTS - 1)];
        sink.answeredBytes = 0;
        agent.onStun(path, request, 0, request.length, nowNanos);
        if (sink.answeredBytes == 0) {
            throw new IllegalStateException("no answer");
        }
        return sink.answeredBytes;
    }
}
