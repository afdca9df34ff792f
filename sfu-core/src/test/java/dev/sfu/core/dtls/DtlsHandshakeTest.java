package dev.sfu.core.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DtlsHandshakeTest {
    static void assertSameKeys(SrtpKeys client, SrtpKeys server) {
        assertEquals(client.profile(), server.profile());
        assertArrayEquals(client.localKey(), server.remoteKey());
        assertArrayEquals(client.localSalt(), server.remoteSalt());
        assertArrayEquals(client.remoteKey(), server.localKey());
        assertArrayEquals(client.remoteSalt(), server.localSalt());
        assertTrue(!MessageDigest.isEqual(client.localKey(), client.remoteKey()));
    }

    @ParameterizedTest
    @EnumSource
    void bothSidesGetTheSameKeysInEachProfile(SrtpProfile profile) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client(profile);
            DtlsEndpoint server = bed.server();
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            DtlsTestBed.start(client, server);

            SrtpKeys keys = client.awaitConnected();

            assertEquals(profile, keys.profile());
            assertSameKeys(keys, server.awaitConnected());
            assertEquals(profile, server.transport().srtpProfile());
        }
    }

    @Test
    void theServersFirstProfileWins() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client =
                    bed.client(SrtpProfile.AES128_CM_HMAC_SHA1_80, SrtpProfile.AEAD_AES_128_GCM);
            DtlsEndpoint server = bed.server();
            DtlsTestBed.connect(client, server);
            assertEquals(SrtpProfile.AEAD_AES_128_GCM, client.transport().srtpProfile());
        }
    }

    @Test
    void noCommonProfileFailsBothSides() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client(SrtpProfile.AEAD_AES_256_GCM);
            DtlsEndpoint server = bed.server(SrtpProfile.AES128_CM_HMAC_SHA1_80);
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            DtlsTestBed.start(client, server);
            assertEquals("the peer offers no SRTP profile that is acceptable here", server.awaitFailed());
            assertTrue(client.awaitFailed().contains("handshake_failure"));
            assertEquals(DtlsTransportState.FAILED, client.state());
        }
    }

    @Test
    void worksWithTheJdksProviderAlone() {
        try (DtlsTestBed bed = new DtlsTestBed(new DtlsHandshakes(
                CryptoProviders.jdk().gcm(), DtlsTestBed.RANDOM, 8, 8))) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsTestBed.connect(client, server);
            assertSameKeys(client.awaitConnected(), server.awaitConnected());
        }
    }

    @Test
    void tellsStatisticsWhatWasNegotiated() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            assertNull(client.transport().cipherSuite());
            assertEquals(DtlsTransportState.NEW, client.state());
            DtlsTestBed.connect(client, server);
            assertEquals(DtlsTransportState.CONNECTED, client.state());
            assertEquals("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", server.transport().cipherSuite());
            assertEquals("FEFD", server.transport().tlsVersion());
            assertEquals(DtlsRole.SERVER, server.transport().role());
            assertArrayEquals(
                    DtlsTestBed.CLIENT_CERTIFICATE.der(), server.transport().remoteCertificates().getFirst());
            assertArrayEquals(
                    DtlsTestBed.SERVER_CERTIFICATE.der(), client.transport().remoteCertificates().getFirst());
        }
    }

    @Test
    void aFlightIsOneDatagramOfAtMost1200Bytes() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.endpoint(patient(DtlsRole.CLIENT, DtlsTestBed.SERVER_CERTIFICATE));
            DtlsEndpoint server = bed.endpoint(patient(DtlsRole.SERVER, DtlsTestBed.CLIENT_CERTIFICATE));
            DtlsWire up = DtlsWire.perfect();
            DtlsWire down = DtlsWire.perfect();
            DtlsEndpoint.join(client, up, server, down);
            DtlsTestBed.start(client, server);
            client.awaitConnected();
            server.awaitConnected();
            assertEquals(2, up.datagrams());
            assertEquals(2, down.datagrams());
            assertTrue(up.largestBytes() <= 1200 && down.largestBytes() <= 1200);
        }
    }

    /** Retransmits so late that only a loss could make it. */
    private static DtlsConfig patient(DtlsRole role, DtlsCertificate peer) {
        return new DtlsConfig(
                role,
                role == DtlsRole.CLIENT ? DtlsTestBed.CLIENT_CERTIFICATE : DtlsTestBed.SERVER_CERTIFICATE,
                List.of(peer.fingerprint("sha-256")),
                List.of(SrtpProfile.values()),
                new DtlsConfig.Timing(15_000, 30_000));
    }

    @Test
    void aServerKeepsTheClientHelloThatComesBeforeStart() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.endpoint(patient(DtlsRole.CLIENT, DtlsTestBed.SERVER_CERTIFICATE));
            DtlsEndpoint server = bed.server();
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            CompletableFuture<Boolean> arrived = new CompletableFuture<>();
            client.outgoing(datagram -> {
                server.receive(datagram);
                arrived.complete(true);
            });
            client.run(() -> client.transport().start());
            assertTrue(arrived.orTimeout(20, TimeUnit.SECONDS).join());
            assertEquals(DtlsTransportState.NEW, server.state());
            assertEquals(1, bed.handshakes.inFlight(), "the client's alone");
            server.run(() -> server.transport().start());
            assertSameKeys(client.awaitConnected(), server.awaitConnected());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWrongFingerprintFails(DtlsRole whoChecks) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            Fingerprint wrong = new Fingerprint("sha-256", new byte[32]);
            DtlsEndpoint client = whoChecks == DtlsRole.CLIENT
                    ? bed.endpoint(DtlsTestBed.config(DtlsRole.CLIENT, List.of(wrong)))
                    : bed.client();
            DtlsEndpoint server = whoChecks == DtlsRole.SERVER
                    ? bed.endpoint(DtlsTestBed.config(DtlsRole.SERVER, List.of(wrong)))
                    : bed.server();
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            DtlsTestBed.start(client, server);
            DtlsEndpoint checker = whoChecks == DtlsRole.CLIENT ? client : server;
            DtlsEndpoint other = whoChecks == DtlsRole.CLIENT ? server : client;
            assertEquals("the peer's certificate matches no fingerprint of its SDP", checker.awaitFailed());
            assertTrue(other.awaitFailed().contains("bad_certificate"));
            assertEquals(List.of(), checker.transport().remoteCertificates());
        }
    }

    @Test
    void anyStrongFingerprintSuffices() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.endpoint(DtlsTestBed.config(
                    DtlsRole.SERVER,
                    List.of(
                            new Fingerprint("sha-1", new byte[20]),
                            new Fingerprint("sha-256", new byte[32]),
                            DtlsTestBed.CLIENT_CERTIFICATE.fingerprint("SHA-512"))));
            DtlsTestBed.connect(client, server);
            assertEquals(DtlsTransportState.CONNECTED, server.state());
        }
    }

    @Test
    void noFingerprintsFail() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.endpoint(DtlsTestBed.config(DtlsRole.SERVER, List.of()));
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            DtlsTestBed.start(client, server);
            assertEquals("the peer's certificate matches no fingerprint of its SDP", server.awaitFailed());
        }
    }
}
