package dev.sfu.bench.micro;

import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A DTLS handshake without a network: both sides, of which the server's is about half. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 3, time = 2)
public class DtlsBenchmark {
    private static final int TIMEOUT_SECONDS = 20;

    private final SecureRandom random = new SecureRandom();
    private final DtlsCertificate client = DtlsCertificate.generate(random, Instant.now());
    private final DtlsCertificate server = DtlsCertificate.generate(random, Instant.now());
    private final DtlsHandshakes handshakes = new DtlsHandshakes(random, 16, 16);
    private final ExecutorService owner = Executors.newSingleThreadExecutor();

    /** One side; what it sends the other one receives, on the owner's thread. */
    private final class Side implements DtlsTransport.Output {
        private final CompletableFuture<SrtpProfile> connected = new CompletableFuture<>();
        private final DtlsTransport transport;
        private @Nullable Side other;

        Side(DtlsRole role, DtlsCertificate own, DtlsCertificate others) {
            transport = new DtlsTransport(
                    new DtlsConfig(
                            role,
                            own,
                            List.of(others.fingerprint("sha-256")),
                            List.of(SrtpProfile.AEAD_AES_128_GCM),
                            DtlsConfig.Timing.DEFAULT),
                    handshakes,
                    owner,
                    this);
        }

        @Override
        public void sendDtls(byte[] array, int offset, int length) {
            byte[] datagram = Arrays.copyOfRange(array, offset, offset + length);
            Side receiver = other;
            if (receiver != null) {
                owner.execute(() -> receiver.transport.onDatagram(datagram, 0, datagram.length));
            }
        }

        @Override
        public void onDtlsConnected(SrtpKeys keys) {
            connected.complete(keys.profile());
        }

        @Override
        public void onDtlsClosed() {
            connected.completeExceptionally(new IllegalStateException("closed"));
        }

        @Override
        public void onDtlsFailed(String reason) {
            connected.completeExceptionally(new IllegalStateException(reason));
        }
    }

    /** From nothing to keys on both sides. */
    @Benchmark
    public SrtpProfile handshake() throws Exception {
        Side one = new Side(DtlsRole.CLIENT, client, server);
        Side two = new Side(DtlsRole.SERVER, server, client);
        one.other = two;
        two.other = one;
        owner.execute(two.transport::start);
        owner.execute(one.transport::start);
        two.connected.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        return one.connected.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** Ends the threads. */
    @TearDown
    public void close() {
        handshakes.close();
        owner.shutdown();
    }
}
