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
 * the arrivals had not arrived. {@link RtcpReader} fills the same object again and again when it reads into a
 * {@link RtcpSink}.
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

    private static final int INITIAL_CAPACITY = 32;
    private static final int[] EMPTY = {};

    private int senderSsrc;
    private int mediaSsrc;
    private int baseSequenceNumber;
    private int statusCount;
    private int referenceTime;
    private int feedbackPacketCount;
    private int receivedCount;
    // As long as what has come so far needed, at most a number for each byte of a datagram.
    private int[] statusIndexes = EMPTY;
    private int[] arrivalTicks = EMPTY;

    TransportFeedback() {}

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
        return receivedCount;
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
    static @Nullable TransportFeedback readNew(ByteReader in) {
        TransportFeedback feedback = new TransportFeedback();
        return feedback.read(in) ? feedback : null;
    }

    /** Takes the place of what was read before; false, with nothing to rely on, if the packet is inconsistent. */
    boolean read(ByteReader in) {
        senderSsrc = in.i32();
        mediaSsrc = in.i32();
        baseSequenceNumber = in.u16();
        statusCount = in.u16();
        referenceTime = (in.u24() << 8) >> 8;
        feedbackPacketCount = in.u8();
        receivedCount = 0;
        return in.ok() && statusCount > 0 && readChunks(in) && readDeltas(in);
    }

    /** Fills in which packets arrived and, where their time will be, how long each delta is. */
    private boolean readChunks(ByteReader in) {
        // Every arrival takes a byte of delta, so no more than what is left can have arrived.
        int bound = in.remaining();
        int index = 0;
        while (index < statusCount) {
            int chunk = in.u16();
            boolean vector = (chunk & 0x8000) != 0;
            boolean twoBits = (chunk & 0x4000) != 0;
            int covered = !vector ? chunk & 0x1FFF : twoBits ? 7 : 14;
            int end = Math.min(statusCount, index + covered);
            int runSymbol = (chunk >> 13) & 3;
            if (!in.ok() || covered == 0) {
                return false;
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
                if (symbol > LARGE_DELTA || receivedCount == bound) {
                    return false;
                }
                reserve(receivedCount + 1);
                statusIndexes[receivedCount] = index;
                arrivalTicks[receivedCount++] = symbol;
            }
        }
        return true;
    }

    private boolean readDeltas(ByteReader in) {
        int time = 0;
        for (int i = 0; i < receivedCount; i++) {
            time += arrivalTicks[i] == LARGE_DELTA ? (short) in.u16() : in.u8();
            arrivalTicks[i] = time;
        }
        return in.ok();
    }

    private void reserve(int count) {
        if (count > statusIndexes.length) {
            int capacity = Math.max(INITIAL_CAPACITY, 2 * statusIndexes.length);
            statusIndexes = Arrays.copyOf(statusIndexes, capacity);
            arrivalTicks = Arrays.copyOf(arrivalTicks, capacity);
        }
    }

    @Override
    public String toString() {
        return "TransportFeedback[#" + feedbackPacketCount + " from " + baseSequenceNumber + ": " + receivedCount()
                + " of " + statusCount + "]";
    }
}
