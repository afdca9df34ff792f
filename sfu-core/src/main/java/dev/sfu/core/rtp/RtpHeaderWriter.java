package dev.sfu.core.rtp;

import dev.sfu.core.buffer.Bytes;
import java.util.Arrays;
import java.util.Objects;

/**
 * Writes an RTP header with its extension block into an array (RFC 3550 section 5.1, RFC 8285), without allocation.
 *
 * <p>Use: {@link #begin}, the fixed fields, then any {@link #extension} and {@link #reserve}, then {@link #finish}.
 * Elements are written in the one-byte form until one needs the two-byte form (identifier above 14, no data, or more
 * than 16 bytes); those already written are then moved. This is why the place of an element is asked for after
 * {@link #finish}. A header that does not fit is reported there too, and nothing is ever written outside the given
 * range.
 */
public final class RtpHeaderWriter {
    private static final byte[] NO_BYTES = new byte[0];
    private static final int BLOCK_HEADER_BYTES = 4;

    private final int[] ids = new int[RtpPacket.MAX_EXTENSIONS];
    private final int[] offsets = new int[RtpPacket.MAX_EXTENSIONS];
    private final int[] lengths = new int[RtpPacket.MAX_EXTENSIONS];
    private int count;

    private byte[] array = NO_BYTES;
    private int start;
    private int limit;
    private int position;
    private boolean twoByte;
    private boolean ok;

    /**
     * Starts a header at {@code offset} that may take {@code capacity} bytes. All fields are zero until set.
     *
     * @throws IndexOutOfBoundsException if the range is not inside {@code target}: a fault of the caller, not of a peer
     */
    public RtpHeaderWriter begin(byte[] target, int offset, int capacity) {
        Objects.checkFromIndexSize(offset, capacity, target.length);
        array = target;
        start = offset;
        limit = offset + capacity;
        count = 0;
        twoByte = false;
        ok = capacity >= RtpPacket.FIXED_HEADER_BYTES;
        if (ok) {
            Arrays.fill(target, offset, offset + RtpPacket.FIXED_HEADER_BYTES, (byte) 0);
            target[offset] = (byte) 0x80;
            position = offset + RtpPacket.FIXED_HEADER_BYTES;
        } else {
            position = offset;
        }
        return this;
    }

    /** Sets the padding bit; the padding itself is the caller's, see {@link #writePadding}. */
    public RtpHeaderWriter padding(boolean padding) {
        if (ok) {
            array[start] = (byte) (padding ? array[start] | 0x20 : array[start] & ~0x20);
        }
        return this;
    }

    /** Sets the marker bit. */
    public RtpHeaderWriter marker(boolean marker) {
        if (ok) {
            array[start + 1] = (byte) (marker ? array[start + 1] | 0x80 : array[start + 1] & 0x7F);
        }
        return this;
    }

    /** Sets the payload type, 0 to 127. */
    public RtpHeaderWriter payloadType(int payloadType) {
        if (ok) {
            array[start + 1] = (byte) ((array[start + 1] & 0x80) | (payloadType & 0x7F));
        }
        return this;
    }

    /** Sets the sequence number to the low 16 bits. */
    public RtpHeaderWriter sequenceNumber(long sequenceNumber) {
        if (ok) {
            Bytes.put16(array, start + 2, (int) sequenceNumber);
        }
        return this;
    }

    /** Sets the timestamp to the low 32 bits. */
    public RtpHeaderWriter timestamp(long timestamp) {
        if (ok) {
            Bytes.put32(array, start + 4, timestamp);
        }
        return this;
    }

    /** Sets the synchronization source. */
    public RtpHeaderWriter ssrc(int ssrc) {
        if (ok) {
            Bytes.put32(array, start + 8, ssrc);
        }
        return this;
    }

    /**
     * Adds an extension element with a copy of {@code [offset, offset + length)} of {@code source}.
     *
     * @param id 1 to 255
     * @param length 0 to 255 bytes
     */
    public RtpHeaderWriter extension(int id, byte[] source, int offset, int length) {
        int at = add(id, length);
        if (at >= 0) {
            System.arraycopy(source, offset, array, at, length);
        }
        return this;
    }

    /**
     * Adds an extension element of zeros, to be filled in later at {@link #extensionOffset}.
     *
     * @param id 1 to 255
     * @param length 0 to 255 bytes
     */
    public RtpHeaderWriter reserve(int id, int length) {
        int at = add(id, length);
        if (at >= 0) {
            Arrays.fill(array, at, at + length, (byte) 0);
        }
        return this;
    }

    /**
     * Completes the extension block.
     *
     * @return bytes of the whole header, or -1 if it did not fit, had more than {@link RtpPacket#MAX_EXTENSIONS}
     *         elements, or one with an identifier or length that cannot be written
     */
    public int finish() {
        if (!ok) {
            return -1;
        }
        if (count == 0) {
            return RtpPacket.FIXED_HEADER_BYTES;
        }
        int block = start + RtpPacket.FIXED_HEADER_BYTES;
        int words = (position - block - BLOCK_HEADER_BYTES + 3) >> 2;
        int end = block + BLOCK_HEADER_BYTES + 4 * words;
        if (end > limit) {
            ok = false;
            return -1;
        }
        Arrays.fill(array, position, end, (byte) 0);
        position = end;
        array[start] |= 0x10;
        Bytes.put16(array, block, twoByte ? RtpPacket.TWO_BYTE_PROFILE : RtpPacket.ONE_BYTE_PROFILE);
        Bytes.put16(array, block + 2, words);
        return end - start;
    }

    /**
     * After {@link #finish}: index in the array of the data of the first element with this identifier, or -1.
     */
    public int extensionOffset(int id) {
        if (!ok) {
            return -1;
        }
        for (int i = 0; i < count; i++) {
            if (ids[i] == id) {
                return offsets[i];
            }
        }
        return -1;
    }

    /**
     * Writes RTP padding: zeros, and their number in the last byte.
     *
     * @param count 1 to 255 bytes
     */
    public static void writePadding(byte[] target, int offset, int count) {
        Arrays.fill(target, offset, offset + count - 1, (byte) 0);
        target[offset + count - 1] = (byte) count;
    }

    /** Makes room for an element and returns the index of its data, or -1. */
    private int add(int id, int length) {
        if (!ok) {
            return -1;
        }
        if (id < 1 || id > 255 || length < 0 || length > 255 || count == RtpPacket.MAX_EXTENSIONS) {
            ok = false;
            return -1;
        }
        if (count == 0) {
            position += BLOCK_HEADER_BYTES;
        }
        if (!twoByte && (id > 14 || length == 0 || length > 16)) {
            switchToTwoByte();
        }
        int headBytes = twoByte ? 2 : 1;
        if (!ok || headBytes + length > limit - position) {
            ok = false;
            return -1;
        }
        int at = position + headBytes;
        writeElementHead(id, at, length);
        ids[count] = id;
        offsets[count] = at;
        lengths[count] = length;
        count++;
        position = at + length;
        return at;
    }

    private void writeElementHead(int id, int at, int length) {
        if (twoByte) {
            array[at - 2] = (byte) id;
            array[at - 1] = (byte) length;
        } else {
            array[at - 1] = (byte) ((id << 4) | (length - 1));
        }
    }

    /** Moves the elements written so far, last first: each head grows by a byte. */
    private void switchToTwoByte() {
        twoByte = true;
        if (count > limit - position) {
            ok = false;
            return;
        }
        for (int i = count - 1; i >= 0; i--) {
            int at = offsets[i] + i + 1;
            System.arraycopy(array, offsets[i], array, at, lengths[i]);
            writeElementHead(ids[i], at, lengths[i]);
            offsets[i] = at;
        }
        position += count;
    }
}
