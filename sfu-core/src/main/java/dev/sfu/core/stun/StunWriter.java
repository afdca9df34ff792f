package dev.sfu.core.stun;

import dev.sfu.core.buffer.Bytes;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Writes STUN messages into part of an array, one after another: begin, attributes in wire order,
 * {@link #integrity}, {@link #fingerprint}, {@link #length}. The header's length is right after every call.
 *
 * <p>What does not fit is not written and makes {@link #length} zero.
 */
public final class StunWriter {
    private final byte[] array;
    private final int offset;
    private final int limit;
    private int position;
    private boolean ok;

    /** Writes into {@code [offset, offset + capacity)}. */
    public StunWriter(byte[] array, int offset, int capacity) {
        Objects.checkFromIndexSize(offset, capacity, array.length);
        this.array = array;
        this.offset = offset;
        this.limit = offset + capacity;
        this.position = offset;
    }

    /** Writes into the whole array. */
    public StunWriter(byte[] array) {
        this(array, 0, array.length);
    }

    /**
     * Begins a message.
     *
     * @param transactionId {@value StunMessage#TRANSACTION_ID_BYTES} bytes
     */
    public StunWriter begin(StunClass stunClass, int method, byte[] transactionId) {
        if (beginHeader(stunClass, method)) {
            System.arraycopy(transactionId, 0, array, offset + 8, StunMessage.TRANSACTION_ID_BYTES);
        }
        return this;
    }

    /** Begins the answer to a request: its method and its transaction id. */
    public StunWriter beginResponse(StunClass stunClass, StunMessage request) {
        if (beginHeader(stunClass, request.method())) {
            request.copyTransactionId(array, offset + 8);
        }
        return this;
    }

    private boolean beginHeader(StunClass stunClass, int method) {
        ok = limit - offset >= StunMessage.HEADER_BYTES;
        position = offset;
        if (ok) {
            Bytes.put16(array, offset, stunClass.typeWith(method));
            Bytes.put16(array, offset + 2, 0);
            Bytes.put32(array, offset + 4, StunMessage.MAGIC_COOKIE);
            position = offset + StunMessage.HEADER_BYTES;
        }
        return ok;
    }

    /** Any attribute; its padding is zero. */
    public StunWriter attribute(int type, byte[] value) {
        int at = open(type, value.length);
        if (at != 0) {
            System.arraycopy(value, 0, array, at, value.length);
        }
        return this;
    }

    /** USERNAME in ASCII or UTF-8. */
    public StunWriter username(byte[] username) {
        return attribute(StunAttributeType.USERNAME, username);
    }

    /** PRIORITY, the low 32 bits. */
    public StunWriter priority(long priority) {
        return attribute32(StunAttributeType.PRIORITY, priority);
    }

    /** USE-CANDIDATE. */
    public StunWriter useCandidate() {
        open(StunAttributeType.USE_CANDIDATE, 0);
        return this;
    }

    /** NOMINATION, the low 32 bits. */
    public StunWriter nomination(long value) {
        return attribute32(StunAttributeType.NOMINATION, value);
    }

    /** ICE-CONTROLLING. */
    public StunWriter iceControlling(long tieBreaker) {
        return attribute64(StunAttributeType.ICE_CONTROLLING, tieBreaker);
    }

    /** ICE-CONTROLLED. */
    public StunWriter iceControlled(long tieBreaker) {
        return attribute64(StunAttributeType.ICE_CONTROLLED, tieBreaker);
    }

    /** XOR-MAPPED-ADDRESS of a resolved address. */
    public StunWriter xorMappedAddress(InetSocketAddress address) {
        return xorMappedAddress(address.getAddress().getAddress(), address.getPort());
    }

    /**
     * XOR-MAPPED-ADDRESS.
     *
     * @param address 4 or 16 bytes, not changed
     */
    public StunWriter xorMappedAddress(byte[] address, int port) {
        int at = open(StunAttributeType.XOR_MAPPED_ADDRESS, 4 + address.length);
        if (at != 0) {
            Bytes.put16(array, at, address.length == 4 ? 1 : 2);
            Bytes.put16(array, at + 2, port ^ (StunMessage.MAGIC_COOKIE >>> 16));
            for (int i = 0; i < address.length; i++) {
                array[at + 4 + i] = (byte) (address[i] ^ array[offset + 4 + i]);
            }
        }
        return this;
    }

    /**
     * ERROR-CODE.
     *
     * @param code 300 to 699
     */
    public StunWriter errorCode(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        int at = open(StunAttributeType.ERROR_CODE, 4 + text.length);
        if (at != 0) {
            Bytes.put16(array, at, 0);
            Bytes.put8(array, at + 2, code / 100);
            Bytes.put8(array, at + 3, code % 100);
            System.arraycopy(text, 0, array, at + 4, text.length);
        }
        return this;
    }

    /** UNKNOWN-ATTRIBUTES. */
    public StunWriter unknownAttributes(int[] types) {
        int at = open(StunAttributeType.UNKNOWN_ATTRIBUTES, 2 * types.length);
        if (at != 0) {
            for (int i = 0; i < types.length; i++) {
                Bytes.put16(array, at + 2 * i, types[i]);
            }
        }
        return this;
    }

    /** MESSAGE-INTEGRITY over everything so far. */
    public StunWriter integrity(StunIntegrity key) {
        int at = open(StunAttributeType.MESSAGE_INTEGRITY, StunIntegrity.VALUE_BYTES);
        if (at != 0) {
            key.compute(array, offset, at - 4, array, at);
        }
        return this;
    }

    /** FINGERPRINT over everything so far; nothing may follow. */
    public StunWriter fingerprint() {
        int at = open(StunAttributeType.FINGERPRINT, 4);
        if (at != 0) {
            Bytes.put32(array, at, StunFingerprint.compute(array, offset, at - 4));
        }
        return this;
    }

    /** Bytes in the message, 0 when it did not fit or was not begun. */
    public int length() {
        return ok ? position - offset : 0;
    }

    private StunWriter attribute32(int type, long value) {
        int at = open(type, 4);
        if (at != 0) {
            Bytes.put32(array, at, value);
        }
        return this;
    }

    private StunWriter attribute64(int type, long value) {
        int at = open(type, 8);
        if (at != 0) {
            Bytes.put64(array, at, value);
        }
        return this;
    }

    /** Writes an attribute's header and padding; gives where its value goes, 0 when it does not fit. */
    private int open(int type, int bytes) {
        int padded = StunMessage.padded(bytes);
        if (!ok || padded + 4 > limit - position) {
            ok = false;
            return 0;
        }
        int value = position + 4;
        Bytes.put16(array, position, type);
        Bytes.put16(array, position + 2, bytes);
        for (int i = value + bytes; i < value + padded; i++) {
            array[i] = 0;
        }
        position = value + padded;
        Bytes.put16(array, offset + 2, position - offset - StunMessage.HEADER_BYTES);
        return value;
    }
}
