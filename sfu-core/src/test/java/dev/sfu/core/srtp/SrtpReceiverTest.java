package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.stats.DropReason;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and that refusing it changes nothing. */
class SrtpReceiverTest {
    private static final byte[] PAYLOAD = new byte[100];

    private final CryptoProviders providers = CryptoProviders.jdk();
    private final SrtpSender sender = SrtpCases.sender(SrtpProfile.AEAD_AES_128_GCM, providers);
    private final SrtpReceiver receiver = SrtpCases.receiver(SrtpProfile.AEAD_AES_128_GCM, providers);

    private byte[] srtp(int ssrc, long index) {
        return SrtpCases.protect(sender, index, SrtpCases.rtp(ssrc, (int) index & 0xFFFF, PAYLOAD));
    }

    private void assertReceives(long index) {
        assertEquals(112, SrtpCases.unprotect(receiver, srtp(SrtpCases.SSRC, index)), "index " + index);
    }

    @Test
    void aPacketIsTakenOnce() {
        byte[] packet = srtp(SrtpCases.SSRC, 500);
        assertEquals(112, SrtpCases.unprotect(receiver, packet));
        assertEquals(SrtpReceiver.REPLAYED, SrtpCases.unprotect(receiver, packet));
        byte[] report = SrtpCases.protectRtcp(sender, SrtpCases.rtcp(SrtpCases.SSRC, 20));
        assertEquals(28, receiver.unprotectRtcp(report, 0, report.length, new byte[28], 0));
        assertEquals(SrtpReceiver.REPLAYED, receiver.unprotectRtcp(report, 0, report.length, new byte[28], 0));
    }

    @Test
    void reorderedPacketsAreTakenWithinTheWindow() {
        byte[] late = srtp(SrtpCases.SSRC, 100);
        byte[] tooLate = srtp(SrtpCases.SSRC, 99);
        assertReceives(1123);
        assertEquals(112, SrtpCases.unprotect(receiver, late));
        assertEquals(SrtpReceiver.REPLAYED, SrtpCases.unprotect(receiver, tooLate));
    }

    @ParameterizedTest
    @CsvSource({
        // first received, second received; everything between is lost
        "65534, 65536",
        "65530, 65600",
        "60000, 92767",
        "65535, 98302",
        "40000, 72767",
        "10, 32778",
    })
    void lossAcrossTheWrapLeavesTheStreamAlive(long first, long second) {
        assertReceives(first);
        assertReceives(second);
        // And on through the next wrap.
        assertReceives(second + 30_000);
        assertReceives(second + 60_000);
        assertReceives(second + 90_000);
    }

    @Test
    void theWrapMayBeReordered() {
        byte[] last = srtp(SrtpCases.SSRC, 65_535);
        assertReceives(65_534);
        assertReceives(65_536);
        assertEquals(112, SrtpCases.unprotect(receiver, last));
        assertEquals(SrtpReceiver.REPLAYED, SrtpCases.unprotect(receiver, last));
        assertReceives(65_537);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStreamWhoseFirstPacketsUpToTheWrapWereLostIsReceived(boolean inPlace) {
        for (SrtpProfile profile : SrtpProfile.values()) {
            SrtpCases.providers().forEach(each -> {
                SrtpSender from = SrtpCases.sender(profile, each);
                SrtpReceiver to = SrtpCases.receiver(profile, each);
                byte[] plain = SrtpCases.rtp(SrtpCases.SSRC, 3, PAYLOAD);
                byte[] first = SrtpCases.protect(from, 65_536 + 3, plain);
                byte[] out = inPlace ? first : new byte[first.length];
                assertEquals(112, to.unprotectRtp(first, 0, first.length, out, 0));
                assertArrayEquals(plain, Arrays.copyOf(out, 112));
                byte[] late = SrtpCases.protect(from, 65_534, SrtpCases.rtp(SrtpCases.SSRC, 65_534, PAYLOAD));
                assertEquals(112, SrtpCases.unprotect(to, late));
                assertEquals(SrtpReceiver.REPLAYED, SrtpCases.unprotect(to, late));
            });
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void everyBitIsAuthenticated(SrtpProfile profile, CryptoProviders each) {
        SrtpSender from = SrtpCases.sender(profile, each);
        SrtpReceiver to = SrtpCases.receiver(profile, each);
        byte[] plain = SrtpCases.rtp(SrtpCases.SSRC, 7, 2, 1, new byte[5]);
        byte[] packet = SrtpCases.protect(from, 7, plain);
        byte[] report = SrtpCases.protectRtcp(from, SrtpCases.rtcp(SrtpCases.SSRC, 8));
        for (int bit = 0; bit < 8 * packet.length; bit++) {
            byte[] forged = packet.clone();
            forged[bit / 8] ^= (byte) (1 << (bit % 8));
            int result = SrtpCases.unprotect(to, forged);
            assertTrue(result == SrtpReceiver.AUTH_FAILED || result == SrtpReceiver.MALFORMED, "bit " + bit);
        }
        for (int bit = 0; bit < 8 * report.length; bit++) {
            byte[] forged = report.clone();
            forged[bit / 8] ^= (byte) (1 << (bit % 8));
            int result = to.unprotectRtcp(forged, 0, forged.length, new byte[100], 0);
            assertTrue(result == SrtpReceiver.AUTH_FAILED || result == SrtpReceiver.MALFORMED, "bit " + bit);
        }
        assertEquals(0, to.ssrcs());
        assertEquals(plain.length, SrtpCases.unprotect(to, packet));
        assertEquals(16, to.unprotectRtcp(report, 0, report.length, new byte[16], 0));
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void arbitraryInputNeverThrows(SrtpProfile profile, CryptoProviders each) {
        Random random = new Random(11);
        SrtpSender from = SrtpCases.sender(profile, each);
        SrtpReceiver to = SrtpCases.receiver(profile, each);
        byte[] out = new byte[200];
        for (int i = 0; i < 3000; i++) {
            byte[] input;
            if (random.nextInt(3) == 0) {
                input = new byte[random.nextInt(80)];
                random.nextBytes(input);
                if (input.length > 0 && random.nextBoolean()) {
                    input[0] = (byte) (0x80 | (input[0] & 0x1F));
                }
            } else {
                byte[] body = new byte[random.nextInt(60)];
                input = random.nextBoolean()
                        ? SrtpCases.protect(from, i, SrtpCases.rtp(
                                SrtpCases.SSRC, i, random.nextInt(16), random.nextInt(-1, 6), body))
                        : SrtpCases.protectRtcp(from, SrtpCases.rtcp(SrtpCases.SSRC, body.length));
                // Cut short or with a length field, flag or tag changed.
                input = Arrays.copyOf(input, random.nextInt(input.length + 1));
                for (int changes = random.nextInt(3); changes > 0 && input.length > 0; changes--) {
                    input[random.nextInt(Math.min(input.length, 40))] = (byte) random.nextInt();
                }
            }
            byte[] target = random.nextBoolean() ? out : input;
            assertTrue(to.unprotectRtp(input.clone(), 0, input.length, out, 0) < 201);
            assertTrue(to.unprotectRtp(target == out ? input : target, 0, input.length, target, 0) < 201);
            assertTrue(to.unprotectRtcp(input, 0, input.length, new byte[random.nextInt(100)], 0) < 201);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void lengthsThatContradictEachOtherAreMalformed(SrtpProfile profile, CryptoProviders each) {
        SrtpReceiver to = SrtpCases.receiver(profile, each);
        byte[] packet = SrtpCases.protect(
                SrtpCases.sender(profile, each), 1, SrtpCases.rtp(SrtpCases.SSRC, 1, 1, 1, new byte[0]));
        for (int length = 0; length < packet.length; length++) {
            assertEquals(SrtpReceiver.MALFORMED, to.unprotectRtp(packet, 0, length, new byte[100], 0));
        }
        int plainBytes = packet.length - profile.rtpTagBytes();
        assertEquals(
                SrtpReceiver.MALFORMED, to.unprotectRtp(packet, 0, packet.length, new byte[plainBytes - 1], 0));
        byte[] longExtension = packet.clone();
        Bytes.put16(longExtension, 18, 0xFFFF);
        assertEquals(SrtpReceiver.MALFORMED, SrtpCases.unprotect(to, longExtension));
        byte[] manyCsrcs = packet.clone();
        manyCsrcs[0] |= 0x0F;
        assertEquals(SrtpReceiver.MALFORMED, SrtpCases.unprotect(to, manyCsrcs));
        byte[] version = packet.clone();
        version[0] ^= (byte) 0xC0;
        assertEquals(SrtpReceiver.MALFORMED, SrtpCases.unprotect(to, version));
        assertEquals(plainBytes, to.unprotectRtp(packet, 0, packet.length, new byte[plainBytes], 0));
    }

    @Test
    void aForgedPacketMovesNothing() {
        byte[] late = srtp(SrtpCases.SSRC, 99);
        assertReceives(100);
        byte[] next = srtp(SrtpCases.SSRC, 101);
        byte[] forged = srtp(SrtpCases.SSRC, 30_000);
        forged[forged.length - 1] ^= 1;
        assertEquals(SrtpReceiver.AUTH_FAILED, SrtpCases.unprotect(receiver, forged));
        assertEquals(112, SrtpCases.unprotect(receiver, late));
        assertEquals(112, SrtpCases.unprotect(receiver, next));
    }

    @Test
    void onlyAuthenticatedSsrcsCountTowardsTheLimit() {
        SrtpReceiver limited = SrtpReceiver.create(
                SrtpCases.keys(SrtpProfile.AEAD_AES_128_GCM, false), providers, 4);
        for (int ssrc = 100; ssrc < 200; ssrc++) {
            byte[] forged = srtp(ssrc, 1);
            forged[20] ^= 1;
            assertEquals(SrtpReceiver.AUTH_FAILED, SrtpCases.unprotect(limited, forged));
        }
        for (int ssrc = 0; ssrc < 4; ssrc++) {
            assertEquals(112, SrtpCases.unprotect(limited, srtp(ssrc, 1)));
            byte[] report = SrtpCases.protectRtcp(sender, SrtpCases.rtcp(ssrc, 20));
            assertEquals(28, limited.unprotectRtcp(report, 0, report.length, new byte[28], 0));
        }
        assertEquals(4, limited.ssrcs());
        assertEquals(SrtpReceiver.STREAM_LIMIT, SrtpCases.unprotect(limited, srtp(4, 1)));
        byte[] report = SrtpCases.protectRtcp(sender, SrtpCases.rtcp(4, 20));
        assertEquals(SrtpReceiver.STREAM_LIMIT, limited.unprotectRtcp(report, 0, report.length, new byte[28], 0));
        assertEquals(112, SrtpCases.unprotect(limited, srtp(3, 2)));
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#providers")
    void rtcpThatIsAuthenticatedButNotEncryptedIsTaken(CryptoProviders each) {
        // For AES-GCM see the vectors of RFC 7714.
        byte[] zeros = new byte[16];
        byte[] auth = new byte[SrtpProfile.HMAC_KEY_BYTES];
        byte[] salt = new byte[14];
        SessionKeys keys = new SessionKeys(
                SrtpProfile.AES128_CM_HMAC_SHA1_80, zeros, auth, salt, zeros, auth, salt);
        byte[] plain = SrtpCases.rtcp(SrtpCases.SSRC, 20);
        // HMAC-SHA1 with that key over the packet and an index word of 5 without E flag.
        byte[] srtcp = Arrays.copyOf(plain, plain.length + 14);
        Bytes.put32(srtcp, plain.length, 5);
        System.arraycopy(hmac(auth, srtcp, plain.length + 4), 0, srtcp, plain.length + 4, 10);
        SrtpReceiver to = new SrtpReceiver(keys, each, 1);
        byte[] out = new byte[plain.length];
        assertEquals(plain.length, to.unprotectRtcp(srtcp, 0, srtcp.length, out, 0));
        assertArrayEquals(plain, out);
        assertEquals(SrtpReceiver.REPLAYED, to.unprotectRtcp(srtcp, 0, srtcp.length, out, 0));
    }

    private byte[] hmac(byte[] key, byte[] data, int bytes) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1", providers.hmac());
            mac.init(new SecretKeySpec(key, "HmacSHA1"));
            mac.update(data, 0, bytes);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyNegativeResultHasADropReason() {
        assertEquals(DropReason.SRTP_AUTH_FAILED, SrtpReceiver.dropReason(SrtpReceiver.AUTH_FAILED));
        assertEquals(DropReason.SRTP_REPLAYED, SrtpReceiver.dropReason(SrtpReceiver.REPLAYED));
        assertEquals(DropReason.SRTP_MALFORMED, SrtpReceiver.dropReason(SrtpReceiver.MALFORMED));
        assertEquals(DropReason.SRTP_STREAM_LIMIT, SrtpReceiver.dropReason(SrtpReceiver.STREAM_LIMIT));
        assertThrows(IllegalArgumentException.class, () -> SrtpReceiver.dropReason(12));
    }

    @Test
    void theSenderRefusesAnIndexTwice() {
        srtp(1, 10);
        srtp(2, 10);
        srtp(1, 9);
        assertThrows(AssertionError.class, () -> srtp(1, 10));
        assertThrows(AssertionError.class, () -> srtp(1, 9));
        assertThrows(AssertionError.class, () -> SrtpCases.protect(sender, 5, SrtpCases.rtp(1, 6, PAYLOAD)));
    }

    @Test
    void theSenderStopsWhenRtcpIndicesRunOut() {
        SrtpKeys keys = SrtpCases.keys(SrtpProfile.AEAD_AES_128_GCM, true);
        SrtpSender old = new SrtpSender(
                SessionKeys.derive(keys.profile(), keys.localKey(), keys.localSalt(), providers),
                providers,
                Integer.MAX_VALUE);
        byte[] packet = Arrays.copyOf(SrtpCases.rtcp(SrtpCases.SSRC, 20), 60);
        int length = old.protectRtcp(packet, 0, 28);
        assertEquals(28, receiver.unprotectRtcp(packet, 0, length, new byte[28], 0));
        assertEquals(SrtpSender.DOES_NOT_FIT, old.protectRtcp(packet, 0, 28));
    }
}
