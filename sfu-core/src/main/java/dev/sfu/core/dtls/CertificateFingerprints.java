package dev.sfu.core.dtls;

import dev.sfu.core.sdp.Fingerprint;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Compares certificates with the fingerprints of SDP (RFC 8122 section 5). */
final class CertificateFingerprints {
    private CertificateFingerprints() {}

    /** The certificate's hash, or null if the algorithm is unknown or too weak to identify anyone. */
    static byte @Nullable [] hash(String algorithm, byte[] certificateDer) {
        String jcaName =
                switch (algorithm.toLowerCase(Locale.ROOT)) {
                    case "sha-256" -> "SHA-256";
                    case "sha-384" -> "SHA-384";
                    case "sha-512" -> "SHA-512";
                    default -> null;
                };
        if (jcaName == null) {
            return null;
        }
        try {
            return MessageDigest.getInstance(jcaName).digest(certificateDer);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + jcaName, e);
        }
    }

    /** True if any acceptable fingerprint is this certificate's; false if none is acceptable. */
    static boolean anyMatches(List<Fingerprint> fingerprints, byte[] certificateDer) {
        boolean match = false;
        for (Fingerprint fingerprint : fingerprints) {
            byte[] hash = hash(fingerprint.algorithm(), certificateDer);
            match |= hash != null && MessageDigest.isEqual(hash, fingerprint.value());
        }
        return match;
    }
}
