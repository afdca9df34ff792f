package dev.sfu.core.dtls;

import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Signature;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.NoSuchPaddingException;
import org.bouncycastle.jcajce.util.DefaultJcaJceHelper;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

/**
 * Asks the preferred provider for what it has, then the JDK's, and Bouncy Castle's own for raw RSA signatures, which a
 * peer with an RSA certificate needs and neither of the others offers.
 */
final class ProviderChoice extends DefaultJcaJceHelper {
    private final Provider preferred;

    ProviderChoice(Provider preferred) {
        this.preferred = preferred;
    }

    private static final class Fallback {
        static final Provider PROVIDER = new BouncyCastleProvider();
    }

    /** The preferred provider if it has the algorithm, else null. */
    private @Nullable Provider preferredFor(String type, String algorithm) {
        return preferred.getService(type, algorithm) != null ? preferred : null;
    }

    @Override
    public Cipher createCipher(String algorithm) throws NoSuchAlgorithmException, NoSuchPaddingException {
        Provider provider = preferredFor("Cipher", algorithm);
        return provider != null ? Cipher.getInstance(algorithm, provider) : super.createCipher(algorithm);
    }

    @Override
    public Mac createMac(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = preferredFor("Mac", algorithm);
        return provider != null ? Mac.getInstance(algorithm, provider) : super.createMac(algorithm);
    }

    @Override
    public KeyAgreement createKeyAgreement(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = preferredFor("KeyAgreement", algorithm);
        return provider != null
                ? KeyAgreement.getInstance(algorithm, provider)
                : super.createKeyAgreement(algorithm);
    }

    @Override
    public KeyFactory createKeyFactory(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = preferredFor("KeyFactory", algorithm);
        return provider != null ? KeyFactory.getInstance(algorithm, provider) : super.createKeyFactory(algorithm);
    }

    @Override
    public KeyPairGenerator createKeyPairGenerator(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = preferredFor("KeyPairGenerator", algorithm);
        return provider != null
                ? KeyPairGenerator.getInstance(algorithm, provider)
                : super.createKeyPairGenerator(algorithm);
    }

    @Override
    public MessageDigest createMessageDigest(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = preferredFor("MessageDigest", algorithm);
        return provider != null
                ? MessageDigest.getInstance(algorithm, provider)
                : super.createMessageDigest(algorithm);
    }

    @Override
    @SuppressWarnings("deprecation") // Bouncy Castle's TLS still calls it
    public MessageDigest createDigest(String algorithm) throws NoSuchAlgorithmException {
        return createMessageDigest(algorithm);
    }

    @Override
    public Signature createSignature(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = preferredFor("Signature", algorithm);
        if (provider != null) {
            return Signature.getInstance(algorithm, provider);
        }
        try {
            return super.createSignature(algorithm);
        } catch (NoSuchAlgorithmException e) {
            return Signature.getInstance(algorithm, Fallback.PROVIDER);
        }
    }
}
