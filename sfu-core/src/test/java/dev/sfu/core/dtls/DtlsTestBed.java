package dev.sfu.core.dtls;

import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.TlsClient;

/** What every DTLS test needs: certificates, an owner's thread, handshakes; {@link #close} proves that none leaked. */
final class DtlsTestBed implements AutoCloseable {
    static final SecureRandom RANDOM = new SecureRandom();
    static final DtlsCertificate CLIENT_CERTIFICATE = DtlsCertificate.generate(RANDOM, Instant.EPOCH);
    static final DtlsCertificate SERVER_CERTIFICATE = DtlsCertificate.generate(RANDOM, Instant.EPOCH);

    /** Real time passes in Bouncy Castle's retransmission, so little of it. */
    static final DtlsConfig.Timing QUICK = new DtlsConfig.Timing(10, 15_000);

    final ExecutorService owner = Executors.newSingleThreadExecutor();
    final DtlsHandshakes handshakes;

    DtlsTestBed() {
        this(new DtlsHandshakes(RANDOM, 8, 8));
    }

    DtlsTestBed(DtlsHandshakes handshakes) {
        this.handshakes = handshakes;
    }

    DtlsEndpoint client(SrtpProfile... profiles) {
        return endpoint(config(
                DtlsRole.CLIENT, List.of(SERVER_CERTIFICATE.fingerprint("sha-256")), profiles));
    }

    DtlsEndpoint server(SrtpProfile... profiles) {
        return endpoint(config(
                DtlsRole.SERVER, List.of(CLIENT_CERTIFICATE.fingerprint("sha-256")), profiles));
    }

    DtlsEndpoint endpoint(DtlsConfig config) {
        return new DtlsEndpoint(config, handshakes, owner);
    }

    static DtlsConfig config(DtlsRole role, List<Fingerprint> remoteFingerprints, SrtpProfile... profiles) {
        return new DtlsConfig(
                role,
                role == DtlsRole.CLIENT ? CLIENT_CERTIFICATE : SERVER_CERTIFICATE,
                remoteFingerprints,
                List.of(profiles.length == 0 ? SrtpProfile.values() : profiles),
                QUICK);
    }

    static void start(DtlsEndpoint client, DtlsEndpoint server) {
        server.run(() -> server.transport().start());
        client.run(() -> client.transport().start());
    }

    /** Joins, starts and connects both over a perfect path. */
    static void connect(DtlsEndpoint client, DtlsEndpoint server) {
        DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
        start(client, server);
        client.awaitConnected();
        server.awaitConnected();
    }

    /**
     * Lets a client of Bouncy Castle's that is not one of ours handshake with {@code server}, which this starts.
     *
     * @param arriving turns each datagram that the client sends into those that reach the server
     */
    CompletableFuture<SrtpKeys> connectForeign(
            Function<Negotiation, TlsClient> client, UnaryOperator<List<byte[]>> arriving, DtlsEndpoint server) {
        DtlsConfig config = config(DtlsRole.CLIENT, List.of(SERVER_CERTIFICATE.fingerprint("sha-256")));
        Negotiation negotiation = new Negotiation(config, handshakes.crypto());
        DtlsLink link = new DtlsLink(config, (array, offset, length) -> {
            byte[] sent = Arrays.copyOfRange(array, offset, offset + length);
            for (byte[] datagram : arriving.apply(List.of(sent))) {
                owner.execute(() -> server.receive(datagram));
            }
        });
        server.outgoing(datagram -> {
            if (!link.offer(datagram)) {
                throw new AssertionError("the client's queue is full");
            }
        });
        server.run(() -> server.transport().start());
        return CompletableFuture.supplyAsync(() -> {
            try {
                new DTLSClientProtocol().connect(client.apply(negotiation), link);
                return Objects.requireNonNull(negotiation.takeKeys());
            } catch (IOException e) {
                throw new CompletionException(e);
            } finally {
                link.flush();
            }
        });
    }

    void awaitIdle() {
        try {
            if (!handshakes.awaitIdle(10_000)) {
                throw new AssertionError(handshakes.inFlight() + " handshakes in flight (expected: 0)");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        handshakes.close();
        awaitIdle();
        owner.shutdownNow();
    }
}
