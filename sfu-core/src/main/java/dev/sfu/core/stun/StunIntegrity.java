package dev.sfu.core.stun;

import dev.sfu.core.buffer.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keyed HMAC-SHA1 of MESSAGE-INTEGRITY (RFC 8489 section 14.5): one object per key, reused for every message.
 * Belongs to one thread.
 */
public final class StunIntegrity {
    /** Bytes in the attribute's value. */
    static final int VALUE_BYTES = 20;

    /** Bytes in the attribute with its header. */
    static final int ATTRIBUTE_BYTES = 4 + VALUE_BYTES;

    private final Mac mac;
    private final byte[] computed = new byte[VALUE_BYTES];
    private final byte[] lengthField = new byte[2];

    /**
     * For a key as is.
     *
     * @throws IllegalArgumentException if the key is empty
     * @throws IllegalStateException if the platform has no HMAC-SHA1
     */
    public StunIntegrity(byte[] key) {
        SecretKeySpec spec = new SecretKeySpec(key, "HmacSHA1");
        try {
            mac = Mac.getInstance("HmacSHA1");
            mac.init(spec);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA1: unavailable (expected: a JCA provider that has it)", e);
        }
    }

    /** For a short-term credential (RFC 8489 section 9.1.1): the key is the password. */
    public static StunIntegrity ofPassword(String password) {
        return new StunIntegrity(password.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the value at {@code attributeOffset + 4} is right, in time that does not depend on where it differs. */
    boolean verify(byte[] array, int offset, int attributeOffset) {
        compute(array, offset, attributeOffset, computed, 0);
        int difference = 0;
        for (int i = 0; i < VALUE_BYTES; i++) {
            difference |= computed[i] ^ array[attributeOffset + 4 + i];
        }
        return difference == 0;
    }

    /**
     * Writes the value for a message that starts at {@code offset} and whose attribute starts at
     * {@code attributeOffset}. The length that is hashed ends with this attribute, whatever the header says, because
     * FINGERPRINT may follow.
     */
    void compute(byte[] array, int offset, int attributeOffset, byte[] target, int targetOffset) {
        Bytes.put16(lengthField, 0, attributeOffset + ATTRIBUTE_BYTES - offset - StunMessage.HEADER_BYTES);
        mac.update(array, offset, 2);
        mac.update(lengthField);
        mac.update(array, offset + 4, attributeOffset - offset - 4);
        try {
            mac.doFinal(target, targetOffset);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA1 longer than " + VALUE_BYTES + " bytes", e);
        }
    }
}
