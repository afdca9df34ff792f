package dev.sfu.core.srtp;

import dev.sfu.core.buffer.Bytes;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that protect packets, for one direction (RFC 3711 section 4.3, with a key derivation rate of zero).
 *
 * @param rtpAuthKey empty for AEAD profiles, like {@code rtcpAuthKey}
 */
@SuppressWarnings("ArrayRecordComponent")
record SessionKeys(
        SrtpProfile profile,
        byte[] rtpKey,
        byte[] rtpAuthKey,
        byte[] rtpSalt,
        byte[] rtcpKey,
        byte[] rtcpAuthKey,
        byte[] rtcpSalt) {
    static final int LABEL_RTP_KEY = 0;
    static final int LABEL_RTP_AUTH = 1;
    static final int LABEL_RTP_SALT = 2;
    static final int LABEL_RTCP_KEY = 3;
    static final int LABEL_RTCP_AUTH = 4;
    static final int LABEL_RTCP_SALT = 5;

    private static final int LABEL_POSITION = 7;

    static SessionKeys derive(SrtpProfile profile, byte[] masterKey, byte[] masterSalt, CryptoProviders providers) {
        int authBytes = profile.aead() ? 0 : SrtpProfile.HMAC_KEY_BYTES;
        try {
            Cipher prf = Cipher.getInstance("AES/CTR/NoPadding", providers.ctr());
            SecretKeySpec key = new SecretKeySpec(masterKey, "AES");
            return new SessionKeys(
                    profile,
                    derive(prf, key, masterSalt, LABEL_RTP_KEY, profile.keyBytes()),
                    derive(prf, key, masterSalt, LABEL_RTP_AUTH, authBytes),
                    derive(prf, key, masterSalt, LABEL_RTP_SALT, profile.saltBytes()),
                    derive(prf, key, masterSalt, LABEL_RTCP_KEY, profile.keyBytes()),
                    derive(prf, key, masterSalt, LABEL_RTCP_AUTH, authBytes),
                    derive(prf, key, masterSalt, LABEL_RTCP_SALT, profile.saltBytes()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SRTP key derivation by " + providers.ctr().getName(), e);
        }
    }

    /**
     * The AES-CM key stream whose counter starts at the master salt with the label mixed in. A 96-bit salt counts as
     * 112 bits with zeros below (RFC 7714 section 11); AES-256 keys use AES-256 (RFC 6188).
     */
    static byte[] derive(Cipher prf, SecretKeySpec masterKey, byte[] masterSalt, int label, int bytes)
            throws GeneralSecurityException {
        byte[] counter = Arrays.copyOf(masterSalt, 16);
        Bytes.put8(counter, LABEL_POSITION, Bytes.u8(counter, LABEL_POSITION) ^ label);
        prf.init(Cipher.ENCRYPT_MODE, masterKey, new IvParameterSpec(counter));
        return prf.doFinal(new byte[bytes]);
    }

    @Override
    public String toString() {
        return "SessionKeys[profile=" + profile + ", redacted]";
    }
}
