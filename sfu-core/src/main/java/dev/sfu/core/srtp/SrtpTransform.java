package dev.sfu.core.srtp;

/**
 * The cryptography of one profile for one direction. Callers have checked all lengths; nothing here keeps packet state
 * except the ciphers.
 */
sealed interface SrtpTransform permits GcmTransform, CounterModeTransform {
    /** Bytes of the word with the E flag and the index that SRTCP appends (RFC 3711 section 3.4). */
    int INDEX_WORD_BYTES = 4;

    /** Bytes of an RTCP packet that SRTCP never encrypts: the first header and SSRC. */
    int RTCP_CLEAR_BYTES = 8;

    /** The E flag in the index word: the packet is encrypted. */
    int ENCRYPTED_FLAG = 0x8000_0000;

    /** For sending. */
    static SrtpTransform encrypting(SessionKeys keys, CryptoProviders providers) {
        return keys.profile().aead()
                ? new GcmTransform(keys, providers, true)
                : new CounterModeTransform(keys, providers);
    }

    /** For receiving. */
    static SrtpTransform decrypting(SessionKeys keys, CryptoProviders providers) {
        return keys.profile().aead()
                ? new GcmTransform(keys, providers, false)
                : new CounterModeTransform(keys, providers);
    }

    /**
     * Writes ciphertext and tag after the header and returns the length of the whole packet. The plaintext is
     * {@code prefixBytes} at {@code packet[offset + headerBytes]} and then the payload, which is either in another
     * array or already right behind the prefix.
     */
    int protectRtp(
            long index,
            byte[] packet,
            int offset,
            int headerBytes,
            int prefixBytes,
            byte[] payload,
            int payloadOffset,
            int payloadBytes);

    /** Authenticates and decrypts the body into {@code out}, without header; false if authentication fails. */
    boolean unprotectRtp(
            long index, byte[] in, int offset, int length, int headerBytes, byte[] out, int bodyOffset);

    /** Encrypts in place, appends tag and index word and returns the length of the whole packet. */
    int protectRtcp(int index, byte[] packet, int offset, int length);

    /** Where in a packet of {@code length} bytes the index word is. */
    int rtcpIndexPosition(int length);

    /** Authenticates and decrypts into {@code out} all but the clear header; false if authentication fails. */
    boolean unprotectRtcp(int indexWord, byte[] in, int offset, int length, byte[] out, int bodyOffset);
}
