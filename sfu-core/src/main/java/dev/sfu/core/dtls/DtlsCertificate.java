package dev.sfu.core.dtls;

import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.srtp.CryptoProviders;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Locale;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The self-signed certificate this side shows, and its private key.
 *
 * <p>Peers know it by the fingerprint in SDP alone, so its names say nothing and its dates only keep strict
 * implementations content. Immutable; shared by all connections of a server.
 */
public final class DtlsCertificate {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final X500Name NAME = new X500Name("CN=WebRTC");
    private static final Duration BACKDATED = Duration.ofDays(1);
    private static final Duration VALIDITY = Duration.ofDays(365);
    private static final int SERIAL_BITS = 64;

    private final byte[] der;
    private final PrivateKey privateKey;

    private DtlsCertificate(byte[] der, PrivateKey privateKey) {
        this.der = der;
        this.privateKey = privateKey;
    }

    /**
     * Makes an ECDSA P-256 key, which every WebRTC endpoint accepts (RFC 8827 section 6.5), and signs it with itself.
     *
     * @param random for the key, the serial number and the signature
     * @param now the certificate is valid from a day before this, for peers whose clocks are behind, to a year after
     * @throws IllegalStateException if the JDK lacks P-256 or ECDSA
     */
    public static DtlsCertificate generate(SecureRandom random, Instant now) {
        return generate(CryptoProviders.jdk().gcm(), random, now);
    }

    /**
     * The same with a provider's elliptic curve if it has that, else the JDK's, whose code is slow as long as it is
     * interpreted.
     *
     * @param preferred asked first
     * @param random for the key, the serial number and the signature
     * @param now the certificate is valid from a day before this, for peers whose clocks are behind, to a year after
     * @throws IllegalStateException if neither has P-256 and ECDSA
     */
    public static DtlsCertificate generate(Provider preferred, SecureRandom random, Instant now) {
        try {
            KeyPairGenerator generator = new ProviderChoice(preferred).createKeyPairGenerator("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            byte[] der = new X509v3CertificateBuilder(
                            NAME,
                            new BigInteger(SERIAL_BITS, random).setBit(0),
                            Date.from(now.minus(BACKDATED)),
                            Date.from(now.plus(VALIDITY)),
                            NAME,
                            SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()))
                    .build(signer(preferred, random).build(pair.getPrivate()))
                    .getEncoded();
            return new DtlsCertificate(der, pair.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("cannot make an ECDSA P-256 certificate", e);
        }
    }

    /** The certificate in DER; a copy. */
    public byte[] der() {
        return der.clone();
    }

    /** The key whose possession the handshake proves. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /**
     * The hash for {@code a=fingerprint}.
     *
     * @param algorithm {@code sha-256}, {@code sha-384} or {@code sha-512}, in any case
     * @throws IllegalArgumentException for another algorithm
     */
    public Fingerprint fingerprint(String algorithm) {
        byte[] hash = CertificateFingerprints.hash(algorithm, der);
        if (hash == null) {
            throw new IllegalArgumentException(
                    "algorithm: " + algorithm + " (expected: sha-256, sha-384 or sha-512)");
        }
        return new Fingerprint(algorithm.toLowerCase(Locale.ROOT), hash);
    }

    private static JcaContentSignerBuilder signer(Provider preferred, SecureRandom random) {
        JcaContentSignerBuilder signer = new JcaContentSignerBuilder(SIGNATURE).setSecureRandom(random);
        return preferred.getService("Signature", SIGNATURE) == null ? signer : signer.setProvider(preferred);
    }
}
