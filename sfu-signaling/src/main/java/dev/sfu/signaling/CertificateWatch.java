package dev.sfu.signaling;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileProps;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves new connections with a renewed certificate when the PEM files change. Compares modification time and size,
 * through symbolic links, as Kubernetes replaces mounted secrets by moving a link. Loop-confined.
 */
final class CertificateWatch {
    private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);

    private static final Duration CLOCK_SKEW = Duration.ofHours(1);
    private static final Duration SELF_SIGNED_LIFETIME = Duration.ofDays(365);

    /** What tells one version of the two files from the next. */
    private record Version(long certificateMillis, long certificateBytes, long keyMillis, long keyBytes) {}

    private final Vertx vertx;
    private final HttpServer server;
    private final SignalingConfig.Tls.Pem pem;
    private final long timer;
    private @Nullable Version served;

    CertificateWatch(Vertx vertx, HttpServer server, SignalingConfig.Tls.Pem pem, Duration interval) {
        this.vertx = vertx;
        this.server = server;
        this.pem = pem;
        version().onSuccess(version -> served = version);
        timer = vertx.setPeriodic(interval.toMillis(), ignored -> check());
    }

    /** The files as they are now. */
    static KeyCertOptions pem(SignalingConfig.Tls.Pem pem) {
        return new PemKeyCertOptions()
                .addCertPath(pem.certificate().toAbsolutePath().toString())
                .addKeyPath(pem.key().toAbsolutePath().toString());
    }

    /** A certificate for localhost that nobody trusts, made now. */
    static KeyCertOptions selfSigned() {
        try {
            Instant now = Instant.now();
            // Issued by a throwaway authority: some browsers refuse a server whose certificate is an authority itself.
            X509Bundle authority = new CertificateBuilder()
                    .subject("CN=throwaway authority")
                    .setIsCertificateAuthority(true)
                    .ecp256()
                    .notBefore(now.minus(CLOCK_SKEW))
                    .notAfter(now.plus(SELF_SIGNED_LIFETIME))
                    .buildSelfSigned();
            X509Bundle bundle = new CertificateBuilder()
                    .subject("CN=localhost")
                    .addSanDnsName("localhost")
                    .addSanIpAddress("127.0.0.1")
                    .addSanIpAddress("::1")
                    .ecp256()
                    .notBefore(now.minus(CLOCK_SKEW))
                    .notAfter(now.plus(SELF_SIGNED_LIFETIME))
                    .buildIssuedBy(authority);
            return new PemKeyCertOptions()
                    .addCertValue(Buffer.buffer(bundle.getCertificatePathPEM()))
                    .addKeyValue(Buffer.buffer(bundle.getPrivateKeyPEM()));
        } catch (Exception e) {
            throw new IllegalStateException("cannot make a self-signed certificate", e);
        }
    }

    void close() {
        vertx.cancelTimer(timer);
    }

    private void check() {
        version().onComplete(
                version -> {
                    if (!version.equals(served)) {
                        reload(version);
                    }
                },
                failure -> log.warn("cannot look at the certificate: {}", failure.getMessage()));
    }

    private void reload(Version version) {
        // Also when it fails: a pair that does not fit is reported once, and the old one stays in use.
        served = version;
        server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(pem(pem)), true)
                .onComplete(
                        updated -> log.info("serving the certificate in {} from now on", pem.certificate()),
                        failure -> log.warn("certificate not usable, keeping the old one: {}", failure.getMessage()));
    }

    private Future<Version> version() {
        return props(pem.certificate().toString())
                .compose(certificate -> props(pem.key().toString())
                        .map(key -> new Version(
                                certificate.lastModifiedTime(), certificate.size(),
                                key.lastModifiedTime(), key.size())));
    }

    private Future<FileProps> props(String path) {
        return vertx.fileSystem().props(path);
    }
}
