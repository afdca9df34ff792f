package dev.sfu.core.dtls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsDecodeResult;
import org.bouncycastle.tls.crypto.TlsECConfig;
import org.bouncycastle.tls.crypto.TlsECDomain;
import org.bouncycastle.tls.crypto.TlsEncodeResult;
import org.bouncycastle.tls.crypto.TlsNonceGenerator;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/** TLS cryptography through the JCA, shared by all handshakes. Thread-safe. */
final class DtlsCrypto extends JcaTlsCrypto {
    /** P-256 is mandatory (RFC 8827 section 6.5), and the one that the native provider has and speeds up. */
    private static final int[] NATIVE_GROUPS = {NamedGroup.secp256r1, NamedGroup.x25519, NamedGroup.secp384r1};

    /** In the JDK's provider X25519 is the cheaper. */
    private static final int[] JDK_GROUPS = {NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1};

    private final SecureRandom random;
    private final int[] groups;
    private final TlsECDomain p256;
    private volatile @Nullable Identity identity;

    record Identity(DtlsCertificate certificate, Certificate chain, PrivateKey key) {}

    DtlsCrypto(Provider preferred, SecureRandom random) {
        super(new ProviderChoice(preferred), null, random, random);
        this.random = random;
        this.groups = preferred.getService("KeyAgreement", "ECDH") != null ? NATIVE_GROUPS : JDK_GROUPS;
        // Stateless once built, and building it costs about as much as a key agreement.
        this.p256 = super.createECDomain(new TlsECConfig(NamedGroup.secp256r1));
    }

    /** Key agreement groups, most wanted first; a copy. */
    int[] groups() {
        return groups.clone();
    }

    /**
     * What this side shows and signs with, kept from one handshake to the next: parsing the certificate and converting
     * the key to the provider's own type cost more than a signature.
     */
    Identity identity(DtlsCertificate certificate) throws IOException {
        Identity known = identity;
        if (known == null || known.certificate != certificate) {
            known = new Identity(
                    certificate,
                    new Certificate(new TlsCertificate[] {createCertificate(certificate.der())}),
                    adopt(certificate.privateKey()));
            identity = known;
        }
        return known;
    }

    private PrivateKey adopt(PrivateKey key) {
        try {
            return getHelper().createKeyFactory(key.getAlgorithm())
                    .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot use a private key of type " + key.getAlgorithm(), e);
        }
    }

    @Override
    public TlsECDomain createECDomain(TlsECConfig config) {
        return config.getNamedGroup() == NamedGroup.secp256r1 ? p256 : super.createECDomain(config);
    }

    /** Straight from the generator: the default builds a DRBG per handshake and reads seed material for it. */
    @Override
    public TlsNonceGenerator createNonceGenerator(byte[] additionalSeedMaterial) {
        return size -> {
            byte[] nonce = new byte[size];
            random.nextBytes(nonce);
            return nonce;
        };
    }

    @Override
    public TlsCipher createCipher(TlsCryptoParameters parameters, int encryptionAlgorithm, int macAlgorithm)
            throws IOException {
        return new DiscardingCipher(super.createCipher(parameters, encryptionAlgorithm, macAlgorithm));
    }

    /**
     * Reports every record that cannot be decrypted as a bad MAC, the one error on which the record layer discards the
     * record silently (RFC 6347 section 4.1.2.7). Without this a record too short for its cipher, which anybody can
     * forge, would end the association.
     */
    private record DiscardingCipher(TlsCipher cipher) implements TlsCipher {
        @Override
        public TlsDecodeResult decodeCiphertext(
                long sequence, short type, ProtocolVersion version, byte[] ciphertext, int offset, int length)
                throws IOException {
            try {
                return cipher.decodeCiphertext(sequence, type, version, ciphertext, offset, length);
            } catch (IOException | RuntimeException e) {
                throw new TlsFatalAlert(AlertDescription.bad_record_mac, e);
            }
        }

        @Override
        public TlsEncodeResult encodePlaintext(
                long sequence,
                short type,
                ProtocolVersion version,
                int headerAllocation,
                byte[] plaintext,
                int offset,
                int length)
                throws IOException {
            return cipher.encodePlaintext(sequence, type, version, headerAllocation, plaintext, offset, length);
        }

        @Override
        public int getCiphertextDecodeLimit(int plaintextLimit) {
            return cipher.getCiphertextDecodeLimit(plaintextLimit);
        }

        @Override
        public int getCiphertextEncodeLimit(int plaintextLimit) {
            return cipher.getCiphertextEncodeLimit(plaintextLimit);
        }

        @Override
        public int getPlaintextDecodeLimit(int ciphertextLimit) {
            return cipher.getPlaintextDecodeLimit(ciphertextLimit);
        }

        @Override
        public int getPlaintextEncodeLimit(int ciphertextLimit) {
            return cipher.getPlaintextEncodeLimit(ciphertextLimit);
        }

        @Override
        public void rekeyDecoder() throws IOException {
            cipher.rekeyDecoder();
        }

        @Override
        public void rekeyEncoder() throws IOException {
            cipher.rekeyEncoder();
        }

        @Override
        public boolean usesOpaqueRecordTypeDecode() {
            return cipher.usesOpaqueRecordTypeDecode();
        }

        @Override
        public boolean usesOpaqueRecordTypeEncode() {
            return cipher.usesOpaqueRecordTypeEncode();
        }
    }
}
