package dev.sfu.core.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * Network byte order access to arrays. Offsets are the caller's responsibility: an offset outside the array throws
 * {@link IndexOutOfBoundsException}, so callers on the packet path check lengths first.
 */
public final class Bytes {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    /** The unsigned byte at {@code offset}. */
    public static int u8(byte[] array, int offset) {
        return array[offset] & 0xFF;
    }

    /** The unsigned 16-bit value at {@code offset}. */
    public static int u16(byte[] array, int offset) {
        return (short) SHORT.get(array, offset) & 0xFFFF;
    }

    /** The unsigned 24-bit value at {@code offset}. */
    public static int u24(byte[] array, int offset) {
        return (u8(array, offset) << 16) | u16(array, offset + 1);
    }

    /** The 32-bit value at {@code offset} with its sign; use for opaque values such as an SSRC. */
    public static int i32(byte[] array, int offset) {
        return (int) INT.get(array, offset);
    }

    /** The unsigned 32-bit value at {@code offset}. */
    public static long u32(byte[] array, int offset) {
        return (int) INT.get(array, offset) & 0xFFFF_FFFFL;
    }

    /** The 64-bit value at {@code offset}. */
    public static long i64(byte[] array, int offset) {
        return (long) LONG.get(array, offset);
    }

    /** Writes the low 8 bits of {@code value}. */
    public static void put8(byte[] array, int offset, int value) {
        array[offset] = (byte) value;
    }

    /** Writes the low 16 bits of {@code value}. */
    public static void put16(byte[] array, int offset, int value) {
        SHORT.set(array, offset, (short) value);
    }

    /** Writes the low 24 bits of {@code value}. */
    public static void put24(byte[] array, int offset, int value) {
        array[offset] = (byte) (value >>> 16);
        SHORT.set(array, offset + 1, (short) value);
    }

    /** Writes 32 bits. */
    public static void put32(byte[] array, int offset, int value) {
        INT.set(array, offset, value);
    }

    /** Writes the low 32 bits of {@code value}. */
    public static void put32(byte[] array, int offset, long value) {
        INT.set(array, offset, (int) value);
    }

    /** Writes 64 bits. */
    public static void put64(byte[] array, int offset, long value) {
        LONG.set(array, offset, value);
    }

    /** Parses hexadecimal text; blanks and line breaks are allowed, so that RFC test vectors can be pasted. */
    public static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s+", ""));
    }
}
