package dev.sfu.core.srtp;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which JCA provider does which media cipher. Providers are used directly and never installed in {@link Security}.
 *
 * <p>The Amazon Corretto Crypto Provider (ACCP) is preferred for AES-GCM: as fast as the JDK's with a fraction of the
 * garbage. Counter mode and HMAC-SHA1 are the JDK's in either case: ACCP has no {@code AES/CTR} and its HMAC is slower.
 *
 * @param gcm has {@code AES/GCM/NoPadding}
 * @param ctr has {@code AES/CTR/NoPadding}
 * @param hmac has {@code HmacSHA1}
 */
public record CryptoProviders(Provider gcm, Provider ctr, Provider hmac) {
    /** System property that {@link #select()} reads: {@code auto} (the default), {@code accp} or {@code jdk}. */
    public static final String PROPERTY = "dev.sfu.crypto";

    private static final String GCM = "AES/GCM/NoPadding";

    /**
     * Checks that each provider has its algorithm.
     *
     * @throws IllegalArgumentException if one has not
     */
    public CryptoProviders {
        require(gcm, "Cipher", GCM);
        require(ctr, "Cipher", "AES/CTR/NoPadding");
        require(hmac, "Mac", "HmacSHA1");
    }

    /**
     * The choice of the system property {@value #PROPERTY}, else the best that works here.
     *
     * @throws IllegalArgumentException if the property has another value
     * @throws IllegalStateException if it demands ACCP and ACCP does not work here
     */
    public static CryptoProviders select() {
        return of(System.getProperty(PROPERTY, "auto"));
    }

    /**
     * The providers by name.
     *
     * @param choice {@code auto}, {@code accp} or {@code jdk}
     * @throws IllegalArgumentException if {@code choice} is none of these
     * @throws IllegalStateException if ACCP is demanded and does not work here
     */
    public static CryptoProviders of(String choice) {
        return switch (choice) {
            case "auto" -> accp().orElseGet(CryptoProviders::jdk);
            case "accp" -> accp().orElseThrow(() -> new IllegalStateException(Accp.STATE));
            case "jdk" -> jdk();
            default -> throw new IllegalArgumentException(
                    PROPERTY + ": " + choice + " (expected: auto, accp or jdk)");
        };
    }

    /** The JDK's own ciphers. */
    public static CryptoProviders jdk() {
        Provider jdk = Security.getProvider("SunJCE");
        if (jdk == null) {
            throw new IllegalStateException("security provider SunJCE: absent (expected: part of the JDK)");
        }
        return new CryptoProviders(jdk, jdk, jdk);
    }

    /** ACCP where it is faster, or empty if its native library does not load here; {@link CryptoSelection} tests it. */
    public static Optional<CryptoProviders> accp() {
        CryptoProviders jdk = jdk();
        return Accp.PROVIDER.map(provider -> new CryptoProviders(provider, jdk.ctr, jdk.hmac));
    }

    private static void require(Provider provider, String type, String algorithm) {
        // Providers register modes either as a whole transformation or as attributes of plain AES.
        if (provider.getService(type, algorithm) == null && provider.getService(type, "AES") == null) {
            throw new IllegalArgumentException(provider.getName() + ": no " + type + " " + algorithm);
        }
    }

    /** Loads the native library and warms it up once, when first asked for. */
    private static final class Accp {
        static final Optional<Provider> PROVIDER;
        static final String STATE;

        static {
            Optional<Provider> provider = Optional.empty();
            String state;
            try {
                AmazonCorrettoCryptoProvider accp = AmazonCorrettoCryptoProvider.INSTANCE;
                Throwable loadingError = accp.getLoadingError();
                if (loadingError != null) {
                    state = "not loaded: " + loadingError;
                } else if (accp.getService("Cipher", GCM) == null) {
                    state = "no " + GCM;
                } else {
                    provider = Optional.of(accp);
                    state = "loaded, version " + accp.getVersionStr();
                    CryptoProviders jdk = jdk();
                    WarmUp.run(new CryptoProviders(provider.get(), jdk.ctr, jdk.hmac), jdk);
                }
            } catch (LinkageError | RuntimeException e) {
                // A missing jar or a native library for another platform: the JDK's ciphers do the work.
                provider = Optional.empty();
                state = "not available: " + e;
            }
            PROVIDER = provider;
            STATE = "Amazon Corretto Crypto Provider " + state;
            Logger log = LoggerFactory.getLogger(CryptoProviders.class);
            log.info("{}", STATE);
        }

        private Accp() {}
    }
}
