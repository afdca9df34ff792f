package dev.sfu.core.rtcp;

import dev.sfu.core.buffer.ByteReader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1): which of
 * a range of packets arrived, and when.
 *
 * <p>Only what arrived is stored, in flat arrays. A status count of 65535 costs a peer two bytes to write, but each
 * arrival has at least one byte of delta, so memory is bounded by the datagram. A packet of the range that is not among
 * the arrivals had not arrived.
 */
public final class TransportFeedback implements RtcpPacket {
    /** Unit of the deltas, nanoseconds. */
    public static final long TICK_NANOS = 250_000;

    /** Ticks in a unit of the reference time, 64 ms. */
    public static final int TICKS_PER_REFERENCE = 256;

    /** Symbol of a packet that has not arrived. */
    static final int NOT_RECEIVED = 0;

    /** Symbol of an arrival with a delta of 8 bits unsigned. */
    static final int SMALL_DELTA = 1;

    /** Symbol of an arrival with a delta of 16 bits signed. */
    static final int LARGE_DELTA = 2;

    /** Bytes before the first chunk. */
    static final int FIXED_BYTES = 20;

    private final int senderSsrc;
    private final int mediaSsrc;
    private final int baseSequenceNumber;
    private final int statusCount;
    private final int referenceTime;
    private final int feedbackPacketCount;
    private final int[] statusIndexes;
    private final int[] arrivalTicks;

    private TransportFeedback(
            int senderSsrc,
            int mediaSsrc,
            int baseSequenceNumber,
            int statusCount,
            int referenceTime,
            int feedbackPacketCount,
            int[] statusIndexes,
            int[] arrivalTicks) {
        this.senderSsrc = senderSsrc;
        this.mediaSsrc = mediaSsrc;
        this.baseSequenceNumber = baseSequenceNumber;
        this.statusCount = statusCount;
        this.referenceTime = referenceTime;
        this.feedbackPacketCount = feedbackPacketCount;
        this.statusIndexes = statusIndexes;
        this.arrivalTicks = arrivalTicks;
    }

    /** Who received the packets. */
    public int senderSsrc() {
        return senderSsrc;
    }

    /** One of the streams reported on; the feedback is about all. */
    public int mediaSsrc() {
        return mediaSsrc;
    }

    /** Transport-wide sequence number of the first status, 0 to 65535. */
    public int baseSequenceNumber() {
        return baseSequenceNumber;
    }

    /** Consecutive packets reported on, arrived or not. */
    public int statusCount() {
        return statusCount;
    }

    /** The receiver's clock that arrivals are relative to: signed 24 bits in units of 64 ms, wraps. */
    public int referenceTime() {
        return referenceTime;
    }

    /** Number of this feedback packet, 0 to 255, wraps; a gap means that feedback was lost. */
    public int feedbackPacketCount() {
        return feedbackPacketCount;
    }

    /** How many of the packets arrived. */
    public int receivedCount() {
        return statusIndexes.length;
    }

    /** Transport-wide sequence number of an arrival, 0 to 65535; arrivals are in sequence order. */
    public int sequenceNumber(int index) {
        return (baseSequenceNumber + statusIndexes[index]) & 0xFFFF;
    }

    /** Distance of an arrival from {@link #baseSequenceNumber()}, less than {@link #statusCount()}. */
    public int statusIndex(int index) {
        return statusIndexes[index];
    }

    /** When it arrived: units of 250 µs after {@link #referenceTime()}. */
    public int arrivalTicks(int index) {
        return arrivalTicks[index];
    }

    /** When it arrived: nanoseconds after {@link #referenceTime()}. */
    public long arrivalNanos(int index) {
        return arrivalTicks[index] * TICK_NANOS;
    }

    /** Reads what follows the common header of a feedback packet; null if it is inconsistent. */
    static @Nullable TransportFeedback read(ByteReader in) {
        int senderSsrc = in.i32();
        int mediaSsrc = in.i32();
        int base = in.u16();
        int statusCount = in.u16();
        int referenceTime = (in.u24() << 8) >> 8;
        int feedbackPacketCount = in.u8();
        if (!in.ok() || statusCount == 0) {
            return null;
        }
        // Every arrival takes a byte of delta, so no more than what is left can have arrived.
        int bound = Math.min(statusCount, in.remaining());
        int[] indexes = new int[bound];
        boolean[] large = new boolean[bound];
        int received = readChunks(in, statusCount, indexes, large);
        if (received < 0) {
            return null;
        }
        int[] ticks = new int[received];
        int time = 0;
        for (int i = 0; i < received; i++) {
            time += large[i] ? (short) in.u16() : in.u8();
            ticks[i] = time;
        }
        if (!in.ok()) {
            return null;
        }
        return new TransportFeedback(
                senderSsrc,
                mediaSsrc,
                base,
                statusCount,
                referenceTime,
                feedbackPacketCount,
                Arrays.copyOf(indexes, received),
                ticks);
    }

    /** Fills in the arrivals and returns how many there are, or -1 if the chunks cannot be right. */
    private static int readChunks(ByteReader in, int statusCount, int[] indexes, boolean[] large) {
        int received = 0;
        int index = 0;
        while (index < statusCount) {
            int chunk = in.u16();
            if (!in.ok()) {
                return -1;
            }
            boolean vector = (chunk & 0x8000) != 0;
            boolean twoBits = (chunk & 0x4000) != 0;
            int covered = !vector ? chunk & 0x1FFF : twoBits ? 7 : 14;
            int end = Math.min(statusCount, index + covered);
            int runSymbol = (chunk >> 13) & 3;
            if (covered == 0) {
                return -1;
            }
            if (!vector && runSymbol == NOT_RECEIVED) {
                index = end;
                continue;
            }
            for (int i = 0; index < end; i++, index++) {
                int symbol = !vector ? runSymbol : twoBits ? (chunk >> (12 - 2 * i)) & 3 : (chunk >> (13 - i)) & 1;
                if (symbol == NOT_RECEIVED) {
                    continue;
                }
                if (symbol > LARGE_DELTA || received == indexes.length) {
                    return -1;
                }
                large[received] = symbol == LARGE_DELTA;
                indexes[received++] = index;
            }
        }
        return received;
    }

    @Override
    public String toString() {
        return "TransportFeedback[#" + feedbackPacketCount + " from " + baseSequenceNumber + ": " + receivedCount()
                + " of " + statusCount + "]";
    }
}
