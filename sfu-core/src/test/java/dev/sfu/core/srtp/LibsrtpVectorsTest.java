package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.buffer.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that libsrtp made from the same keys and packets: RTP with a CSRC and a header extension across the wrap of the
 * sequence number, and two sender reports.
 */
class LibsrtpVectorsTest {
    private static final int[] INDICES = {65_534, 65_535, 65_536};
    private static final String HEADER_TAIL = "11223344cafebabe01020304bede00011000aa00";
    private static final String REPORT = "80c80006cafebabe0102030405060708112233440000000a000003e8";

    private static final Vector GCM_128 = new Vector(
            SrtpProfile.AEAD_AES_128_GCM,
            List.of(
                "4c4b246bbd4f546a653e2956fe662226bced076d989ed0af22cf0692c1f5cd7aee80c5e503a0217bd6936424c524e5605"
                        + "9cfd3ed6c6e7722",
                "9501a4f48fa8c5626aa71888800aef121caae9130f0097efa2c66b0b5d05a7c7bede72286082892e68ddba32c3dc15017"
                        + "f5f06fb56fc01cb",
                "cce18179a6d4be6706a982a052e19f786e218a901e70fe446651fde007acd3ecacc3fa0815ceb8b82bd9b7edee6df281c"
                        + "979de8b6c8109da"),
            List.of(
                "80c80006cafebabe09d57ad65ef0651553db5339b335b3c8c45b09ebbf5d51d8784404a8234b585a8a2d5e6d80000001",
                "80c80006cafebabefd2d7e0cf3b8a2ea4d42de1d1f1a2d99623ff51b6357f8c5f5586ee734c1742e5f7bd91680000002"));
    private static final Vector CM_SHA1 = new Vector(
            SrtpProfile.AES128_CM_HMAC_SHA1_80,
            List.of(
                "59e72219609b31af252917f34aa408f2f21b1686e1105f89a60f70ef8e686fbb903d086320836e790e3bc552d97f6bc3dc61",
                "138cd90a2b481f8834398808cc2c0789e1bc48c5c9a1f1fce517bf46c34dd39fdc10713a2e3d0e9958593798a989e0640f81",
                "1d25b0466714b0a0b06f4c017d215b202bbec25201d7c808aeef007ece1ba2340bd72f26592bf5ae7170d322584a38197da3"),
            List.of(
                "80c80006cafebabeeb2e9647a1ab2641d7d0421ba949596d3a7380888000000128dfe145f7718c6c8df1",
                "80c80006cafebabee896449ddbac5a1dea54a529630a92c66c21a9dc800000020b9029a2de93b580ff3c"));
    private static final Vector GCM_256 = new Vector(
            SrtpProfile.AEAD_AES_256_GCM,
            List.of(
                "905e0c64dd2581ac8e0532a89c8900f39b9e956cf4d431e72cecb5837d000d8401cf24ae2ba1dfc82d55ea48ad05d3075"
                        + "45c11dbee914ae8",
                "1ab2c24294ae658aa0c998bf5cb4fe6867f820a61a2d7536c3c2af44b9b612c300968269b9d3edb68a1ceffb2d78bdf1e"
                        + "969957399b23a11",
                "603fd5248b536245c6bb9f883cc61de77e854a5ea11b61db03cfee67b969082d2b1f730ebffe0cd9cd8cd381a989ce3ba"
                        + "b6b569ccb7a4310"),
            List.of(
                "80c80006cafebabe8182aa5f3d04ef385e262794226e57aeb3bced5cff8a56003dc54ae649b15a59813c438d80000001",
                "80c80006cafebabeefe2d347e479a11bfb919c20a2cc90160e816f6b6704fac6aad1bea1e0e3fc213e4020be80000002"));

    private record Vector(SrtpProfile profile, List<String> rtp, List<String> rtcp) {
        SrtpKeys keys() {
            byte[] key = counting(1, profile.keyBytes());
            byte[] salt = counting(0xA0, profile.saltBytes());
            return new SrtpKeys(profile, key, salt, key, salt);
        }
    }

    private static byte[] counting(int first, int bytes) {
        byte[] array = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            array[i] = (byte) (first + i);
        }
        return array;
    }

    private static byte[] packet(String header, byte[] payload) {
        byte[] head = Bytes.hex(header);
        byte[] packet = Arrays.copyOf(head, head.length + payload.length);
        System.arraycopy(payload, 0, packet, head.length, payload.length);
        return packet;
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#providers")
    void agreesWithLibsrtp(CryptoProviders providers) {
        Stream.of(GCM_128, CM_SHA1, GCM_256).forEach(vector -> {
            SessionKeys session = SessionKeys.derive(
                    vector.profile, vector.keys().localKey(), vector.keys().localSalt(), providers);
            // libsrtp numbers SRTCP packets from 1.
            SrtpSender sender = new SrtpSender(session, providers, 1);
            SrtpReceiver receiver = SrtpReceiver.create(vector.keys(), providers);
            for (int i = 0; i < INDICES.length; i++) {
                String header = String.format("91e0%04x", INDICES[i] & 0xFFFF) + HEADER_TAIL;
                byte[] plain = packet(header, counting(0, 40));
                byte[] expected = Bytes.hex(header + vector.rtp.get(i));
                assertArrayEquals(expected, SrtpCases.protect(sender, INDICES[i], plain));
                byte[] out = new byte[plain.length];
                assertEquals(plain.length, receiver.unprotectRtp(expected, 0, expected.length, out, 0));
                assertArrayEquals(plain, out);
            }
            byte[] report = Bytes.hex(REPORT);
            for (String text : vector.rtcp) {
                byte[] expected = Bytes.hex(text);
                assertArrayEquals(expected, SrtpCases.protectRtcp(sender, report));
                byte[] out = new byte[report.length];
                assertEquals(report.length, receiver.unprotectRtcp(expected, 0, expected.length, out, 0));
                assertArrayEquals(report, out);
            }
        });
    }
}
