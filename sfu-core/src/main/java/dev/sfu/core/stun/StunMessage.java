package dev.sfu.core.stun;

import static dev.sfu.core.stun.StunAttributeType.ERROR_CODE;
import static dev.sfu.core.stun.StunAttributeType.FINGERPRINT;
import static dev.sfu.core.stun.StunAttributeType.ICE_CONTROLLED;
import static dev.sfu.core.stun.StunAttributeType.ICE_CONTROLLING;
import static dev.sfu.core.stun.StunAttributeType.MAPPED_ADDRESS;
import static dev.sfu.core.stun.StunAttributeType.MESSAGE_INTEGRITY;
import static dev.sfu.core.stun.StunAttributeType.NOMINATION;
import static dev.sfu.core.stun.StunAttributeType.NONCE;
import static dev.sfu.core.stun.StunAttributeType.PRIORITY;
import static dev.sfu.core.stun.StunAttributeType.REALM;
import static dev.sfu.core.stun.StunAttributeType.UNKNOWN_ATTRIBUTES;
import static dev.sfu.core.stun.StunAttributeType.USERNAME;
import static dev.sfu.core.stun.StunAttributeType.USE_CANDIDATE;
import static dev.sfu.core.stun.StunAttributeType.XOR_MAPPED_ADDRESS;

import dev.sfu.core.buffer.Bytes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A STUN message read in place (RFC 8489 section 5): it refers to the array it was read from and is valid as long as
 * those bytes stay.
 *
 * <p>Attributes after MESSAGE-INTEGRITY are as if absent, because anybody could have added them; of an attribute that
 * comes twice the first counts (section 14). Reading proves nothing about the sender: see {@link #verifies}.
 */
public final class StunMessage {
    /** Bytes before the first attribute. */
    public static final int HEADER_BYTES = 20;

    /** Longest message read; ICE messages fit in a datagram, even with a DTLS flight piggybacked on them. */
    public static final int MAX_BYTES = 1500;

    /** Most attributes read in one message; browsers send about ten. */
    public static final int MAX_ATTRIBUTES = 32;

    /** Longest USERNAME: two ufrags of 256 characters and a colon (RFC 8839 section 5.4). */
    public static final int MAX_USERNAME_BYTES = 513;

    /** Bytes in a transaction id. */
    public static final int TRANSACTION_ID_BYTES = 12;

    /** The Binding method. */
    public static final int BINDING = 0x001;

    static final int MAGIC_COOKIE = 0x2112_A442;

    private static final int BINDING_REQUEST = 0x0001;
    private static final int MAX_UFRAG_BYTES = 256;
    /** Names enough for the peer to see what we miss and keeps the answer smaller than the request. */
    private static final int MAX_UNKNOWN_LISTED = 4;

    private static final int[] NONE = new int[0];

    private final byte[] array;
    private final int offset;
    private final int length;
    private final int type;

    // Offsets of attribute values, 0 when absent: a value never starts at the start of the array.
    private int usernameOffset;
    private int usernameBytes;
    private int integrityOffset;
    private int errorOffset;
    private int unknownAttributesOffset;
    private int unknownAttributesBytes;
    private int xorMappedOffset;
    private int xorMappedBytes;
    private int priorityOffset;
    private int nominationOffset;
    private int tieBreakerOffset;
    private boolean controlling;
    private boolean controlled;
    private boolean useCandidate;
    private boolean fingerprint;
    private int[] unknownRequired = NONE;

    private StunMessage(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
        this.type = Bytes.u16(array, offset);
    }

    /**
     * Whether this is STUN rather than another protocol on the same port: first two bits zero, magic cookie, a length
     * that is a multiple of four and fits.
     */
    public static boolean looksLikeStun(byte[] array, int offset, int length) {
        if (length < HEADER_BYTES || (array[offset] & 0xC0) != 0 || Bytes.i32(array, offset + 4) != MAGIC_COOKIE) {
            return false;
        }
        int declared = Bytes.u16(array, offset + 2);
        return (declared & 3) == 0 && declared <= length - HEADER_BYTES;
    }

    /**
     * The receiver's ufrag of a Binding request: the part of USERNAME before the colon (RFC 8445 section 7.2.2), not
     * authenticated, for finding the connection; null when there is none or it is not made of ice-chars.
     */
    public static @Nullable String localUfrag(byte[] array, int offset, int length) {
        int start = localUfragStart(array, offset, length);
        if (start < 0) {
            return null;
        }
        int end = start;
        while (array[end] != ':') {
            end++;
        }
        return new String(array, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /**
     * Where in {@code array} the receiver's ufrag of a Binding request starts, at least one ice-char and then a colon;
     * -1 where {@link #localUfrag} has none.
     */
    public static int localUfragStart(byte[] array, int offset, int length) {
        if (length > MAX_BYTES || !looksLikeStun(array, offset, length)
                || Bytes.u16(array, offset) != BINDING_REQUEST) {
            return -1;
        }
        int end = offset + HEADER_BYTES + Bytes.u16(array, offset + 2);
        int position = offset + HEADER_BYTES;
        for (int count = 0; count < MAX_ATTRIBUTES && end - position >= 4; count++) {
            int attribute = Bytes.u16(array, position);
            int bytes = Bytes.u16(array, position + 2);
            int value = position + 4;
            if (bytes > end - value || attribute == MESSAGE_INTEGRITY) {
                return -1;
            }
            if (attribute == USERNAME) {
                return isUfragAndColon(array, value, Math.min(bytes, MAX_UFRAG_BYTES + 1)) ? value : -1;
            }
            position = value + padded(bytes);
        }
        return -1;
    }

    private static boolean isUfragAndColon(byte[] array, int value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            byte c = array[value + i];
            if (c == ':') {
                return i > 0;
            }
            if (!isIceChar(c)) {
                return false;
            }
        }
        return false;
    }

    private static boolean isIceChar(byte c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    }

    /**
     * Reads a message that fills {@code [offset, offset + length)}.
     *
     * @return null when it is not STUN, breaks a limit of this class, has an attribute of a wrong length, a wrong
     *     FINGERPRINT, or anything after FINGERPRINT
     */
    public static @Nullable StunMessage read(byte[] array, int offset, int length) {
        if (length > MAX_BYTES || !looksLikeStun(array, offset, length)
                || Bytes.u16(array, offset + 2) != length - HEADER_BYTES) {
            return null;
        }
        StunMessage message = new StunMessage(array, offset, length);
        return message.readAttributes() ? message : null;
    }

    private boolean readAttributes() {
        int end = offset + length;
        int position = offset + HEADER_BYTES;
        for (int count = 0; position < end; count++) {
            // The length is a multiple of four, so a whole attribute header is there.
            int attribute = Bytes.u16(array, position);
            int bytes = Bytes.u16(array, position + 2);
            int value = position + 4;
            if (count == MAX_ATTRIBUTES || fingerprint || padded(bytes) > end - value) {
                return false;
            }
            if (attribute == FINGERPRINT) {
                if (bytes != 4
                        || Bytes.i32(array, value) != StunFingerprint.compute(array, offset, position)) {
                    return false;
                }
                fingerprint = true;
            } else if (integrityOffset == 0 && !readAttribute(attribute, value, bytes)) {
                return false;
            }
            position = value + padded(bytes);
        }
        return true;
    }

    private boolean readAttribute(int attribute, int value, int bytes) {
        switch (attribute) {
            case USERNAME -> {
                if (usernameOffset == 0) {
                    usernameOffset = value;
                    usernameBytes = bytes;
                }
                return bytes <= MAX_USERNAME_BYTES;
            }
            case MESSAGE_INTEGRITY -> {
                integrityOffset = value;
                return bytes == StunIntegrity.VALUE_BYTES;
            }
            case PRIORITY -> {
                priorityOffset = first(priorityOffset, value);
                return bytes == 4;
            }
            case USE_CANDIDATE -> {
                useCandidate = true;
                return bytes == 0;
            }
            case ICE_CONTROLLING -> {
                controlling = true;
                tieBreakerOffset = first(tieBreakerOffset, value);
                return bytes == 8;
            }
            case ICE_CONTROLLED -> {
                controlled = true;
                tieBreakerOffset = first(tieBreakerOffset, value);
                return bytes == 8;
            }
            case NOMINATION -> {
                nominationOffset = first(nominationOffset, value);
                return bytes == 4;
            }
            case XOR_MAPPED_ADDRESS -> {
                if (xorMappedOffset == 0) {
                    xorMappedOffset = value;
                    xorMappedBytes = bytes;
                }
                return bytes == (bytes < 2 || array[value + 1] == 1 ? 8 : 20);
            }
            case ERROR_CODE -> {
                errorOffset = first(errorOffset, value);
                return bytes >= 4;
            }
            case UNKNOWN_ATTRIBUTES -> {
                if (unknownAttributesOffset == 0) {
                    unknownAttributesOffset = value;
                    unknownAttributesBytes = bytes;
                }
                return (bytes & 1) == 0;
            }
            case MAPPED_ADDRESS, REALM, NONCE -> {
                return true;
            }
            default -> {
                if (StunAttributeType.isRequired(attribute) && unknownRequired.length < MAX_UNKNOWN_LISTED) {
                    unknownRequired = Arrays.copyOf(unknownRequired, unknownRequired.length + 1);
                    unknownRequired[unknownRequired.length - 1] = attribute;
                }
                return true;
            }
        }
    }

    private static int first(int known, int value) {
        return known == 0 ? value : known;
    }

    static int padded(int bytes) {
        return (bytes + 3) & ~3;
    }

    /** Request, indication, success or error. */
    public StunClass stunClass() {
        return StunClass.ofType(type);
    }

    /** The method, such as {@link #BINDING}. */
    public int method() {
        return StunClass.methodOfType(type);
    }

    /** Bytes in the whole message. */
    public int length() {
        return length;
    }

    /** Copies the {@value #TRANSACTION_ID_BYTES}-byte transaction id. */
    public void copyTransactionId(byte[] target, int targetOffset) {
        System.arraycopy(array, offset + 8, target, targetOffset, TRANSACTION_ID_BYTES);
    }

    /** The last 64 of the transaction id's 96 random bits, to recognise it again. */
    public long transactionTail() {
        return Bytes.i64(array, offset + 12);
    }

    /** The USERNAME attribute as text, or null. */
    public @Nullable String username() {
        return usernameOffset == 0 ? null : new String(array, usernameOffset, usernameBytes, StandardCharsets.UTF_8);
    }

    /**
     * Whether USERNAME is {@code local:remote} (RFC 8445 section 7.2.2).
     *
     * @param localUfrag the receiver's ufrag in ASCII
     * @param remoteUfrag the sender's ufrag, or null while it is not known: then any will do
     */
    public boolean usernameIs(byte[] localUfrag, byte @Nullable [] remoteUfrag) {
        int colon = localUfrag.length;
        if (usernameBytes < colon + 2 || array[usernameOffset + colon] != ':'
                || !Arrays.equals(array, usernameOffset, usernameOffset + colon, localUfrag, 0, colon)) {
            return false;
        }
        int remoteStart = usernameOffset + colon + 1;
        return remoteUfrag == null || Arrays.equals(
                array, remoteStart, usernameOffset + usernameBytes, remoteUfrag, 0, remoteUfrag.length);
    }

    /** Whether MESSAGE-INTEGRITY is there and was made with this key. */
    public boolean verifies(StunIntegrity key) {
        return integrityOffset != 0 && key.verify(array, offset, integrityOffset - 4);
    }

    /** Whether there is a FINGERPRINT; a wrong one makes the message unreadable. */
    public boolean hasFingerprint() {
        return fingerprint;
    }

    /** The PRIORITY attribute, unsigned 32 bits; 0 when absent. */
    public long priority() {
        return priorityOffset == 0 ? 0 : Bytes.u32(array, priorityOffset);
    }

    /** Whether USE-CANDIDATE is there. */
    public boolean useCandidate() {
        return useCandidate;
    }

    /** Whether the NOMINATION attribute is there. */
    public boolean hasNomination() {
        return nominationOffset != 0;
    }

    /** The NOMINATION attribute, unsigned 32 bits; 0 when absent. */
    public long nomination() {
        return nominationOffset == 0 ? 0 : Bytes.u32(array, nominationOffset);
    }

    /** Whether the sender says it is controlling. */
    public boolean iceControlling() {
        return controlling;
    }

    /** Whether the sender says it is controlled. */
    public boolean iceControlled() {
        return controlled;
    }

    /** The tie-breaker beside the role, 64 opaque bits; 0 when absent. */
    public long tieBreaker() {
        return tieBreakerOffset == 0 ? 0 : Bytes.i64(array, tieBreakerOffset);
    }

    /** The ERROR-CODE attribute, 300 to 699 when well-formed; 0 when absent. */
    public int errorCode() {
        return errorOffset == 0 ? 0
                : (Bytes.u8(array, errorOffset + 2) & 0x7) * 100 + Bytes.u8(array, errorOffset + 3);
    }

    /** The types that the UNKNOWN-ATTRIBUTES of a 420 names, a new array on each call; empty when absent. */
    public int[] unknownAttributes() {
        int[] types = new int[unknownAttributesBytes / 2];
        for (int i = 0; i < types.length; i++) {
            types[i] = Bytes.u16(array, unknownAttributesOffset + 2 * i);
        }
        return types;
    }

    /** The comprehension-required types of this message that we do not know, the first few. */
    public int[] unknownRequired() {
        return unknownRequired.clone();
    }

    /** Whether there is a comprehension-required attribute that we do not know. */
    public boolean hasUnknownRequired() {
        return unknownRequired.length > 0;
    }

    /** The XOR-MAPPED-ADDRESS (RFC 8489 section 14.2), or null when absent. */
    public @Nullable InetSocketAddress xorMappedAddress() {
        if (xorMappedOffset == 0) {
            return null;
        }
        int port = Bytes.u16(array, xorMappedOffset + 2) ^ (MAGIC_COOKIE >>> 16);
        byte[] address = Arrays.copyOfRange(array, xorMappedOffset + 4, xorMappedOffset + xorMappedBytes);
        for (int i = 0; i < address.length; i++) {
            // The cookie and the transaction id behind it are the mask.
            address[i] ^= array[offset + 4 + i];
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address of " + address.length + " bytes (expected: 4 or 16)", e);
        }
    }
}
