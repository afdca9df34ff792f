package dev.sfu.core.dtls;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.amazon.corretto.crypto.provider.SelfTestStatus;
import java.security.Provider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which JCA provider computes first: Amazon's where its native library runs, which makes a handshake several times
 * cheaper; otherwise the JDK's own choice. Nothing is installed into the JVM's list of providers.
 */
final class PreferredProvider {
    private static final Logger LOG = LoggerFactory.getLogger(PreferredProvider.class);

    private PreferredProvider() {}

    /** The native provider, or null to use the JDK's. Looks once per JVM. */
    static @Nullable Provider get() {
        return Holder.PROVIDER;
    }

    private static final class Holder {
        static final @Nullable Provider PROVIDER = load();
    }

    private static @Nullable Provider load() {
        try {
            AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
            Throwable cause = provider.getLoadingError();
            if (cause == null && provider.runSelfTests() == SelfTestStatus.PASSED) {
                return provider;
            }
            LOG.info("DTLS uses the JDK's cryptography: the native provider cannot run here ({})", String.valueOf(cause));
        } catch (LinkageError e) {
            LOG.info("DTLS uses the JDK's cryptography: the native provider is not available ({})", e.toString());
        }
        return null;
    }
}
