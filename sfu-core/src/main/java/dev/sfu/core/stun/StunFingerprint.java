package dev.sfu.core.stun;

import java.util.zip.CRC32;

/** The value of FINGERPRINT (RFC 8489 section 14.7). */
final class StunFingerprint {
    private static final int XOR = 0x5354_554E;

    private StunFingerprint() {}

    /**
     * CRC-32 of {@code [offset, end)}, where {@code end} is the start of FINGERPRINT and the header's length already
     * counts it.
     */
    static int compute(byte[] array, int offset, int end) {
        CRC32 crc = new CRC32();
        crc.update(array, offset, end - offset);
        return (int) crc.getValue() ^ XOR;
    }
}
