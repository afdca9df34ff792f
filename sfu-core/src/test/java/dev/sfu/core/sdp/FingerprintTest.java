package dev.sfu.core.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
    private static final String SHA1 = "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB";

    @Test
    void readsAndWritesTheExampleOfRfc8122() throws SdpException {
        Fingerprint fingerprint = Fingerprint.parse("SHA-1 " + SHA1);
        assertEquals("sha-1", fingerprint.algorithm());
        assertEquals(20, fingerprint.value().length);
        assertEquals((byte) 0xAB, fingerprint.value()[19]);
        assertEquals("sha-1 " + SHA1, fingerprint.format());
    }

    @Test
    void comparesByContentWhateverTheCase() throws SdpException {
        Fingerprint upper = Fingerprint.parse("sha-1 " + SHA1);
        Fingerprint lower = Fingerprint.parse("sha-1 " + SHA1.toLowerCase(Locale.ROOT));
        assertEquals(upper, lower);
        assertEquals(upper.hashCode(), lower.hashCode());
        byte[] other = upper.value();
        other[3] ^= 1;
        assertNotEquals(upper, new Fingerprint("sha-1", other));
        assertEquals(upper, lower, "changing the copy changed the original");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha-1", "sha-1 ", "sha-1 4A", "sha-256 " + SHA1, "sha-1 " + SHA1 + ":", "foo 4A:",
        "foo 4", "foo 4A-4B", "foo :4A", "foo 4A:4G", " 4A:4B", "fo/o 4A:4B", "foo 4A:4B 4C"})
    void refusesMalformedFingerprints(String text) {
        assertThrows(SdpException.class, () -> Fingerprint.parse(text));
    }
}
