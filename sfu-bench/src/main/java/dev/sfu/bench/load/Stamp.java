package dev.sfu.bench.load;

import dev.sfu.core.buffer.Bytes;
import java.time.Instant;

/** The time at which a packet left its publisher, in the last bytes of its payload. */
final class Stamp {
    static final int BYTES = 16;

    private static final long MAGIC = 0x7374_616D_7065_6421L;

    private Stamp() {}

    /** Nanoseconds since 1970, in the clock that the kernel stamps what it receives with. */
    static long nowEpochNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** Writes the time into the last {@link #BYTES} before {@code end}. */
    static void write(byte[] array, int end, long epochNanos) {
        Bytes.put64(array, end - BYTES, MAGIC);
        Bytes.put64(array, end - BYTES + 8, epochNanos);
    }

    /** The time before {@code end}, or 0 when the payload, which begins at {@code start}, has none. */
    static long read(byte[] array, int start, int end) {
        return end - start < BYTES || Bytes.i64(array, end - BYTES) != MAGIC ? 0 : Bytes.i64(array, end - 8);
    }
}
