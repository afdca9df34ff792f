package dev.sfu.core.buffer;

import java.util.Arrays;
import java.util.Objects;

/**
 * A bounds-checked big-endian cursor over part of an array, for bytes from the network.
 *
 * <p>Reading past the end does not throw: it returns zero, moves to the end and makes {@link #ok()} false for good, so
 * that a parser reads a whole structure and checks once.
 */
public final class ByteReader {
    private byte[] array;
    private int position;
    private int limit;
    private boolean ok = true;

    /** Reads {@code [offset, offset + length)} of {@code array}. */
    public ByteReader(byte[] array, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, array.length);
        this.array = array;
        this.position = offset;
        this.limit = offset + length;
    }

    /** Reads the whole array. */
    public ByteReader(byte[] array) {
        this(array, 0, array.length);
    }

    /** Starts over on another range. */
    public ByteReader reset(byte[] newArray, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, newArray.length);
        array = newArray;
        position = offset;
        limit = offset + length;
        ok = true;
        return this;
    }

    /** False once anything was read past the end. */
    public boolean ok() {
        return ok;
    }

    /** Index in the array of the next byte. */
    public int position() {
        return position;
    }

    /** Bytes left. */
    public int remaining() {
        return limit - position;
    }

    /** The array read from. */
    public byte[] array() {
        return array;
    }

    /** Unsigned 8 bits. */
    public int u8() {
        return take(1) ? array[position - 1] & 0xFF : 0;
    }

    /** Unsigned 16 bits. */
    public int u16() {
        return take(2) ? Bytes.u16(array, position - 2) : 0;
    }

    /** Unsigned 24 bits. */
    public int u24() {
        return take(3) ? Bytes.u24(array, position - 3) : 0;
    }

    /** 32 bits with their sign. */
    public int i32() {
        return take(4) ? Bytes.i32(array, position - 4) : 0;
    }

    /** Unsigned 32 bits. */
    public long u32() {
        return take(4) ? Bytes.u32(array, position - 4) : 0;
    }

    /** 64 bits. */
    public long i64() {
        return take(8) ? Bytes.i64(array, position - 8) : 0;
    }

    /** A copy of the next {@code count} bytes; empty when there are fewer. */
    public byte[] bytes(int count) {
        return take(count) ? Arrays.copyOfRange(array, position - count, position) : new byte[0];
    }

    /** Moves forward. */
    public void skip(int count) {
        take(count);
    }

    private boolean take(int count) {
        if (count < 0 || count > limit - position) {
            ok = false;
            position = limit;
            return false;
        }
        position += count;
        return true;
    }
}
