package dev.sfu.core.codec;

import dev.sfu.core.buffer.Bytes;
import java.util.Arrays;

/**
 * Writes a received dependency descriptor again with another frame number and with the decode targets that are forwarded.
 *
 * <p>Stateless but for its scratch space: the same input gives the same bytes, so that a retransmission repeats its original.
 */
public final class DependencyDescriptorWriter {
    /** Decode targets that {@link #targets} can hold; with more of them the mask is left as it came. */
    public static final int MAX_TARGETS = 16;

    private final BitReader in = new BitReader();
    private final DependencyStructure scratch = new DependencyStructure();

    /** Nothing kept. */
    public DependencyDescriptorWriter() {}

    /**
     * A mask of decode targets together with their number, so that it can be written without the structure.
     *
     * @param mask bit 0 for the first decode target
     * @param count decode targets of the structure
     * @return 0, which leaves the mask as it came, if there are more than {@link #MAX_TARGETS}
     */
    public static int targets(int mask, int count) {
        return count > MAX_TARGETS ? 0 : (1 << count) | (mask & ((1 << count) - 1));
    }

    /**
     * Writes the descriptor, which gets up to three bytes longer if it gets a mask that it did not have.
     *
     * @param targets of {@link #targets}, or 0 to leave the mask as it came
     * @return bytes written, or -1 if the descriptor is malformed or does not fit
     */
    public int write(
            byte[] source, int offset, int length, byte[] target, int targetOffset, int frameNumber, int targets) {
        int room = target.length - targetOffset;
        if (length < DependencyDescriptor.MANDATORY_BYTES || targetOffset < 0 || room < length) {
            return -1;
        }
        System.arraycopy(source, offset, target, targetOffset, length);
        Bytes.put16(target, targetOffset + 1, frameNumber);
        if (targets == 0) {
            return length;
        }
        int bytes = length;
        if (length == DependencyDescriptor.MANDATORY_BYTES) {
            if (room <= bytes) {
                return -1;
            }
            target[targetOffset + bytes++] = 0;
        }
        int count = 31 - Integer.numberOfLeadingZeros(targets);
        in.reset(target, targetOffset + 3, bytes - 3);
        int flags = (int) in.bits(5);
        if ((flags & 0x10) != 0 && (!scratch.read(in) || scratch.targetCount() != count)) {
            return -1;
        }
        int maskBit = in.consumedBits() + 24;
        if ((flags & 0x08) == 0) {
            int grown = bytes + (count + 7) / 8;
            if (room < grown) {
                return -1;
            }
            Arrays.fill(target, targetOffset + bytes, targetOffset + grown, (byte) 0);
            insert(target, targetOffset, bytes, maskBit, count);
            target[targetOffset + 3] |= 0x40;
            bytes = grown;
        } else if (maskBit + count > 8 * bytes) {
            return -1;
        }
        for (int i = 0; i < count; i++) {
            setBit(target, targetOffset, maskBit + i, (targets >>> (count - 1 - i)) & 1);
        }
        return bytes;
    }

    /** Makes room for bits before {@code at}; what is behind the descriptor is zero padding. */
    private static void insert(byte[] target, int offset, int bytes, int at, int count) {
        for (int bit = 8 * bytes - 1; bit >= at; bit--) {
            setBit(target, offset, bit + count, (target[offset + (bit >>> 3)] >>> (7 - (bit & 7))) & 1);
        }
    }

    private static void setBit(byte[] target, int offset, int bit, int value) {
        int mask = 0x80 >>> (bit & 7);
        int index = offset + (bit >>> 3);
        target[index] = (byte) (value == 0 ? target[index] & ~mask : target[index] | mask);
    }
}
