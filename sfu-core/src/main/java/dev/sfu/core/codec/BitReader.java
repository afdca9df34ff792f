package dev.sfu.core.codec;

/**
 * A bounds-checked cursor over bits, most significant first, for header extensions from the network.
 *
 * <p>Reading past the end does not throw: it returns zero and makes {@link #ok()} false for good.
 */
final class BitReader {
    private static final byte[] NO_BYTES = new byte[0];

    private byte[] array = NO_BYTES;
    private int start;
    private int position;
    private int limit;
    private boolean ok = true;

    /** Reads {@code [offset, offset + length)} of {@code bytes}. */
    void reset(byte[] bytes, int offset, int length) {
        array = bytes;
        start = 8 * offset;
        position = start;
        limit = start + 8 * length;
        ok = true;
    }

    /** False once anything was read past the end. */
    boolean ok() {
        return ok;
    }

    /** Bits read so far. */
    int consumedBits() {
        return position - start;
    }

    /** The next {@code count} bits, at most 32, as an unsigned number. */
    long bits(int count) {
        if (count > limit - position) {
            ok = false;
            position = limit;
            return 0;
        }
        long value = 0;
        int left = count;
        while (left > 0) {
            int within = position & 7;
            int taken = Math.min(left, 8 - within);
            int part = ((array[position >>> 3] & 0xFF) >>> (8 - within - taken)) & ((1 << taken) - 1);
            value = (value << taken) | part;
            position += taken;
            left -= taken;
        }
        return value;
    }

    /** The next bit. */
    boolean flag() {
        return bits(1) != 0;
    }

    /** A number below {@code bound}, which is at least 1, in as few bits as it takes: {@code ns(n)} of the AV1 specification. */
    int below(int bound) {
        int width = 32 - Integer.numberOfLeadingZeros(bound);
        int shorter = (1 << width) - bound;
        int value = (int) bits(width - 1);
        return value < shorter ? value : (value << 1) - shorter + (int) bits(1);
    }
}
