package dev.sfu.core.srtp;

import org.jspecify.annotations.Nullable;

/** SRTP protection profiles of the DTLS {@code use_srtp} extension, in order of preference. */
public enum SrtpProfile {
    /** AES-128 in Galois/Counter Mode (RFC 7714 section 14.2): the fastest. */
    AEAD_AES_128_GCM(0x0007, 16, 12, 16, 16),
    /** AES-128 in Counter Mode with an 80-bit HMAC-SHA1 (RFC 5764 section 4.1.2): what every peer knows. */
    AES128_CM_HMAC_SHA1_80(0x0001, 16, 14, 10, 10),
    /** AES-256 in Galois/Counter Mode (RFC 7714 section 14.2). */
    AEAD_AES_256_GCM(0x0008, 32, 12, 16, 16);

    /** Bytes of an HMAC-SHA1 session key (RFC 3711 section 5.2). */
    static final int HMAC_KEY_BYTES = 20;

    private final int wireId;
    private final int keyBytes;
    private final int saltBytes;
    private final int rtpTagBytes;
    private final int rtcpTagBytes;

    SrtpProfile(int wireId, int keyBytes, int saltBytes, int rtpTagBytes, int rtcpTagBytes) {
        this.wireId = wireId;
        this.keyBytes = keyBytes;
        this.saltBytes = saltBytes;
        this.rtpTagBytes = rtpTagBytes;
        this.rtcpTagBytes = rtcpTagBytes;
    }

    /** The 16-bit value in the {@code use_srtp} extension. */
    public int wireId() {
        return wireId;
    }

    /** Bytes in a master key. */
    public int keyBytes() {
        return keyBytes;
    }

    /** Bytes in a master salt. */
    public int saltBytes() {
        return saltBytes;
    }

    /** Bytes that protection adds to an RTP packet. */
    public int rtpTagBytes() {
        return rtpTagBytes;
    }

    /** Bytes of authentication tag in an SRTCP packet, which grows by 4 bytes more for its index. */
    public int rtcpTagBytes() {
        return rtcpTagBytes;
    }

    /** True for the authenticated-encryption profiles of RFC 7714. */
    boolean aead() {
        return this != AES128_CM_HMAC_SHA1_80;
    }

    /** The profile with this {@code use_srtp} value, or null if it is not supported. */
    public static @Nullable SrtpProfile ofWireId(int wireId) {
        for (SrtpProfile profile : values()) {
            if (profile.wireId == wireId) {
                return profile;
            }
        }
        return null;
    }
}
