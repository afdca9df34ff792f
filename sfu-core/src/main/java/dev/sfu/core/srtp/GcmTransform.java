package dev.sfu.core.srtp;

import dev.sfu.core.buffer.Bytes;
import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-GCM (RFC 7714). */
final class GcmTransform implements SrtpTransform {
    private static final int TAG_BYTES = 16;

    private final Direction rtp;
    private final Direction rtcp;
    private final byte[] rtcpAssociatedData = new byte[RTCP_CLEAR_BYTES + INDEX_WORD_BYTES];

    GcmTransform(SessionKeys keys, CryptoProviders providers, boolean encrypting) {
        int mode = encrypting ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
        rtp = new Direction(keys.rtpKey(), keys.rtpSalt(), providers.gcm(), mode);
        rtcp = new Direction(keys.rtcpKey(), keys.rtcpSalt(), providers.gcm(), mode);
    }

    @Override
    public int protectRtp(
            long index,
            byte[] packet,
            int offset,
            int headerBytes,
            int prefixBytes,
            byte[] payload,
            int payloadOffset,
            int payloadBytes) {
        int body = offset + headerBytes;
        byte[] source = payload;
        int sourceOffset = payloadOffset;
        if (prefixBytes > 0) {
            // Measured: copying and encrypting in place costs ~10 ns, feeding the cipher two pieces ~70 to 90 ns.
            System.arraycopy(payload, payloadOffset, packet, body + prefixBytes, payloadBytes);
            source = packet;
            sourceOffset = body;
        }
        try {
            Cipher cipher = rtp.start(Bytes.i32(packet, offset + RtpLayout.SSRC), index);
            cipher.updateAAD(packet, offset, headerBytes);
            return headerBytes + cipher.doFinal(source, sourceOffset, prefixBytes + payloadBytes, packet, body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SRTP encryption of index " + index, e);
        }
    }

    @Override
    public boolean unprotectRtp(
            long index, byte[] in, int offset, int length, int headerBytes, byte[] out, int bodyOffset) {
        try {
            Cipher cipher = rtp.start(Bytes.i32(in, offset + RtpLayout.SSRC), index);
            cipher.updateAAD(in, offset, headerBytes);
            cipher.doFinal(in, offset + headerBytes, length - headerBytes, out, bodyOffset);
            return true;
        } catch (GeneralSecurityException e) {
            // A wrong tag; whatever else it may be, this packet was not authenticated.
            return false;
        }
    }

    @Override
    public int protectRtcp(int index, byte[] packet, int offset, int length) {
        int word = index | ENCRYPTED_FLAG;
        int body = offset + RTCP_CLEAR_BYTES;
        try {
            Cipher cipher = rtcp.start(Bytes.i32(packet, offset + RtpLayout.RTCP_SSRC), index);
            updateRtcpAssociatedData(cipher, packet, offset, word);
            cipher.doFinal(packet, body, length - RTCP_CLEAR_BYTES, packet, body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SRTCP encryption of index " + index, e);
        }
        Bytes.put32(packet, offset + length + TAG_BYTES, word);
        return length + TAG_BYTES + INDEX_WORD_BYTES;
    }

    @Override
    public int rtcpIndexPosition(int length) {
        return length - INDEX_WORD_BYTES;
    }

    @Override
    public boolean unprotectRtcp(int indexWord, byte[] in, int offset, int length, byte[] out, int bodyOffset) {
        int plainBytes = length - TAG_BYTES - INDEX_WORD_BYTES;
        int bodyBytes = plainBytes - RTCP_CLEAR_BYTES;
        try {
            Cipher cipher = rtcp.start(Bytes.i32(in, offset + RtpLayout.RTCP_SSRC), indexWord & ~ENCRYPTED_FLAG);
            if ((indexWord & ENCRYPTED_FLAG) != 0) {
                updateRtcpAssociatedData(cipher, in, offset, indexWord);
                cipher.doFinal(in, offset + RTCP_CLEAR_BYTES, bodyBytes + TAG_BYTES, out, bodyOffset);
                return true;
            }
            // Not encrypted: the whole packet is associated data and only the tag is left (RFC 7714 section 9.3).
            cipher.updateAAD(in, offset, plainBytes);
            cipher.updateAAD(in, offset + rtcpIndexPosition(length), INDEX_WORD_BYTES);
            cipher.doFinal(in, offset + plainBytes, TAG_BYTES, out, bodyOffset);
            System.arraycopy(in, offset + RTCP_CLEAR_BYTES, out, bodyOffset, bodyBytes);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private void updateRtcpAssociatedData(Cipher cipher, byte[] packet, int offset, int word) {
        System.arraycopy(packet, offset, rtcpAssociatedData, 0, RTCP_CLEAR_BYTES);
        Bytes.put32(rtcpAssociatedData, RTCP_CLEAR_BYTES, word);
        cipher.updateAAD(rtcpAssociatedData);
    }

    /** The cipher for RTP or for RTCP: they have different keys, and changing keys is what costs. */
    private static final class Direction {
        private final Cipher cipher;
        private final SecretKeySpec key;
        private final Nonce nonce;
        private final int mode;

        Direction(byte[] key, byte[] salt, Provider provider, int mode) {
            this.key = new SecretKeySpec(key, "AES");
            this.nonce = new Nonce(salt);
            this.mode = mode;
            try {
                cipher = Cipher.getInstance("AES/GCM/NoPadding", provider);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES/GCM/NoPadding of " + provider.getName(), e);
            }
        }

        Cipher start(int ssrc, long index) throws GeneralSecurityException {
            nonce.set(ssrc, index);
            cipher.init(mode, key, nonce);
            nonce.onTaken();
            return cipher;
        }
    }

    /**
     * The nonce of RFC 7714 sections 8.1 and 9.1: zero, SSRC and 48-bit index, all mixed with the salt.
     *
     * <p>Changes for each packet and makes no copies. A cipher keeps the array that {@link #getIV()} gives and compares
     * it with the next, to refuse a nonce that comes twice; therefore there are two, by turns.
     */
    private static final class Nonce extends GCMParameterSpec {
        private final int saltAtSsrc;
        private final int saltAtIndexHigh;
        private final int saltAtIndexLow;
        private byte[] next;
        private byte[] taken;

        Nonce(byte[] salt) {
            super(8 * TAG_BYTES, salt);
            next = salt.clone();
            taken = salt.clone();
            saltAtSsrc = Bytes.i32(salt, 2);
            saltAtIndexHigh = Bytes.u16(salt, 6);
            saltAtIndexLow = Bytes.i32(salt, 8);
        }

        void set(int ssrc, long index) {
            Bytes.put32(next, 2, saltAtSsrc ^ ssrc);
            Bytes.put16(next, 6, saltAtIndexHigh ^ (int) (index >>> 32));
            Bytes.put32(next, 8, saltAtIndexLow ^ (int) index);
        }

        /** The cipher has accepted the nonce: its array is left alone until the cipher has another. */
        void onTaken() {
            byte[] free = taken;
            taken = next;
            next = free;
        }

        @Override
        public byte[] getIV() {
            return next;
        }
    }
}
