package dev.sfu.core.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.srtp.CryptoProviders;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DtlsCertificateTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final DtlsCertificate certificate = DtlsCertificate.generate(new SecureRandom(), NOW);

    /** The JDK's, and the native one where it works. */
    private static Stream<Provider> providers() {
        return Stream.concat(Stream.of(CryptoProviders.jdk()), CryptoProviders.accp().stream())
                .map(CryptoProviders::gcm);
    }

    @ParameterizedTest
    @MethodSource("providers")
    void isSelfSignedP256AndValidAroundNow(Provider provider) throws Exception {
        DtlsCertificate certificate = DtlsCertificate.generate(provider, new SecureRandom(), NOW);
        X509Certificate parsed = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate.der()));
        parsed.verify(parsed.getPublicKey());
        assertEquals(256, ((ECPublicKey) parsed.getPublicKey()).getParams().getOrder().bitLength());
        assertEquals("SHA256withECDSA", parsed.getSigAlgName());
        assertEquals(NOW.minus(Duration.ofDays(1)), parsed.getNotBefore().toInstant());
        assertEquals(NOW.plus(Duration.ofDays(365)), parsed.getNotAfter().toInstant());
        assertTrue(parsed.getSerialNumber().signum() > 0);
        assertEquals("CN=WebRTC", parsed.getSubjectX500Principal().getName());
    }

    @Test
    void fingerprintHashesTheDer() throws Exception {
        Fingerprint fingerprint = certificate.fingerprint("SHA-256");
        assertEquals("sha-256", fingerprint.algorithm());
        assertArrayEquals(
                MessageDigest.getInstance("SHA-256").digest(certificate.der()), fingerprint.value());
        assertEquals(48, certificate.fingerprint("sha-384").value().length);
        assertEquals(64, certificate.fingerprint("sha-512").value().length);
        assertThrows(IllegalArgumentException.class, () -> certificate.fingerprint("sha-1"));
    }

    @Test
    void everyCertificateIsAnother() {
        DtlsCertificate other = DtlsCertificate.generate(new SecureRandom(), NOW);
        assertFalse(CertificateFingerprints.anyMatches(
                List.of(certificate.fingerprint("sha-256")), other.der()));
    }

    @Test
    void weakHashesIdentifyNobody() throws Exception {
        Fingerprint sha1 =
                new Fingerprint("sha-1", MessageDigest.getInstance("SHA-1").digest(certificate.der()));
        assertFalse(CertificateFingerprints.anyMatches(List.of(sha1), certificate.der()));
        assertTrue(CertificateFingerprints.anyMatches(
                List.of(sha1, certificate.fingerprint("sha-384")), certificate.der()));
    }
}
