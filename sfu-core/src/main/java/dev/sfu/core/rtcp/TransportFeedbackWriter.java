package dev.sfu.core.rtcp;

import dev.sfu.core.buffer.ByteWriter;
import org.jspecify.annotations.Nullable;

/**
 * Collects and writes one transport-wide congestion control feedback packet
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1). Reusable; allocates nothing after construction.
 *
 * <p>Usage: {@link #start}, then {@link #add} for each arrival in sequence order until it refuses or there are no more,
 * then {@link #write}.
 */
public final class TransportFeedbackWriter {
    /** Packets, arrived or not, that one feedback packet can report on here. */
    public static final int MAX_STATUSES = 2048;

    private static final int ONE_BIT_SYMBOLS = 14;
    private static final int TWO_BIT_SYMBOLS = 7;
    private static final int MAX_RUN = 0x1FFF;

    private final byte[] symbols = new byte[MAX_STATUSES];
    private final short[] deltas = new short[MAX_STATUSES];
    private int capacityBytes;
    private int baseSequenceNumber;
    private int statusCount;
    private int received;
    private int deltaBytes;
    private long referenceTime;
    private long lastTicks;

    /** Nothing started. */
    public TransportFeedbackWriter() {}

    /**
     * Begins a packet.
     *
     * @param baseSequence transport-wide sequence number of the first packet to report on; the low 16 bits count
     * @param firstArrivalTicks when the first packet that arrived did, in units of 250 µs of the receiver's clock
     * @param newCapacityBytes that the packet may take
     */
    public void start(int baseSequence, long firstArrivalTicks, int newCapacityBytes) {
        baseSequenceNumber = baseSequence & 0xFFFF;
        referenceTime = Math.floorDiv(firstArrivalTicks, TransportFeedback.TICKS_PER_REFERENCE);
        lastTicks = referenceTime * TransportFeedback.TICKS_PER_REFERENCE;
        capacityBytes = newCapacityBytes;
        statusCount = 0;
        received = 0;
        deltaBytes = 0;
    }

    /**
     * Adds an arrival; all between it and the one before are reported as not arrived.
     *
     * @param statusIndex distance from the base sequence, larger than that of the arrival before
     * @param arrivalTicks in units of 250 µs
     * @return false, with nothing added, when the delta, the status or the bytes do not fit into this packet
     */
    public boolean add(int statusIndex, long arrivalTicks) {
        long delta = arrivalTicks - lastTicks;
        if (statusIndex < statusCount || statusIndex >= MAX_STATUSES || delta != (short) delta) {
            return false;
        }
        boolean small = delta >= 0 && delta <= 0xFF;
        int newDeltaBytes = deltaBytes + (small ? 1 : 2);
        for (int i = statusCount; i < statusIndex; i++) {
            symbols[i] = TransportFeedback.NOT_RECEIVED;
        }
        symbols[statusIndex] = (byte) (small ? TransportFeedback.SMALL_DELTA : TransportFeedback.LARGE_DELTA);
        int count = statusIndex + 1;
        // A chunk covers seven packets at least, so counting the chunks exactly is rarely needed.
        int mostChunks = (count + TWO_BIT_SYMBOLS - 1) / TWO_BIT_SYMBOLS;
        if (packetBytes(mostChunks, newDeltaBytes) > capacityBytes
                && packetBytes(chunks(count, null), newDeltaBytes) > capacityBytes) {
            return false;
        }
        statusCount = count;
        deltaBytes = newDeltaBytes;
        deltas[received++] = (short) delta;
        lastTicks = arrivalTicks;
        return true;
    }

    /** Packets reported on so far, arrived or not; the base of the next feedback is this much further. */
    public int statusCount() {
        return statusCount;
    }

    /**
     * Appends the packet.
     *
     * @return false, with nothing written, if nothing was added or there is less room than {@link #start} was told
     */
    public boolean write(ByteWriter out, int senderSsrc, int mediaSsrc, int feedbackPacketCount) {
        int chunkCount = chunks(statusCount, null);
        int bytes = packetBytes(chunkCount, deltaBytes);
        if (statusCount == 0 || out.remaining() < bytes) {
            return false;
        }
        int padding = bytes - TransportFeedback.FIXED_BYTES - 2 * chunkCount - deltaBytes;
        int paddingBit = padding > 0 ? 0x20 : 0;
        RtcpWriter.header(out, RtcpPacket.TRANSPORT_LAYER_FEEDBACK, paddingBit | RtcpPacket.FORMAT_TRANSPORT_FEEDBACK,
                bytes);
        out.i32(senderSsrc).i32(mediaSsrc);
        out.u16(baseSequenceNumber).u16(statusCount).u24((int) referenceTime).u8(feedbackPacketCount);
        chunks(statusCount, out);
        int next = 0;
        for (int i = 0; i < statusCount; i++) {
            if (symbols[i] == TransportFeedback.SMALL_DELTA) {
                out.u8(deltas[next++]);
            } else if (symbols[i] == TransportFeedback.LARGE_DELTA) {
                out.u16(deltas[next++]);
            }
        }
        if (padding > 0) {
            out.zeros(padding - 1).u8(padding);
        }
        return true;
    }

    private static int packetBytes(int chunkCount, int deltaBytes) {
        return (TransportFeedback.FIXED_BYTES + 2 * chunkCount + deltaBytes + 3) & ~3;
    }

    /**
     * Counts, and writes if there is somewhere to write to, the chunks for the first {@code count} symbols: each time
     * the kind of chunk that covers most.
     */
    private int chunks(int count, @Nullable ByteWriter out) {
        int chunkCount = 0;
        int index = 0;
        while (index < count) {
            int left = count - index;
            int run = run(index, count);
            int oneBit = oneBit(index, count);
            boolean oneBitPossible = oneBit == Math.min(ONE_BIT_SYMBOLS, left);
            int covered;
            int chunk;
            if (run >= Math.min(TWO_BIT_SYMBOLS, left) && (run >= oneBit || !oneBitPossible)) {
                covered = run;
                chunk = symbols[index] << 13 | run;
            } else if (oneBitPossible) {
                covered = oneBit;
                chunk = 0x8000;
                for (int i = 0; i < covered; i++) {
                    chunk |= symbols[index + i] << (13 - i);
                }
            } else {
                covered = Math.min(TWO_BIT_SYMBOLS, left);
                chunk = 0xC000;
                for (int i = 0; i < covered; i++) {
                    chunk |= symbols[index + i] << (12 - 2 * i);
                }
            }
            if (out != null) {
                out.u16(chunk);
            }
            index += covered;
            chunkCount++;
        }
        return chunkCount;
    }

    private int run(int from, int count) {
        int end = from + 1;
        while (end < count && end - from < MAX_RUN && symbols[end] == symbols[from]) {
            end++;
        }
        return end - from;
    }

    private int oneBit(int from, int count) {
        int end = from;
        while (end < count && end - from < ONE_BIT_SYMBOLS && symbols[end] != TransportFeedback.LARGE_DELTA) {
            end++;
        }
        return end - from;
    }
}
