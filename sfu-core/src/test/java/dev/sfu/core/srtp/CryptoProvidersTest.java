package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.security.Provider;
import java.security.Security;
import org.junit.jupiter.api.Test;

class CryptoProvidersTest {
    /** Sees this package anew and nothing of ACCP, as when its jar is left out. */
    private static final class WithoutAccp extends ClassLoader {
        WithoutAccp() {
            super(CryptoProvidersTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("com.amazon.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith(CryptoProviders.class.getName())) {
                return super.loadClass(name, resolve);
            }
            Class<?> known = findLoadedClass(name);
            return known != null ? known : define(name);
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] code = in.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void theJdkDoesEverythingWhenAsked() {
        CryptoProviders jdk = CryptoProviders.of("jdk");
        assertEquals("SunJCE", jdk.gcm().getName());
        assertSame(jdk.gcm(), jdk.ctr());
        assertSame(jdk.gcm(), jdk.hmac());
    }

    @Test
    void accpDoesGcmWhereItWorksAndIsNotInstalled() {
        assumeTrue(CryptoProviders.accp().isPresent(), "ACCP does not work here: its tests are NOT run");
        CryptoProviders accp = CryptoProviders.of("accp");
        assertEquals("AmazonCorrettoCryptoProvider", accp.gcm().getName());
        assertEquals("SunJCE", accp.ctr().getName());
        assertEquals("SunJCE", accp.hmac().getName());
        assertEquals(accp, CryptoProviders.of("auto"));
        assertNull(Security.getProvider("AmazonCorrettoCryptoProvider"));
    }

    @Test
    void withoutAccpTheJdkTakesOver() throws Exception {
        Class<?> isolated = new WithoutAccp().loadClass(CryptoProviders.class.getName());
        Object auto = isolated.getMethod("of", String.class).invoke(null, "auto");
        assertEquals("SunJCE", ((Provider) isolated.getMethod("gcm").invoke(auto)).getName());
        Exception e = assertThrows(
                ReflectiveOperationException.class,
                () -> isolated.getMethod("of", String.class).invoke(null, "accp"));
        assertInstanceOf(IllegalStateException.class, e.getCause());
    }

    @Test
    void aChoiceThatIsNoneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> CryptoProviders.of("openssl"));
    }

    @Test
    void aProviderWithoutTheAlgorithmIsRefused() {
        CryptoProviders jdk = CryptoProviders.jdk();
        Provider sun = Security.getProvider("SUN");
        assertThrows(IllegalArgumentException.class, () -> new CryptoProviders(sun, jdk.ctr(), jdk.hmac()));
    }
}
