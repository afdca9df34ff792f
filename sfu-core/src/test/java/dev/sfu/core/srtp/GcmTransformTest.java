package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GcmTransformTest {
    private final byte[] payload = new byte[100];
    private final byte[] out = new byte[200];

    /** The providers compare nonces; that must keep working although the arrays are used again. */
    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#providers")
    void theProviderStillRefusesANonceThatComesTwice(CryptoProviders providers) {
        SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
        SessionKeys keys = SessionKeys.derive(
                profile, new byte[profile.keyBytes()], new byte[profile.saltBytes()], providers);
        GcmTransform sender = new GcmTransform(keys, providers, true);
        GcmTransform receiver = new GcmTransform(keys, providers, false);
        for (int index = 0; index < 10; index++) {
            byte[] packet = SrtpCases.rtp(SrtpCases.SSRC, index, payload);
            byte[] sealed = new byte[packet.length + 16];
            System.arraycopy(packet, 0, sealed, 0, 12);
            assertEquals(sealed.length, sender.protectRtp(index, sealed, 0, 12, 0, packet, 12, payload.length));
            int same = index;
            byte[] again = new byte[sealed.length];
            System.arraycopy(packet, 0, again, 0, 12);
            assertThrows(
                    IllegalStateException.class,
                    () -> sender.protectRtp(same, again, 0, 12, 0, packet, 12, payload.length));
            assertTrue(receiver.unprotectRtp(index, sealed, 0, sealed.length, 12, out, 12));
        }
    }
}
