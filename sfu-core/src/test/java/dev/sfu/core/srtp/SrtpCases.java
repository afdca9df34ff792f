package dev.sfu.core.srtp;

import dev.sfu.core.buffer.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** What the tests of this package share: profiles and providers to run with, and packets. */
final class SrtpCases {
    static final int SSRC = 0xCAFE_BABE;

    private SrtpCases() {}

    /** The providers that work here; {@link CryptoProvidersTest} says aloud when ACCP does not. */
    static Stream<CryptoProviders> providers() {
        return Stream.concat(Stream.of(CryptoProviders.jdk()), CryptoProviders.accp().stream());
    }

    /** Every profile with every provider. */
    static Stream<Arguments> profilesAndProviders() {
        List<Arguments> all = new ArrayList<>();
        providers().forEach(providers -> {
            for (SrtpProfile profile : SrtpProfile.values()) {
                all.add(Arguments.of(profile, providers));
            }
        });
        return all.stream();
    }

    static SrtpKeys keys(SrtpProfile profile, boolean isDtlsClient) {
        byte[] material = new byte[SrtpKeys.exporterBytes(profile)];
        new Random(profile.wireId()).nextBytes(material);
        return SrtpKeys.fromExporter(profile, material, isDtlsClient);
    }

    static SrtpSender sender(SrtpProfile profile, CryptoProviders providers) {
        return SrtpSender.create(keys(profile, true), providers);
    }

    static SrtpReceiver receiver(SrtpProfile profile, CryptoProviders providers) {
        return SrtpReceiver.create(keys(profile, false), providers);
    }

    static byte[] rtp(int ssrc, int sequence, int csrcs, int extensionWords, byte[] payload) {
        int headerBytes = 12 + 4 * csrcs + (extensionWords < 0 ? 0 : 4 + 4 * extensionWords);
        byte[] packet = new byte[headerBytes + payload.length];
        Arrays.fill(packet, 12, headerBytes, (byte) 0x5A);
        Bytes.put8(packet, 0, 0x80 | csrcs | (extensionWords < 0 ? 0 : 0x10));
        Bytes.put8(packet, 1, 96);
        Bytes.put16(packet, 2, sequence);
        Bytes.put32(packet, 4, 3000 * sequence);
        Bytes.put32(packet, 8, ssrc);
        if (extensionWords >= 0) {
            Bytes.put32(packet, 12 + 4 * csrcs, 0xBEDE_0000 | extensionWords);
        }
        System.arraycopy(payload, 0, packet, headerBytes, payload.length);
        return packet;
    }

    static byte[] rtp(int ssrc, int sequence, byte[] payload) {
        return rtp(ssrc, sequence, 0, -1, payload);
    }

    static byte[] rtcp(int ssrc, int bodyBytes) {
        byte[] packet = new byte[8 + bodyBytes];
        Arrays.fill(packet, 8, packet.length, (byte) 0x3C);
        Bytes.put32(packet, 0, 0x80C8_0000 | (packet.length / 4 - 1));
        Bytes.put32(packet, 4, ssrc);
        return packet;
    }

    /** A whole packet protected with no prefix and the payload in another array. */
    static byte[] protect(SrtpSender sender, long index, byte[] packet) {
        int headerBytes = RtpLayout.headerBytes(packet, 0, packet.length);
        byte[] out = Arrays.copyOf(packet, packet.length + sender.rtpOverheadBytes());
        Arrays.fill(out, headerBytes, out.length, (byte) 0);
        int length = sender.protectRtp(
                index, out, 0, headerBytes, 0, packet, headerBytes, packet.length - headerBytes);
        return Arrays.copyOf(out, length);
    }

    static byte[] protectRtcp(SrtpSender sender, byte[] packet) {
        byte[] out = Arrays.copyOf(packet, packet.length + sender.rtcpOverheadBytes());
        return Arrays.copyOf(out, sender.protectRtcp(out, 0, packet.length));
    }

    static int unprotect(SrtpReceiver receiver, byte[] packet) {
        return receiver.unprotectRtp(packet, 0, packet.length, new byte[packet.length], 0);
    }
}
