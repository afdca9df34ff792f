package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.AlgorithmParameters;
import java.security.Key;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.List;
import javax.crypto.CipherSpi;
import org.junit.jupiter.api.Test;

class CryptoSelectionTest {
    private static final CryptoTrial.Figure CHEAP = new CryptoTrial.Figure(300, true);
    private static final CryptoTrial.Figure DEAR = new CryptoTrial.Figure(600, true);

    private final CryptoProviders jdk = CryptoProviders.jdk();

    /** The JDK's AES-GCM under another name. */
    private CryptoProviders renamed() {
        return new CryptoProviders(
                new FakeProvider("Renamed", jdk.gcm().getService("Cipher", "AES/GCM/NoPadding").getClassName()),
                jdk.ctr(),
                jdk.hmac());
    }

    private CryptoProviders identity() {
        return new CryptoProviders(
                new FakeProvider("Identity", IdentityCipher.class.getName()), jdk.ctr(), jdk.hmac());
    }

    private static final class FakeProvider extends Provider {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("this-escape")
        FakeProvider(String name, String gcm) {
            super(name, "1", "for tests");
            putService(new Service(this, "Cipher", "AES/GCM/NoPadding", gcm, null, null));
        }
    }

    /** Encrypts nothing and accepts every tag. */
    public static final class IdentityCipher extends CipherSpi {
        @Override
        protected void engineSetMode(String mode) {}

        @Override
        protected void engineSetPadding(String padding) {}

        @Override
        protected int engineGetBlockSize() {
            return 16;
        }

        @Override
        protected int engineGetOutputSize(int inputBytes) {
            return inputBytes + 16;
        }

        @Override
        protected byte[] engineGetIV() {
            return new byte[12];
        }

        @Override
        protected AlgorithmParameters engineGetParameters() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineInit(int mode, Key key, SecureRandom random) {}

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random) {}

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random) {}

        @Override
        protected void engineUpdateAAD(byte[] in, int offset, int length) {}

        @Override
        protected byte[] engineUpdate(byte[] in, int offset, int length) {
            return in.clone();
        }

        @Override
        protected int engineUpdate(byte[] in, int offset, int length, byte[] out, int outOffset) {
            System.arraycopy(in, offset, out, outOffset, Math.min(length, out.length - outOffset));
            return length;
        }

        @Override
        protected byte[] engineDoFinal(byte[] in, int offset, int length) {
            return in.clone();
        }

        @Override
        protected int engineDoFinal(byte[] in, int offset, int length, byte[] out, int outOffset) {
            return engineUpdate(in, offset, length, out, outOffset);
        }
    }

    @Test
    void theWorkingProvidersPassTheSelfTest() {
        SrtpCases.providers().forEach(providers -> assertTrue(GcmSelfTest.passes(providers), providers.toString()));
    }

    @Test
    void aProviderThatComputesSomethingElseIsSkipped() {
        assertFalse(GcmSelfTest.passes(identity()));
        CryptoSelection selection = CryptoSelection.among(List.of(identity(), jdk));
        assertSame(jdk, selection.get());
        assertFalse(selection.isOpen());
        assertThrows(IllegalStateException.class, () -> CryptoSelection.among(List.of(identity())));
    }

    @Test
    void connectionsMadeAfterTheMeasurementGetTheCheaperOneAndHandshakesThePreferred() {
        CryptoProviders preferred = renamed();
        CryptoSelection selection = CryptoSelection.among(List.of(preferred, jdk));
        assertTrue(selection.isOpen());
        assertSame(preferred, selection.get());
        assertTrue(selection.isNative());
        selection.choose(List.of(DEAR, CHEAP));
        assertSame(jdk, selection.get());
        assertFalse(selection.isNative());
        assertSame(preferred.gcm(), selection.handshakes());
        selection.choose(List.of(CHEAP, DEAR));
        assertSame(preferred, selection.get());
    }

    @Test
    void aMeasurementThatIsNotSteadyWhenTheBudgetIsOverChangesNothing() {
        CryptoProviders preferred = renamed();
        CryptoSelection selection = CryptoSelection.among(List.of(preferred, jdk));
        long[] nowNanos = {0};
        // Every batch seems to take 1 ms: the budget is over before anything is steady.
        selection.measure(() -> nowNanos[0] += 1_000_000, () -> false);
        assertSame(preferred, selection.get());
    }

    @Test
    void namesAreTheOnesOfTheConfiguration() {
        assertEquals(jdk, CryptoSelection.of("jdk").get());
        assertFalse(CryptoSelection.of("jdk").isOpen());
        assertEquals(CryptoProviders.accp().orElse(jdk), CryptoSelection.of("auto").get());
        assertThrows(IllegalArgumentException.class, () -> CryptoSelection.of("openssl"));
    }
}
