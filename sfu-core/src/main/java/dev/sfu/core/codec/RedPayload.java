package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;

/**
 * A reusable view of a redundant audio payload (RFC 2198): one primary block and, before it, copies of earlier ones.
 *
 * <p>After a failed parse the view is empty.
 */
public final class RedPayload {
    /** Earlier blocks at most; browsers send one or two. */
    public static final int MAX_EARLIER = 8;
    /** How much older than the primary block an earlier one can be, in RTP ticks: 14 bits. */
    public static final int MAX_TIMESTAMP_OFFSET = (1 << 14) - 1;
    /** How long an earlier block can be: 10 bits. */
    public static final int MAX_EARLIER_BYTES = (1 << 10) - 1;

    private static final int FOLLOWS = 0x80;
    private static final int EARLIER_HEADER_BYTES = 4;
    private static final int PRIMARY_HEADER_BYTES = 1;

    private final int[] types = new int[MAX_EARLIER];
    private final int[] timestampOffsets = new int[MAX_EARLIER];
    private final int[] offsets = new int[MAX_EARLIER];
    private final int[] lengths = new int[MAX_EARLIER];
    private int earlier;
    private int primaryType = -1;
    private int primaryOffset;
    private int primaryBytes;

    /** An empty view. */
    public RedPayload() {}

    /**
     * Reads the block headers at the start of an RTP payload.
     *
     * @return false if they or the earlier blocks do not fit in {@code length}, or there are more than {@link #MAX_EARLIER}
     */
    public boolean parse(byte[] payload, int payloadOffset, int length) {
        clear();
        int end = payloadOffset + length;
        int position = payloadOffset;
        int count = 0;
        while (position < end && (payload[position] & FOLLOWS) != 0) {
            if (end - position < EARLIER_HEADER_BYTES || count == MAX_EARLIER) {
                return false;
            }
            types[count] = payload[position] & 0x7F;
            int fields = Bytes.u24(payload, position + 1);
            timestampOffsets[count] = fields >> 10;
            lengths[count++] = fields & MAX_EARLIER_BYTES;
            position += EARLIER_HEADER_BYTES;
        }
        if (position >= end) {
            return false;
        }
        int type = payload[position++];
        for (int i = 0; i < count; i++) {
            offsets[i] = position;
            position += lengths[i];
        }
        if (position > end) {
            return false;
        }
        earlier = count;
        primaryType = type;
        primaryOffset = position;
        primaryBytes = end - position;
        return true;
    }

    private void clear() {
        earlier = 0;
        primaryType = -1;
        primaryOffset = 0;
        primaryBytes = 0;
    }

    /** Earlier blocks, the oldest first. */
    public int earlier() {
        return earlier;
    }

    /** The payload type of an earlier block. */
    public int earlierType(int index) {
        return types[index];
    }

    /** By how many RTP ticks an earlier block is older than the primary one. */
    public int earlierTimestampOffset(int index) {
        return timestampOffsets[index];
    }

    /** Where an earlier block lies in the array that was parsed. */
    public int earlierOffset(int index) {
        return offsets[index];
    }

    /** The length of an earlier block. */
    public int earlierBytes(int index) {
        return lengths[index];
    }

    /** The payload type of the primary block, or -1 in an empty view. */
    public int primaryType() {
        return primaryType;
    }

    /** Where the primary block lies in the array that was parsed. */
    public int primaryOffset() {
        return primaryOffset;
    }

    /** The length of the primary block, which may be 0. */
    public int primaryBytes() {
        return primaryBytes;
    }

    /** Whether all blocks are of this payload type. */
    public boolean all(int type) {
        for (int i = 0; i < earlier; i++) {
            if (types[i] != type) {
                return false;
            }
        }
        return primaryType == type;
    }

    /**
     * Writes a payload of two blocks, one earlier and the primary one, of the same type.
     *
     * @param timestampOffset 1 to {@link #MAX_TIMESTAMP_OFFSET}
     * @param earlierBytes at most {@link #MAX_EARLIER_BYTES}
     * @return the bytes written, or -1 if a value is out of range or {@code out} too small
     */
    public static int write(
            byte[] out,
            int at,
            int type,
            int timestampOffset,
            byte[] earlier,
            int earlierOffset,
            int earlierBytes,
            byte[] primary,
            int primaryOffset,
            int primaryBytes) {
        int bytes = EARLIER_HEADER_BYTES + PRIMARY_HEADER_BYTES + earlierBytes + primaryBytes;
        if (timestampOffset < 1
                || timestampOffset > MAX_TIMESTAMP_OFFSET
                || earlierBytes > MAX_EARLIER_BYTES
                || bytes > out.length - at) {
            return -1;
        }
        out[at] = (byte) (FOLLOWS | type);
        Bytes.put24(out, at + 1, timestampOffset << 10 | earlierBytes);
        out[at + EARLIER_HEADER_BYTES] = (byte) type;
        int position = at + EARLIER_HEADER_BYTES + PRIMARY_HEADER_BYTES;
        System.arraycopy(earlier, earlierOffset, out, position, earlierBytes);
        System.arraycopy(primary, primaryOffset, out, position + earlierBytes, primaryBytes);
        return bytes;
    }
}
