package dev.sfu.core.buffer;

import java.util.Arrays;
import java.util.Objects;

/**
 * A big-endian cursor that writes into part of an array.
 *
 * <p>Writing past the end writes nothing and makes {@link #ok()} false for good; the caller checks once at the end and
 * drops or splits what did not fit.
 */
public final class ByteWriter {
    private final byte[] array;
    private final int start;
    private final int limit;
    private int position;
    private boolean ok = true;

    /** Writes from {@code offset} up to {@code capacity} bytes. */
    public ByteWriter(byte[] array, int offset, int capacity) {
        Objects.checkFromIndexSize(offset, capacity, array.length);
        this.array = array;
        this.start = offset;
        this.position = offset;
        this.limit = offset + capacity;
    }

    /** Writes into the whole array. */
    public ByteWriter(byte[] array) {
        this(array, 0, array.length);
    }

    /** False once anything did not fit. */
    public boolean ok() {
        return ok;
    }

    /** Index in the array of the next byte. */
    public int position() {
        return position;
    }

    /** Bytes written. */
    public int length() {
        return position - start;
    }

    /** Bytes that still fit. */
    public int remaining() {
        return limit - position;
    }

    /** The array written to. */
    public byte[] array() {
        return array;
    }

    /** Writes 8 bits. */
    public ByteWriter u8(int value) {
        if (take(1)) {
            Bytes.put8(array, position - 1, value);
        }
        return this;
    }

    /** Writes 16 bits. */
    public ByteWriter u16(int value) {
        if (take(2)) {
            Bytes.put16(array, position - 2, value);
        }
        return this;
    }

    /** Writes 24 bits. */
    public ByteWriter u24(int value) {
        if (take(3)) {
            Bytes.put24(array, position - 3, value);
        }
        return this;
    }

    /** Writes 32 bits. */
    public ByteWriter i32(int value) {
        if (take(4)) {
            Bytes.put32(array, position - 4, value);
        }
        return this;
    }

    /** Writes the low 32 bits. */
    public ByteWriter u32(long value) {
        return i32((int) value);
    }

    /** Writes 64 bits. */
    public ByteWriter i64(long value) {
        if (take(8)) {
            Bytes.put64(array, position - 8, value);
        }
        return this;
    }

    /** Writes part of an array. */
    public ByteWriter bytes(byte[] source, int offset, int count) {
        if (take(count)) {
            System.arraycopy(source, offset, array, position - count, count);
        }
        return this;
    }

    /** Writes an array. */
    public ByteWriter bytes(byte[] source) {
        return bytes(source, 0, source.length);
    }

    /** Writes {@code count} zero bytes. */
    public ByteWriter zeros(int count) {
        if (take(count)) {
            Arrays.fill(array, position - count, position, (byte) 0);
        }
        return this;
    }

    /** Moves forward without writing, to come back with {@link Bytes} later. */
    public ByteWriter skip(int count) {
        take(count);
        return this;
    }

    /** A copy of what was written. */
    public byte[] toByteArray() {
        return Arrays.copyOfRange(array, start, position);
    }

    private boolean take(int count) {
        if (count < 0 || count > limit - position) {
            ok = false;
            return false;
        }
        position += count;
        return true;
    }
}
