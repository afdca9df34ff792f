package dev.sfu.core.srtp;

import java.util.Arrays;
import java.util.HexFormat;

/** Whether a provider's AES-GCM computes what RFC 7714 section 16 says, and refuses what was tampered with. */
final class GcmSelfTest {
    private static final String KEY = "000102030405060708090a0b0c0d0e0f";
    private static final String SALT = "517569642070726f2071756f";
    private static final String HEADER = "8040f17b8041f8d35501a0b2";
    private static final String PLAINTEXT =
            "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
    private static final String CIPHERTEXT_AND_TAG =
            "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
                    + "899d7f27beb16a9152cf765ee4390cce";
    private static final int INDEX = 0xF17B;

    private GcmSelfTest() {}

    /** True if encryption, decryption and the refusal of a changed packet are all right; never throws. */
    static boolean passes(CryptoProviders providers) {
        try {
            byte[] key = bytes(KEY);
            byte[] salt = bytes(SALT);
            byte[] none = new byte[0];
            SessionKeys keys =
                    new SessionKeys(SrtpProfile.AEAD_AES_128_GCM, key, none, salt, key, none, salt);
            byte[] header = bytes(HEADER);
            byte[] plain = bytes(PLAINTEXT);
            byte[] expected = bytes(HEADER + CIPHERTEXT_AND_TAG);
            byte[] packet = Arrays.copyOf(header, expected.length);
            SrtpTransform.encrypting(keys, providers)
                    .protectRtp(INDEX, packet, 0, header.length, 0, plain, 0, plain.length);
            byte[] out = new byte[plain.length];
            SrtpTransform receiver = SrtpTransform.decrypting(keys, providers);
            boolean right = Arrays.equals(expected, packet)
                    && receiver.unprotectRtp(INDEX, packet, 0, packet.length, header.length, out, 0)
                    && Arrays.equals(plain, out);
            packet[header.length] ^= 1;
            return right && !receiver.unprotectRtp(INDEX, packet, 0, packet.length, header.length, out, 0);
        } catch (LinkageError | RuntimeException unusable) {
            // Whatever goes wrong here would go wrong with every packet.
            return false;
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
