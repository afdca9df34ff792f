package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SrtpKeysTest {
    private static byte[] counting(int bytes) {
        byte[] material = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            material[i] = (byte) i;
        }
        return material;
    }

    /** RFC 5764 section 4.2. */
    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void theExporterGivesClientKeyServerKeyClientSaltServerSalt(SrtpProfile profile) {
        int key = profile.keyBytes();
        int salt = profile.saltBytes();
        byte[] material = counting(SrtpKeys.exporterBytes(profile));
        assertEquals(2 * key + 2 * salt, material.length);
        SrtpKeys client = SrtpKeys.fromExporter(profile, material, true);
        assertArrayEquals(Arrays.copyOfRange(material, 0, key), client.localKey());
        assertArrayEquals(Arrays.copyOfRange(material, key, 2 * key), client.remoteKey());
        assertArrayEquals(Arrays.copyOfRange(material, 2 * key, 2 * key + salt), client.localSalt());
        assertArrayEquals(Arrays.copyOfRange(material, 2 * key + salt, material.length), client.remoteSalt());
        SrtpKeys server = SrtpKeys.fromExporter(profile, material, false);
        assertArrayEquals(client.localKey(), server.remoteKey());
        assertArrayEquals(client.remoteKey(), server.localKey());
        assertArrayEquals(client.localSalt(), server.remoteSalt());
        assertArrayEquals(client.remoteSalt(), server.localSalt());
    }

    @ParameterizedTest
    @EnumSource(SrtpProfile.class)
    void materialOfAnotherLengthIsRefused(SrtpProfile profile) {
        byte[] material = counting(SrtpKeys.exporterBytes(profile) + 1);
        assertThrows(IllegalArgumentException.class, () -> SrtpKeys.fromExporter(profile, material, true));
        byte[] key = new byte[profile.keyBytes()];
        byte[] salt = new byte[profile.saltBytes()];
        assertThrows(IllegalArgumentException.class, () -> new SrtpKeys(profile, key, salt, key, new byte[1]));
    }

    @Test
    void secretsAreNotPrinted() {
        SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
        SrtpKeys keys = SrtpKeys.fromExporter(profile, counting(SrtpKeys.exporterBytes(profile)), true);
        assertEquals("SrtpKeys[profile=AEAD_AES_128_GCM, redacted]", keys.toString());
        String session = SessionKeys.derive(profile, keys.localKey(), keys.localSalt(), CryptoProviders.jdk())
                .toString();
        assertFalse(session.contains("[B@") || session.contains("Key="), session);
    }

    @Test
    void profilesAreFoundByTheirNumberInUseSrtp() {
        assertEquals(SrtpProfile.AES128_CM_HMAC_SHA1_80, SrtpProfile.ofWireId(1));
        assertEquals(SrtpProfile.AEAD_AES_128_GCM, SrtpProfile.ofWireId(7));
        assertEquals(SrtpProfile.AEAD_AES_256_GCM, SrtpProfile.ofWireId(8));
        assertNull(SrtpProfile.ofWireId(2));
    }
}
