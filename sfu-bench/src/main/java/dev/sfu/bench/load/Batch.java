package dev.sfu.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** What one system call received: datagrams with the kernel's time for each. Shared by all sockets of a loop. */
final class Batch {
    static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt NATIVE_I32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong NATIVE_I64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final int DATAGRAMS = 64;
    private static final int DATAGRAM_BYTES = 2048;
    /** struct mmsghdr, struct iovec and a control message with a struct timespec, on 64-bit Linux. */
    private static final int HEADER_BYTES = 64;

    private static final int CONTROL_LENGTH_AT = 40;
    private static final int RECEIVED_LENGTH_AT = 56;
    private static final int IOVEC_BYTES = 16;
    private static final int CONTROL_BYTES = 32;
    private static final int SECONDS_AT = 16;

    private final MemorySegment headers;
    private final MemorySegment controls;
    private final MemorySegment data;
    private int count;

    Batch(Arena arena) {
        headers = arena.allocate(DATAGRAMS * HEADER_BYTES, 8);
        controls = arena.allocate(DATAGRAMS * CONTROL_BYTES, 8);
        data = arena.allocate(DATAGRAMS * DATAGRAM_BYTES, 64);
        MemorySegment vectors = arena.allocate(DATAGRAMS * IOVEC_BYTES, 8);
        for (int i = 0; i < DATAGRAMS; i++) {
            vectors.set(ValueLayout.ADDRESS, (long) i * IOVEC_BYTES, data.asSlice((long) i * DATAGRAM_BYTES));
            vectors.set(ValueLayout.JAVA_LONG, (long) i * IOVEC_BYTES + 8, DATAGRAM_BYTES);
            long header = (long) i * HEADER_BYTES;
            headers.set(ValueLayout.ADDRESS, header + 16, vectors.asSlice((long) i * IOVEC_BYTES));
            headers.set(ValueLayout.JAVA_LONG, header + 24, 1);
            headers.set(ValueLayout.ADDRESS, header + 32, controls.asSlice((long) i * CONTROL_BYTES));
            headers.set(ValueLayout.JAVA_LONG, header + CONTROL_LENGTH_AT, CONTROL_BYTES);
        }
    }

    /** Fetches what waits in a socket; true when there may be more. */
    boolean receive(int fd) {
        for (int i = 0; i < count; i++) {
            headers.set(ValueLayout.JAVA_LONG, (long) i * HEADER_BYTES + CONTROL_LENGTH_AT, CONTROL_BYTES);
        }
        count = Linux.receive(fd, headers, DATAGRAMS);
        return count == DATAGRAMS;
    }

    int count() {
        return count;
    }

    /** Length of a datagram; one that did not fit is cut. */
    int length(int index) {
        return headers.get(NATIVE_I32, (long) index * HEADER_BYTES + RECEIVED_LENGTH_AT);
    }

    /** When the kernel took it from the network, in nanoseconds since 1970; 0 when it did not say. */
    long epochNanos(int index) {
        if (headers.get(NATIVE_I64, (long) index * HEADER_BYTES + CONTROL_LENGTH_AT) < CONTROL_BYTES) {
            return 0;
        }
        long control = (long) index * CONTROL_BYTES + SECONDS_AT;
        return controls.get(NATIVE_I64, control) * 1_000_000_000L + controls.get(NATIVE_I64, control + 8);
    }

    int u8(int index, int offset) {
        return data.get(JAVA_BYTE, (long) index * DATAGRAM_BYTES + offset) & 0xFF;
    }

    int u16(int index, int offset) {
        return data.get(U16, (long) index * DATAGRAM_BYTES + offset) & 0xFFFF;
    }

    int i32(int index, int offset) {
        return data.get(I32, (long) index * DATAGRAM_BYTES + offset);
    }

    void copy(int index, byte[] target, int length) {
        MemorySegment.copy(data, JAVA_BYTE, (long) index * DATAGRAM_BYTES, target, 0, length);
    }
}
