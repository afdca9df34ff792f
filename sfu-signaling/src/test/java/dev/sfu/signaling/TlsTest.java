package dev.sfu.signaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.Vertx;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS with a certificate made at start, and with PEM files that change. */
@Timeout(60)
class TlsTest {
    private static final SignalingConfig.Timing QUICK_CHECKS = new SignalingConfig.Timing(
            Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(30), Duration.ofMillis(20));

    @Test
    void selfSignedServesLocalhost() throws Exception {
        try (SignalingFixture fixture = new SignalingFixture(
                config -> config.withTls(new SignalingConfig.Tls.SelfSigned()))) {
            X509Certificate certificate = certificateOf(fixture.port);
            assertEquals("CN=localhost", certificate.getSubjectX500Principal().getName());
            assertTrue(String.valueOf(certificate.getSubjectAlternativeNames()).contains("127.0.0.1"));
            certificate.checkValidity();
        }
    }

    @Test
    void pemFilesAreReadAgainWhenTheyChange(@TempDir Path directory) throws Exception {
        SignalingConfig.Tls.Pem pem =
                new SignalingConfig.Tls.Pem(directory.resolve("tls.crt"), directory.resolve("tls.key"));
        write(pem, bundle("first"), 1);
        try (SignalingFixture fixture = new SignalingFixture(config -> config.withTls(pem).withTiming(QUICK_CHECKS))) {
            assertEquals("CN=first", certificateOf(fixture.port).getSubjectX500Principal().getName());
            write(pem, bundle("second"), 2);
            String name;
            do {
                name = certificateOf(fixture.port).getSubjectX500Principal().getName();
            } while (name.equals("CN=first"));
            assertEquals("CN=second", name);
        }
    }

    @Test
    void aBrokenRenewalKeepsTheOldCertificate(@TempDir Path directory) throws Exception {
        SignalingConfig.Tls.Pem pem =
                new SignalingConfig.Tls.Pem(directory.resolve("tls.crt"), directory.resolve("tls.key"));
        write(pem, bundle("first"), 1);
        try (SignalingFixture fixture = new SignalingFixture(config -> config.withTls(pem).withTiming(QUICK_CHECKS))) {
            Files.writeString(pem.certificate(), "broken");
            // A second, good renewal shows that the first one has been looked at and passed over.
            for (int i = 0; i < 5; i++) {
                assertEquals("CN=first", certificateOf(fixture.port).getSubjectX500Principal().getName());
            }
            write(pem, bundle("third"), 3);
            String name;
            do {
                name = certificateOf(fixture.port).getSubjectX500Principal().getName();
            } while (name.equals("CN=first"));
            assertEquals("CN=third", name);
        }
    }

    @Test
    void aMissingCertificateFailsTheStart(@TempDir Path directory) {
        Vertx vertx = Vertx.vertx();
        ScriptedEngine engine = new ScriptedEngine();
        SignalingServer server = new SignalingServer(
                vertx,
                engine,
                SignalingConfig.plain("127.0.0.1", 0)
                        .withTls(new SignalingConfig.Tls.Pem(directory.resolve("no.crt"), directory.resolve("no.key"))));
        assertThrows(AssertionError.class, () -> SignalingFixture.await(server.start()));
        engine.close();
        SignalingFixture.await(vertx.close());
    }

    @Test
    void eachSelfSignedCertificateIsNew() {
        assertNotEquals(CertificateWatch.selfSigned(), CertificateWatch.selfSigned());
    }

    private static X509Bundle bundle(String name) throws Exception {
        return new CertificateBuilder()
                .subject("CN=" + name)
                .addSanDnsName("localhost")
                .setIsCertificateAuthority(true)
                .ecp256()
                .notBefore(Instant.now().minusSeconds(60))
                .notAfter(Instant.now().plusSeconds(3600))
                .buildSelfSigned();
    }

    private static void write(SignalingConfig.Tls.Pem pem, X509Bundle bundle, int version) throws Exception {
        Files.writeString(pem.key(), bundle.getPrivateKeyPEM());
        Files.writeString(pem.certificate(), bundle.getCertificatePathPEM());
        FileTime time = FileTime.from(Instant.ofEpochSecond(1_700_000_000L + version));
        Files.setLastModifiedTime(pem.key(), time);
        Files.setLastModifiedTime(pem.certificate(), time);
    }

    /** What a new connection is served with; the page must come over it too. */
    private static X509Certificate certificateOf(int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAnything()}, null);
        try (HttpClient http = HttpClient.newBuilder().sslContext(context).build()) {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode());
            return (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
        }
    }

    /** Takes what a browser would warn about; host names are not checked either, as this is the extended kind. */
    private static final class TrustAnything extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(
                X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

        @Override
        public void checkServerTrusted(
                X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
