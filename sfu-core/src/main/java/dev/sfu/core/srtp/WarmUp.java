package dev.sfu.core.srtp;

/**
 * Has AES-GCM compiled before anything else runs in the provider.
 *
 * <p>Inside, the Corretto provider passes each native call through a lambda and a lock object. The compiler removes both
 * where it knows which lambda comes; the places where they are called are shared with key agreement and signatures,
 * though, and whatever is compiled after a few hundred handshakes has seen too many kinds and allocates up to 200 bytes
 * for each packet. What is compiled first keeps its knowledge.
 */
final class WarmUp {
    /** New ciphers take other turns on their first packet; the compiler must have seen these, too. */
    private static final int CONNECTIONS = 80;
    /** Of each connection; all together enough for the last tier of the compiler, at about 6 µs a packet. */
    private static final int PACKETS = 250;
    /** One connection of so many uses the other provider. */
    private static final int OTHERS_EACH = 5;

    private static final SrtpProfile PROFILE = SrtpProfile.AEAD_AES_128_GCM;
    private static final int HEADER_BYTES = 12;
    private static final int PAYLOAD_BYTES = 100;
    private static final int PREFIX_BYTES = 6;

    private WarmUp() {}

    /**
     * Takes about a tenth of a second.
     *
     * @param providers to have compiled
     * @param others that may be used for something else in this process, such as HTTPS, so that the compiler does not
     *     start over when it first sees them in the places of {@code javax.crypto} that all pass through
     */
    static void run(CryptoProviders providers, CryptoProviders others) {
        SessionKeys keys = SessionKeys.derive(
                PROFILE, new byte[PROFILE.keyBytes()], new byte[PROFILE.saltBytes()], providers);
        for (int connection = 0; connection < CONNECTIONS; connection++) {
            forward(keys, connection % OTHERS_EACH == 0 ? others : providers);
        }
    }

    private static void forward(SessionKeys keys, CryptoProviders providers) {
        GcmTransform sender = new GcmTransform(keys, providers, true);
        GcmTransform receiver = new GcmTransform(keys, providers, false);
        byte[] packet = new byte[HEADER_BYTES + PAYLOAD_BYTES + PROFILE.rtpTagBytes()];
        byte[] out = packet.clone();
        for (int index = 0; index < PACKETS; index++) {
            int prefixBytes = (index & 1) * PREFIX_BYTES;
            int length = sender.protectRtp(
                    index,
                    packet,
                    0,
                    HEADER_BYTES,
                    prefixBytes,
                    out,
                    HEADER_BYTES + prefixBytes,
                    PAYLOAD_BYTES - prefixBytes);
            if (!receiver.unprotectRtp(index, packet, 0, length, HEADER_BYTES, out, HEADER_BYTES)) {
                throw new IllegalStateException("AES-GCM of " + providers.gcm().getName() + " does not decrypt");
            }
        }
    }
}
