package dev.sfu.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What one system call received: datagrams with the kernel's time for each. Sockets that ask for it get several datagrams of
 * one sender in one piece ({@code UDP_GRO}), which are told apart here. Shared by all sockets of a loop.
 */
final class Batch {
    static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt NATIVE_I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong NATIVE_I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final int PIECES = 64;
    /** As many bytes as a piece can have; what is never written to takes no memory. */
    private static final int PIECE_BYTES = 1 << 16;
    /** The kernel puts at most so many datagrams into one piece. */
    private static final int MAX_DATAGRAMS_PER_PIECE = 128;
    /** struct mmsghdr, struct iovec and control messages, on 64-bit Linux. */
    private static final int HEADER_BYTES = 64;

    private static final int CONTROL_LENGTH_AT = 40;
    private static final int RECEIVED_LENGTH_AT = 56;
    private static final int IOVEC_BYTES = 16;
    /** Room for a struct timespec and the length of the coalesced datagrams, each behind a struct cmsghdr. */
    private static final int CONTROL_BYTES = 64;

    private static final int CMSG_LEVEL_AT = 8;
    private static final int CMSG_TYPE_AT = 12;
    private static final int CMSG_HEADER_BYTES = 16;
    private static final int SOL_SOCKET = 1;
    private static final int SO_TIMESTAMPNS = 35;
    private static final int SOL_UDP = 17;
    private static final int UDP_GRO = 104;

    private final MemorySegment headers;
    private final MemorySegment controls;
    private final MemorySegment data;
    private final long[] datagramAt = new long[PIECES * MAX_DATAGRAMS_PER_PIECE];
    private final int[] datagramBytes = new int[PIECES * MAX_DATAGRAMS_PER_PIECE];
    private final long[] pieceEpochNanos = new long[PIECES];
    private int pieces;
    private int count;

    Batch(Arena arena) {
        headers = arena.allocate(PIECES * HEADER_BYTES, 8);
        controls = arena.allocate(PIECES * CONTROL_BYTES, 8);
        data = arena.allocate((long) PIECES * PIECE_BYTES, 64);
        MemorySegment vectors = arena.allocate(PIECES * IOVEC_BYTES, 8);
        for (int i = 0; i < PIECES; i++) {
            vectors.set(ValueLayout.ADDRESS, (long) i * IOVEC_BYTES, data.asSlice((long) i * PIECE_BYTES));
            vectors.set(ValueLayout.JAVA_LONG, (long) i * IOVEC_BYTES + 8, PIECE_BYTES);
            long header = (long) i * HEADER_BYTES;
            headers.set(ValueLayout.ADDRESS, header + 16, vectors.asSlice((long) i * IOVEC_BYTES));
            headers.set(ValueLayout.JAVA_LONG, header + 24, 1);
            headers.set(ValueLayout.ADDRESS, header + 32, controls.asSlice((long) i * CONTROL_BYTES));
            headers.set(ValueLayout.JAVA_LONG, header + CONTROL_LENGTH_AT, CONTROL_BYTES);
        }
    }

    /** Fetches what waits in a socket; true when there may be more. */
    boolean receive(int fd) {
        for (int i = 0; i < pieces; i++) {
            headers.set(ValueLayout.JAVA_LONG, (long) i * HEADER_BYTES + CONTROL_LENGTH_AT, CONTROL_BYTES);
        }
        pieces = Linux.receive(fd, headers, PIECES);
        count = 0;
        for (int piece = 0; piece < pieces; piece++) {
            split(piece);
        }
        return pieces == PIECES;
    }

    private void split(int piece) {
        int length = headers.get(NATIVE_I32, (long) piece * HEADER_BYTES + RECEIVED_LENGTH_AT);
        int step = readControl(piece, length);
        for (int at = 0; at < length && count < (piece + 1) * MAX_DATAGRAMS_PER_PIECE; at += step) {
            datagramAt[count] = (long) piece * PIECE_BYTES + at;
            datagramBytes[count++] = Math.min(step, length - at);
        }
    }

    /** Takes the time and returns the length of all datagrams in the piece but the last, which may be shorter. */
    private int readControl(int piece, int pieceBytes) {
        long at = (long) piece * CONTROL_BYTES;
        long end = at + headers.get(NATIVE_I64, (long) piece * HEADER_BYTES + CONTROL_LENGTH_AT);
        int step = pieceBytes;
        pieceEpochNanos[piece] = 0;
        while (at + CMSG_HEADER_BYTES < end) {
            long messageBytes = controls.get(NATIVE_I64, at);
            int level = controls.get(NATIVE_I32, at + CMSG_LEVEL_AT);
            int type = controls.get(NATIVE_I32, at + CMSG_TYPE_AT);
            long value = at + CMSG_HEADER_BYTES;
            if (level == SOL_SOCKET && type == SO_TIMESTAMPNS) {
                pieceEpochNanos[piece] =
                        controls.get(NATIVE_I64, value) * 1_000_000_000L + controls.get(NATIVE_I64, value + 8);
            } else if (level == SOL_UDP && type == UDP_GRO) {
                step = Math.max(1, controls.get(NATIVE_I32, value));
            }
            at += Math.max(CMSG_HEADER_BYTES, (messageBytes + 7) & ~7L);
        }
        return step;
    }

    /** How many there were before they were told apart. */
    int pieces() {
        return pieces;
    }

    int count() {
        return count;
    }

    int length(int index) {
        return datagramBytes[index];
    }

    /** When the kernel took it from the network, in nanoseconds since 1970; 0 when it did not say. */
    long epochNanos(int index) {
        return pieceEpochNanos[(int) (datagramAt[index] / PIECE_BYTES)];
    }

    int u8(int index, int offset) {
        return data.get(JAVA_BYTE, datagramAt[index] + offset) & 0xFF;
    }

    int u16(int index, int offset) {
        return data.get(U16, datagramAt[index] + offset) & 0xFFFF;
    }

    int i32(int index, int offset) {
        return data.get(I32, datagramAt[index] + offset);
    }

    void copy(int index, byte[] target, int length) {
        MemorySegment.copy(data, JAVA_BYTE, datagramAt[index], target, 0, length);
    }
}
