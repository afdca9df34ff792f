package dev.sfu.core.rtp;

import dev.sfu.core.buffer.Bytes;

/**
 * A reusable view of one RTP packet in an array (RFC 3550 section 5.1, RFC 8285).
 *
 * <p>{@link #parse} checks every length once and remembers where things are; nothing is copied, so the view is valid
 * only as long as the bytes stay in place. After a failed parse the view is empty: lengths are zero and no extension is
 * found. All offsets are indexes into {@link #array()}.
 */
public final class RtpPacket {
    /** Length of the header without contributing sources and extension. */
    public static final int FIXED_HEADER_BYTES = 12;
    /** Extension elements remembered per packet; further ones are not found. */
    public static final int MAX_EXTENSIONS = 32;
    /** Extension profile of one-byte elements (RFC 8285 section 4.2). */
    public static final int ONE_BYTE_PROFILE = 0xBEDE;
    /** Extension profile of two-byte elements; the low four bits may be anything (RFC 8285 section 4.3). */
    public static final int TWO_BYTE_PROFILE = 0x1000;

    private static final byte[] NO_BYTES = new byte[0];
    private static final int EXTENSION_HEADER_BYTES = 4;

    private final int[] extensionIds = new int[MAX_EXTENSIONS];
    private final int[] extensionOffsets = new int[MAX_EXTENSIONS];
    private final int[] extensionLengths = new int[MAX_EXTENSIONS];
    private int extensionCount;

    private byte[] array = NO_BYTES;
    private int offset;
    private int length;
    private int headerBytes;
    private int paddingBytes;
    private int csrcCount;
    private boolean hasExtension;
    private int extensionProfile;
    private boolean marker;
    private int payloadType;
    private int sequenceNumber;
    private long timestamp;
    private int ssrc;

    /**
     * The length of the RTP header at {@code offset}, with contributing sources and extension, or -1 if there is no
     * RTP version 2 header of which all fits in {@code length}. Looks at no padding, so it is right for SRTP too, where
     * the padding is still encrypted.
     */
    public static int headerBytes(byte[] array, int offset, int length) {
        if (offset < 0 || length < FIXED_HEADER_BYTES || length > array.length - offset) {
            return -1;
        }
        int first = array[offset];
        if ((first & 0xC0) != 0x80) {
            return -1;
        }
        int bytes = FIXED_HEADER_BYTES + 4 * (first & 0x0F);
        if ((first & 0x10) != 0) {
            if (bytes + EXTENSION_HEADER_BYTES > length) {
                return -1;
            }
            bytes += EXTENSION_HEADER_BYTES + 4 * Bytes.u16(array, offset + bytes + 2);
        }
        return bytes <= length ? bytes : -1;
    }

    /**
     * Looks at the packet {@code [newOffset, newOffset + newLength)} of {@code newArray}.
     *
     * <p>An extension block whose elements are inconsistent does not fail the packet: the elements before the fault
     * count, as RFC 8285 section 4.2 asks for reserved identifiers.
     *
     * @return false if it is malformed: wrong version, lengths that do not fit, or padding that is zero or longer than
     *         the payload
     */
    public boolean parse(byte[] newArray, int newOffset, int newLength) {
        int header = headerBytes(newArray, newOffset, newLength);
        if (header < 0) {
            clear();
            return false;
        }
        int first = newArray[newOffset];
        int padding = 0;
        if ((first & 0x20) != 0) {
            padding = newArray[newOffset + newLength - 1] & 0xFF;
            if (padding == 0 || padding > newLength - header) {
                clear();
                return false;
            }
        }
        array = newArray;
        offset = newOffset;
        length = newLength;
        headerBytes = header;
        paddingBytes = padding;
        csrcCount = first & 0x0F;
        hasExtension = (first & 0x10) != 0;
        int second = newArray[newOffset + 1];
        marker = second < 0;
        payloadType = second & 0x7F;
        sequenceNumber = Bytes.u16(newArray, newOffset + 2);
        timestamp = Bytes.u32(newArray, newOffset + 4);
        ssrc = Bytes.i32(newArray, newOffset + 8);
        extensionCount = 0;
        extensionProfile = 0;
        if (hasExtension) {
            scanExtensions(newOffset + FIXED_HEADER_BYTES + 4 * csrcCount, newOffset + header);
        }
        return true;
    }

    private void clear() {
        array = NO_BYTES;
        offset = 0;
        length = 0;
        headerBytes = 0;
        paddingBytes = 0;
        csrcCount = 0;
        hasExtension = false;
        extensionProfile = 0;
        extensionCount = 0;
        marker = false;
        payloadType = 0;
        sequenceNumber = 0;
        timestamp = 0;
        ssrc = 0;
    }

    private void scanExtensions(int start, int end) {
        extensionProfile = Bytes.u16(array, start);
        int position = start + EXTENSION_HEADER_BYTES;
        if (extensionProfile == ONE_BYTE_PROFILE) {
            scanOneByteElements(position, end);
        } else if ((extensionProfile & 0xFFF0) == TWO_BYTE_PROFILE) {
            scanTwoByteElements(position, end);
        }
    }

    private void scanOneByteElements(int start, int end) {
        int position = start;
        while (position < end) {
            int header = array[position++] & 0xFF;
            if (header == 0) {
                continue;
            }
            int id = header >>> 4;
            int bytes = (header & 0x0F) + 1;
            // Padding with a length (RFC 8285 section 4.1.2) and identifier 15 (section 4.2) end the block.
            if (id == 0 || id == 15 || bytes > end - position || !addExtension(id, position, bytes)) {
                return;
            }
            position += bytes;
        }
    }

    private void scanTwoByteElements(int start, int end) {
        int position = start;
        while (position < end) {
            int id = array[position++] & 0xFF;
            if (id == 0) {
                continue;
            }
            if (position == end) {
                return;
            }
            int bytes = array[position++] & 0xFF;
            if (bytes > end - position || !addExtension(id, position, bytes)) {
                return;
            }
            position += bytes;
        }
    }

    private boolean addExtension(int id, int position, int bytes) {
        if (extensionCount == MAX_EXTENSIONS) {
            return false;
        }
        extensionIds[extensionCount] = id;
        extensionOffsets[extensionCount] = position;
        extensionLengths[extensionCount] = bytes;
        extensionCount++;
        return true;
    }

    /** The array that holds the packet. */
    public byte[] array() {
        return array;
    }

    /** Index of the packet's first byte. */
    public int offset() {
        return offset;
    }

    /** Bytes in the packet, padding included. */
    public int length() {
        return length;
    }

    /** The marker bit. */
    public boolean marker() {
        return marker;
    }

    /** Payload type, 0 to 127. */
    public int payloadType() {
        return payloadType;
    }

    /** Sequence number, 0 to 65535. */
    public int sequenceNumber() {
        return sequenceNumber;
    }

    /** Timestamp in ticks of the codec's clock, unsigned 32 bits. */
    public long timestamp() {
        return timestamp;
    }

    /** Synchronization source, an opaque 32-bit value. */
    public int ssrc() {
        return ssrc;
    }

    /** Contributing sources in the header, 0 to 15. */
    public int csrcCount() {
        return csrcCount;
    }

    /** Bytes before the payload: fixed header, contributing sources, extension block with its header. */
    public int headerBytes() {
        return headerBytes;
    }

    /** Index of the first payload byte. */
    public int payloadOffset() {
        return offset + headerBytes;
    }

    /** Payload bytes without padding; zero for a packet that only carries padding. */
    public int payloadBytes() {
        return length - headerBytes - paddingBytes;
    }

    /** Padding bytes at the end, 0 to 255. */
    public int paddingBytes() {
        return paddingBytes;
    }

    /** Whether the X bit is set. */
    public boolean hasExtension() {
        return hasExtension;
    }

    /** The 16 bits defined by profile of the extension block, 0 if there is none. */
    public int extensionProfile() {
        return extensionProfile;
    }

    /** Index of the data of the first element with this identifier, or -1. */
    public int extensionOffset(int id) {
        for (int i = 0; i < extensionCount; i++) {
            if (extensionIds[i] == id) {
                return extensionOffsets[i];
            }
        }
        return -1;
    }

    /** Length of the data of the first element with this identifier, or -1. */
    public int extensionBytes(int id) {
        for (int i = 0; i < extensionCount; i++) {
            if (extensionIds[i] == id) {
                return extensionLengths[i];
            }
        }
        return -1;
    }

    /** Extension elements found, 0 to {@link #MAX_EXTENSIONS}, for walking over them. */
    public int extensionCount() {
        return extensionCount;
    }

    /** Identifier of an element, 1 to 255; {@code index} is below {@link #extensionCount()}. */
    public int extensionIdAt(int index) {
        return extensionIds[index];
    }

    /** Index of the data of an element; {@code index} is below {@link #extensionCount()}. */
    public int extensionOffsetAt(int index) {
        return extensionOffsets[index];
    }

    /** Length of the data of an element, 0 to 255; {@code index} is below {@link #extensionCount()}. */
    public int extensionBytesAt(int index) {
        return extensionLengths[index];
    }
}
