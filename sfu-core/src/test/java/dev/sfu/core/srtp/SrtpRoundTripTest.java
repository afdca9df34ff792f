package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Protect and unprotect are inverse, wherever the bytes lie. */
class SrtpRoundTripTest {
    private static final int[] PAYLOAD_BYTES = {0, 1, 2, 15, 16, 17, 31, 32, 33, 160, 1199, 1200, 1400};
    private static final int PACKETS = 300;

    private final Random random = new Random(7);

    private byte[] payload() {
        byte[] payload = new byte[PAYLOAD_BYTES[random.nextInt(PAYLOAD_BYTES.length)]];
        random.nextBytes(payload);
        return payload;
    }

    private byte[] packet(int sequence) {
        return SrtpCases.rtp(
                SrtpCases.SSRC, sequence & 0xFFFF, random.nextInt(16), random.nextInt(-1, 8), payload());
    }

    private static byte[] decrypted(SrtpReceiver receiver, byte[] srtp, int expectedBytes) {
        byte[] out = new byte[expectedBytes];
        assertEquals(expectedBytes, receiver.unprotectRtp(srtp, 0, srtp.length, out, 0));
        return out;
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void anyHeaderAndPayloadSizeSurvivesAcrossTheWrap(SrtpProfile profile, CryptoProviders providers) {
        SrtpSender sender = SrtpCases.sender(profile, providers);
        SrtpReceiver receiver = SrtpCases.receiver(profile, providers);
        for (int i = 0; i < PACKETS; i++) {
            int index = 65_536 - PACKETS / 2 + i;
            byte[] packet = packet(index);
            byte[] before = packet.clone();
            byte[] srtp = SrtpCases.protect(sender, index, packet);
            assertArrayEquals(before, packet, "the shared plaintext");
            assertEquals(packet.length + sender.rtpOverheadBytes(), srtp.length);
            assertArrayEquals(packet, decrypted(receiver, srtp, packet.length));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void prefixOffsetAndAliasingMakeNoDifference(SrtpProfile profile, CryptoProviders providers) {
        for (int i = 0; i < PACKETS; i++) {
            byte[] packet = packet(i);
            int headerBytes = RtpLayout.headerBytes(packet, 0, packet.length);
            int payloadBytes = packet.length - headerBytes;
            byte[] expected = SrtpCases.protect(SrtpCases.sender(profile, providers), i, packet);
            int prefixBytes = random.nextInt(Math.min(payloadBytes, 20) + 1);
            int offset = random.nextInt(50);

            byte[] out = new byte[offset + expected.length];
            System.arraycopy(packet, 0, out, offset, headerBytes + prefixBytes);
            check(profile, providers, i, expected, out, offset, headerBytes, prefixBytes, packet,
                    headerBytes + prefixBytes);

            // Payload already in place behind header and prefix.
            out = new byte[offset + expected.length];
            System.arraycopy(packet, 0, out, offset, packet.length);
            check(profile, providers, i, expected, out, offset, headerBytes, prefixBytes, out,
                    offset + headerBytes + prefixBytes);

            // Payload elsewhere in the same array, overlapping its destination.
            int gap = random.nextInt(70);
            out = new byte[offset + expected.length + gap];
            System.arraycopy(packet, 0, out, offset + gap, packet.length);
            System.arraycopy(packet, 0, out, offset, headerBytes + Math.min(prefixBytes, gap));
            check(profile, providers, i, expected, out, offset, headerBytes, Math.min(prefixBytes, gap), out,
                    offset + gap + headerBytes + Math.min(prefixBytes, gap));
        }
    }

    private static void check(
            SrtpProfile profile, CryptoProviders providers, long index, byte[] expected,
            byte[] out, int offset, int headerBytes, int prefixBytes, byte[] payload, int payloadOffset) {
        SrtpSender sender = SrtpCases.sender(profile, providers);
        int payloadBytes = expected.length - sender.rtpOverheadBytes() - headerBytes - prefixBytes;
        int length = sender.protectRtp(
                index, out, offset, headerBytes, prefixBytes, payload, payloadOffset, payloadBytes);
        assertEquals(expected.length, length);
        assertArrayEquals(expected, Arrays.copyOfRange(out, offset, offset + length));
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void decryptsInPlaceAtAnyOffset(SrtpProfile profile, CryptoProviders providers) {
        SrtpSender sender = SrtpCases.sender(profile, providers);
        SrtpReceiver receiver = SrtpCases.receiver(profile, providers);
        for (int i = 0; i < PACKETS; i++) {
            byte[] packet = packet(i);
            byte[] srtp = SrtpCases.protect(sender, i, packet);
            int offset = random.nextInt(40);
            byte[] array = new byte[offset + srtp.length];
            System.arraycopy(srtp, 0, array, offset, srtp.length);
            assertEquals(packet.length, receiver.unprotectRtp(array, offset, srtp.length, array, offset));
            assertArrayEquals(packet, Arrays.copyOfRange(array, offset, offset + packet.length));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void rtcpSurvivesInPlaceAndOutOfPlace(SrtpProfile profile, CryptoProviders providers) {
        SrtpSender sender = SrtpCases.sender(profile, providers);
        SrtpReceiver receiver = SrtpCases.receiver(profile, providers);
        for (int i = 0; i < PACKETS; i++) {
            byte[] packet = SrtpCases.rtcp(SrtpCases.SSRC, 4 * random.nextInt(300));
            byte[] srtcp = SrtpCases.protectRtcp(sender, packet);
            assertEquals(packet.length + sender.rtcpOverheadBytes(), srtcp.length);
            boolean inPlace = random.nextBoolean();
            byte[] out = inPlace ? srtcp : new byte[packet.length];
            assertEquals(packet.length, receiver.unprotectRtcp(srtcp, 0, srtcp.length, out, 0));
            assertArrayEquals(packet, Arrays.copyOf(out, packet.length));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void aFullSizePacketFitsExactlyAndNoByteMore(SrtpProfile profile, CryptoProviders providers) {
        SrtpSender sender = SrtpCases.sender(profile, providers);
        byte[] packet = SrtpCases.rtp(SrtpCases.SSRC, 1, new byte[1400]);
        int fits = packet.length + sender.rtpOverheadBytes();
        byte[] small = Arrays.copyOf(packet, fits - 1);
        assertEquals(SrtpSender.DOES_NOT_FIT, sender.protectRtp(1, small, 0, 12, 0, packet, 12, 1400));
        assertArrayEquals(Arrays.copyOf(packet, fits - 1), small);
        assertEquals(fits, sender.protectRtp(1, Arrays.copyOf(packet, fits), 0, 12, 0, packet, 12, 1400));

        byte[] rtcp = SrtpCases.rtcp(SrtpCases.SSRC, 20);
        int rtcpFits = rtcp.length + sender.rtcpOverheadBytes();
        assertEquals(
                SrtpSender.DOES_NOT_FIT, sender.protectRtcp(Arrays.copyOf(rtcp, rtcpFits - 1), 0, rtcp.length));
        assertEquals(rtcpFits, sender.protectRtcp(Arrays.copyOf(rtcp, rtcpFits), 0, rtcp.length));
    }
}
