package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.buffer.Bytes;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Golden vectors of RFC 3711, RFC 6188 and RFC 7714. */
class SrtpVectorsTest {
    private static final String KEY_128 = "000102030405060708090a0b0c0d0e0f";
    private static final String KEY_256 = KEY_128 + "101112131415161718191a1b1c1d1e1f";
    private static final String SALT = "517569642070726f2071756f";

    private static final String RTP = "8040f17b8041f8d35501a0b2"
            + "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
    private static final String RTP_128 = "8040f17b8041f8d35501a0b2"
            + "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
            + "899d7f27beb16a9152cf765ee4390cce";
    private static final String RTP_256 = "8040f17b8041f8d35501a0b2"
            + "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
            + "7aa3db36dfffd6b0f9bb7878d7a76c13";

    private static final int RTCP_INDEX = 0x5D4;
    private static final String RTCP = "81c8000d4d617273"
            + "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
    private static final String RTCP_128 = "81c8000d4d617273"
            + "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
            + "c84aa45896cf4d2fc5abf87245d9eade800005d4";
    private static final String RTCP_256 = "81c8000d4d617273"
            + "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad"
            + "1d1eb30c4446839f57ff6f6cb26ac3be800005d4";
    private static final String RTCP_128_TAG_ONLY = RTCP + "841dd9683dd78ec92ae58790125f62b3000005d4";
    private static final String RTCP_256_TAG_ONLY = RTCP + "91db4afbfeee5a978fab4393ed2615fe000005d4";

    private static byte[] derive(String key, String salt, int label, int bytes) throws GeneralSecurityException {
        Cipher prf = Cipher.getInstance("AES/CTR/NoPadding", CryptoProviders.jdk().ctr());
        return SessionKeys.derive(prf, new SecretKeySpec(Bytes.hex(key), "AES"), Bytes.hex(salt), label, bytes);
    }

    private static SessionKeys gcm(SrtpProfile profile, String key) {
        byte[] none = new byte[0];
        byte[] salt = Bytes.hex(SALT);
        return new SessionKeys(profile, Bytes.hex(key), none, salt, Bytes.hex(key), none, salt);
    }

    @Test
    void rfc3711AppendixB3KeyDerivation() throws GeneralSecurityException {
        String key = "E1F97A0D3E018BE0D64FA32C06DE4139";
        String salt = "0EC675AD498AFEEBB6960B3AABE6";
        assertArrayEquals(
                Bytes.hex("C61E7A93744F39EE10734AFE3FF7A087"), derive(key, salt, SessionKeys.LABEL_RTP_KEY, 16));
        assertArrayEquals(
                Bytes.hex("30CBBC08863D8C85D49DB34A9AE1"), derive(key, salt, SessionKeys.LABEL_RTP_SALT, 14));
        assertArrayEquals(
                Bytes.hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD1755"
                        + "78EF72270986371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E4740357"
                        + "66B68642C59BBFC2F34DB60DBDFB2"),
                derive(key, salt, SessionKeys.LABEL_RTP_AUTH, 94));
    }

    @Test
    void rfc6188Section7KeyDerivationWith256BitKeys() throws GeneralSecurityException {
        String key = "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6";
        String salt = "3b04803de51ee7c96423ab5b78d2";
        assertArrayEquals(
                Bytes.hex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"),
                derive(key, salt, SessionKeys.LABEL_RTP_KEY, 32));
        assertArrayEquals(
                Bytes.hex("fa31791685ca444a9e07c6c64e93"), derive(key, salt, SessionKeys.LABEL_RTP_SALT, 14));
        assertArrayEquals(
                Bytes.hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"),
                derive(key, salt, SessionKeys.LABEL_RTP_AUTH, 20));
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#providers")
    void rfc3711AppendixB2KeyStream(CryptoProviders providers) {
        byte[] key = Bytes.hex("2B7E151628AED2A6ABF7158809CF4F3C");
        byte[] salt = Bytes.hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
        byte[] auth = new byte[SrtpProfile.HMAC_KEY_BYTES];
        SessionKeys keys =
                new SessionKeys(SrtpProfile.AES128_CM_HMAC_SHA1_80, key, auth, salt, key, auth, salt);
        byte[] zeros = new byte[1_044_512];
        byte[] stream = SrtpCases.protect(new SrtpSender(keys, providers, 0), 0, SrtpCases.rtp(0, 0, zeros));
        assertArrayEquals(
                Bytes.hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB"
                        + "41E95B3BB0A2E8DD477901E4FCA894C0"),
                Arrays.copyOfRange(stream, 12, 12 + 48));
        assertArrayEquals(
                Bytes.hex("EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE"
                        + "6A2CC3787889374FBEB4C81B17BA6C44"),
                Arrays.copyOfRange(stream, 12 + zeros.length - 48, 12 + zeros.length));
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#providers")
    void rfc7714Section16Rtp(CryptoProviders providers) {
        checkRtp(gcm(SrtpProfile.AEAD_AES_128_GCM, KEY_128), providers, RTP_128);
        checkRtp(gcm(SrtpProfile.AEAD_AES_256_GCM, KEY_256), providers, RTP_256);
    }

    private static void checkRtp(SessionKeys keys, CryptoProviders providers, String expected) {
        byte[] packet = Bytes.hex(RTP);
        byte[] srtp = Bytes.hex(expected);
        assertArrayEquals(srtp, SrtpCases.protect(new SrtpSender(keys, providers, 0), 0xF17B, packet));
        byte[] out = new byte[packet.length];
        SrtpReceiver receiver = new SrtpReceiver(keys, providers, 1);
        assertEquals(packet.length, receiver.unprotectRtp(srtp, 0, srtp.length, out, 0));
        assertArrayEquals(packet, out);
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#providers")
    void rfc7714Section17Rtcp(CryptoProviders providers) {
        checkRtcp(gcm(SrtpProfile.AEAD_AES_128_GCM, KEY_128), providers, RTCP_128, RTCP_128_TAG_ONLY);
        checkRtcp(gcm(SrtpProfile.AEAD_AES_256_GCM, KEY_256), providers, RTCP_256, RTCP_256_TAG_ONLY);
    }

    private static void checkRtcp(
            SessionKeys keys, CryptoProviders providers, String encrypted, String tagOnly) {
        byte[] packet = Bytes.hex(RTCP);
        assertArrayEquals(
                Bytes.hex(encrypted), SrtpCases.protectRtcp(new SrtpSender(keys, providers, RTCP_INDEX), packet));
        for (String text : new String[] {encrypted, tagOnly}) {
            byte[] srtcp = Bytes.hex(text);
            byte[] out = new byte[packet.length];
            SrtpReceiver receiver = new SrtpReceiver(keys, providers, 1);
            assertEquals(packet.length, receiver.unprotectRtcp(srtcp, 0, srtcp.length, out, 0));
            assertArrayEquals(packet, out);
            byte[] changed = srtcp.clone();
            changed[20] ^= 1;
            SrtpReceiver other = new SrtpReceiver(keys, providers, 1);
            assertEquals(SrtpReceiver.AUTH_FAILED, other.unprotectRtcp(changed, 0, changed.length, out, 0));
        }
    }
}
