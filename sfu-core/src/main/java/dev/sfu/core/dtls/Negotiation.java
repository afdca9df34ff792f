package dev.sfu.core.dtls;

import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.jspecify.annotations.Nullable;

/**
 * What client and server have in common: what they offer and what they learn of the peer. Used by the handshake's thread,
 * then read by the owner's.
 */
final class Negotiation {
    /** DTLS 1.0 is forbidden (RFC 8996), 1.3 not spoken yet. */
    static final ProtocolVersion VERSION = ProtocolVersion.DTLSv12;

    /** No WebRTC certificate comes near it; what declares more is not reassembled. */
    static final int HANDSHAKE_MESSAGE_LIMIT_BYTES = 16_384;

    /**
     * All with forward secrecy and authenticated encryption (RFC 8827 section 6.5). The suite is named after the
     * server's certificate: ours is ECDSA, a peer that is the server may have RSA.
     */
    private enum Suite {
        TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true),
        TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256(CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, false),
        TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, true),
        TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384(CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, false);

        final int id;
        final boolean ecdsa;

        Suite(int id, boolean ecdsa) {
            this.id = id;
            this.ecdsa = ecdsa;
        }
    }

    private static final List<SignatureAndHashAlgorithm> SIGNATURE_ALGORITHMS = List.of(
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha384, SignatureAlgorithm.ecdsa),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha512, SignatureAlgorithm.ecdsa),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.rsa),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha384, SignatureAlgorithm.rsa),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha512, SignatureAlgorithm.rsa));

    private static final byte[] NO_MKI = new byte[0];

    private final DtlsConfig config;
    private final DtlsCrypto crypto;
    private List<byte[]> remoteCertificates = List.of();
    private @Nullable SrtpProfile profile;
    private @Nullable SrtpKeys keys;
    private @Nullable String failure;
    private String cipherSuite = "";
    private boolean closeNotifyReceived;

    Negotiation(DtlsConfig config, DtlsCrypto crypto) {
        this.config = config;
        this.crypto = crypto;
    }

    DtlsConfig config() {
        return config;
    }

    DtlsCrypto crypto() {
        return crypto;
    }

    /** Forgets the peer whose ClientHello was refused. */
    void beginAnew() {
        profile = null;
        failure = null;
    }

    /** The suites a client may offer, or those a server with our ECDSA certificate can speak. */
    static int[] cipherSuites(DtlsRole role) {
        return Arrays.stream(Suite.values())
                .filter(suite -> role == DtlsRole.CLIENT || suite.ecdsa)
                .mapToInt(suite -> suite.id)
                .toArray();
    }

    @SuppressWarnings("JdkObsolete") // Bouncy Castle's type
    static Vector<SignatureAndHashAlgorithm> signatureAlgorithms() {
        return new Vector<>(SIGNATURE_ALGORITHMS);
    }

    TlsCredentialedSigner credentials(TlsContext context) throws IOException {
        DtlsCrypto.Identity identity = crypto.identity(config.certificate());
        return new JcaDefaultTlsCredentialedSigner(
                new TlsCryptoParameters(context),
                crypto,
                identity.key(),
                identity.chain(),
                SIGNATURE_ALGORITHMS.getFirst());
    }

    /** Accepts a certificate that matches a fingerprint of the peer's SDP (RFC 8122 section 5). */
    void onRemoteCertificate(Certificate chain) throws IOException {
        if (chain == null || chain.isEmpty()) {
            throw failed(AlertDescription.bad_certificate, "the peer shows no certificate");
        }
        List<byte[]> ders = new ArrayList<>();
        for (TlsCertificate certificate : chain.getCertificateList()) {
            ders.add(certificate.getEncoded());
        }
        remoteCertificates = List.copyOf(ders);
        if (!CertificateFingerprints.anyMatches(config.remoteFingerprints(), ders.getFirst())) {
            throw failed(AlertDescription.bad_certificate, "the peer's certificate matches no fingerprint of its SDP");
        }
    }

    /** What this client offers, or this server chose (RFC 5764 section 4.1.1). */
    UseSRTPData useSrtp() {
        int[] ids = profile != null
                ? new int[] {profile.wireId()}
                : config.srtpProfiles().stream().mapToInt(SrtpProfile::wireId).toArray();
        return new UseSRTPData(ids, NO_MKI);
    }

    /** Server: takes the first of our profiles that the client offers. */
    void onUseSrtpOffered(@Nullable UseSRTPData offer) throws IOException {
        if (offer != null) {
            for (SrtpProfile candidate : config.srtpProfiles()) {
                if (TlsUtils.isNullOrEmpty(offer.getProtectionProfiles())) {
                    break;
                }
                if (Arrays.stream(offer.getProtectionProfiles()).anyMatch(id -> id == candidate.wireId())) {
                    profile = candidate;
                    return;
                }
            }
        }
        throw failed(AlertDescription.handshake_failure, "the peer offers no SRTP profile that is acceptable here");
    }

    /** Client: accepts the server's choice if it is one of ours (RFC 5764 section 4.1.1). */
    void onUseSrtpChosen(@Nullable UseSRTPData choice) throws IOException {
        if (choice != null && choice.getProtectionProfiles().length == 1 && choice.getMki().length == 0) {
            SrtpProfile chosen = SrtpProfile.ofWireId(choice.getProtectionProfiles()[0]);
            if (chosen != null && config.srtpProfiles().contains(chosen)) {
                profile = chosen;
                return;
            }
        }
        throw failed(AlertDescription.illegal_parameter, "the peer chose no SRTP profile that was offered");
    }

    /** Takes the keys (RFC 5764 section 4.2) and what statistics want to know. */
    void onHandshakeComplete(TlsContext context) throws IOException {
        SecurityParameters parameters = context.getSecurityParametersConnection();
        cipherSuite = Arrays.stream(Suite.values())
                .filter(suite -> suite.id == parameters.getCipherSuite())
                .map(Suite::name)
                .findFirst()
                .orElse("");
        if (profile == null || remoteCertificates.isEmpty()) {
            throw failed(AlertDescription.handshake_failure, "the handshake ended without SRTP profile or certificate");
        }
        byte[] material =
                context.exportKeyingMaterial(SrtpKeys.EXPORTER_LABEL, null, SrtpKeys.exporterBytes(profile));
        keys = SrtpKeys.fromExporter(profile, material, config.role() == DtlsRole.CLIENT);
        Arrays.fill(material, (byte) 0);
    }

    void onAlert(short description) {
        if (description == AlertDescription.close_notify) {
            closeNotifyReceived = true;
        }
    }

    /** Remembers why, in words that an operator can use, next to the alert that the peer will get. */
    private TlsFatalAlert failed(short alert, String reason) {
        failure = reason;
        return new TlsFatalAlert(alert, reason);
    }

    @Nullable String failure() {
        return failure;
    }

    @Nullable SrtpKeys takeKeys() {
        SrtpKeys taken = keys;
        keys = null;
        return taken;
    }

    boolean closeNotifyReceived() {
        return closeNotifyReceived;
    }

    List<byte[]> remoteCertificates() {
        return remoteCertificates;
    }

    @Nullable SrtpProfile profile() {
        return profile;
    }

    String cipherSuite() {
        return cipherSuite;
    }
}
