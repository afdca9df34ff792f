package dev.sfu.core.srtp;

import dev.sfu.core.buffer.Bytes;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES in counter mode with HMAC-SHA1 cut to 80 bits (RFC 3711 sections 4.1.1 and 4.2.1). */
final class CounterModeTransform implements SrtpTransform {
    private static final int TAG_BYTES = 10;
    private static final int ROLLOVER_BYTES = 4;

    private final Direction rtp;
    private final Direction rtcp;

    CounterModeTransform(SessionKeys keys, CryptoProviders providers) {
        rtp = new Direction(keys.rtpKey(), keys.rtpSalt(), keys.rtpAuthKey(), providers);
        rtcp = new Direction(keys.rtcpKey(), keys.rtcpSalt(), keys.rtcpAuthKey(), providers);
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
        int plainBytes = headerBytes + prefixBytes + payloadBytes;
        try {
            Cipher cipher = rtp.start(Bytes.i32(packet, offset + RtpLayout.SSRC), index);
            if (prefixBytes > 0) {
                cipher.update(packet, body, prefixBytes, packet, body);
            }
            if (payloadBytes > 0) {
                cipher.update(payload, payloadOffset, payloadBytes, packet, body + prefixBytes);
            }
            // The rollover counter is authenticated behind the packet; the tag overwrites it there.
            Bytes.put32(packet, offset + plainBytes, (int) (index >>> 16));
            rtp.mac.update(packet, offset, plainBytes + ROLLOVER_BYTES);
            rtp.writeTag(packet, offset + plainBytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SRTP encryption of index " + index, e);
        }
        return plainBytes + TAG_BYTES;
    }

    @Override
    public boolean unprotectRtp(
            long index, byte[] in, int offset, int length, int headerBytes, byte[] out, int bodyOffset) {
        int plainBytes = length - TAG_BYTES;
        try {
            rtp.mac.update(in, offset, plainBytes);
            rtp.updateRollover((int) (index >>> 16));
            if (!rtp.tagMatches(in, offset + plainBytes)) {
                return false;
            }
            int ssrc = Bytes.i32(in, offset + RtpLayout.SSRC);
            rtp.decrypt(ssrc, index, in, offset + headerBytes, plainBytes - headerBytes, out, bodyOffset);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public int protectRtcp(int index, byte[] packet, int offset, int length) {
        int body = offset + RTCP_CLEAR_BYTES;
        int bodyBytes = length - RTCP_CLEAR_BYTES;
        try {
            rtcp.decrypt(Bytes.i32(packet, offset + RtpLayout.RTCP_SSRC), index, packet, body, bodyBytes, packet, body);
            Bytes.put32(packet, offset + length, index | ENCRYPTED_FLAG);
            rtcp.mac.update(packet, offset, length + INDEX_WORD_BYTES);
            rtcp.writeTag(packet, offset + length + INDEX_WORD_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SRTCP encryption of index " + index, e);
        }
        return length + INDEX_WORD_BYTES + TAG_BYTES;
    }

    @Override
    public int rtcpIndexPosition(int length) {
        return length - TAG_BYTES - INDEX_WORD_BYTES;
    }

    @Override
    public boolean unprotectRtcp(int indexWord, byte[] in, int offset, int length, byte[] out, int bodyOffset) {
        int body = offset + RTCP_CLEAR_BYTES;
        int bodyBytes = rtcpIndexPosition(length) - RTCP_CLEAR_BYTES;
        try {
            rtcp.mac.update(in, offset, length - TAG_BYTES);
            if (!rtcp.tagMatches(in, offset + length - TAG_BYTES)) {
                return false;
            }
            if ((indexWord & ENCRYPTED_FLAG) == 0) {
                System.arraycopy(in, body, out, bodyOffset, bodyBytes);
                return true;
            }
            int ssrc = Bytes.i32(in, offset + RtpLayout.RTCP_SSRC);
            rtcp.decrypt(ssrc, indexWord & ~ENCRYPTED_FLAG, in, body, bodyBytes, out, bodyOffset);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Cipher and MAC for RTP or for RTCP, which have different keys. */
    private static final class Direction {
        private final Cipher cipher;
        private final SecretKeySpec key;
        private final CounterBlock counter;
        private final Mac mac;
        private final byte[] macOutput = new byte[SrtpProfile.HMAC_KEY_BYTES];
        private final byte[] rollover = new byte[ROLLOVER_BYTES];

        Direction(byte[] key, byte[] salt, byte[] authKey, CryptoProviders providers) {
            this.key = new SecretKeySpec(key, "AES");
            this.counter = new CounterBlock(salt);
            try {
                cipher = Cipher.getInstance("AES/CTR/NoPadding", providers.ctr());
                mac = Mac.getInstance("HmacSHA1", providers.hmac());
                mac.init(new SecretKeySpec(authKey, "HmacSHA1"));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES/CTR/NoPadding or HmacSHA1 of " + providers, e);
            }
        }

        Cipher start(int ssrc, long index) throws GeneralSecurityException {
            counter.set(ssrc, index);
            cipher.init(Cipher.ENCRYPT_MODE, key, counter);
            return cipher;
        }

        /** Decrypts, or encrypts: in counter mode the two are the same. */
        void decrypt(int ssrc, long index, byte[] in, int offset, int bytes, byte[] out, int outOffset)
                throws GeneralSecurityException {
            if (bytes > 0) {
                start(ssrc, index).update(in, offset, bytes, out, outOffset);
            }
        }

        void updateRollover(int counterValue) {
            Bytes.put32(rollover, 0, counterValue);
            mac.update(rollover, 0, ROLLOVER_BYTES);
        }

        void writeTag(byte[] packet, int offset) throws GeneralSecurityException {
            mac.doFinal(macOutput, 0);
            System.arraycopy(macOutput, 0, packet, offset, TAG_BYTES);
        }

        boolean tagMatches(byte[] packet, int offset) throws GeneralSecurityException {
            mac.doFinal(macOutput, 0);
            int difference = 0;
            for (int i = 0; i < TAG_BYTES; i++) {
                difference |= macOutput[i] ^ packet[offset + i];
            }
            return difference == 0;
        }
    }

    /**
     * The first counter block of RFC 3711 section 4.1.1: salt, mixed with SSRC and 48-bit index, and a 16-bit block
     * count. Changes for each packet and makes no copy: ciphers in counter mode count in an array of their own.
     */
    private static final class CounterBlock extends IvParameterSpec {
        private final byte[] bytes = new byte[16];
        private final int saltAtSsrc;
        private final int saltAtRollover;
        private final int saltAtSequence;

        CounterBlock(byte[] salt) {
            super(new byte[16]);
            System.arraycopy(salt, 0, bytes, 0, salt.length);
            saltAtSsrc = Bytes.i32(salt, 4);
            saltAtRollover = Bytes.i32(salt, 8);
            saltAtSequence = Bytes.u16(salt, 12);
        }

        void set(int ssrc, long index) {
            Bytes.put32(bytes, 4, saltAtSsrc ^ ssrc);
            Bytes.put32(bytes, 8, saltAtRollover ^ (int) (index >>> 16));
            Bytes.put16(bytes, 12, saltAtSequence ^ (int) index);
        }

        @Override
        public byte[] getIV() {
            return bytes;
        }
    }
}
