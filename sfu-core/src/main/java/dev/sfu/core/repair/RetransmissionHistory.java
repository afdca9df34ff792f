package dev.sfu.core.repair;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * The packets sent lately on one outgoing stream, for answering NACKs, and those that wait for being sent.
 *
 * <p>Kept is a reference to the received plaintext, which all subscribers share, and the fields that were rewritten for
 * this one: a retransmission repeats the same rewrite. A ring keyed by outgoing sequence number; it starts small and
 * doubles while packets younger than the age bound would be overwritten, so that slow streams stay small. Buffers go
 * back when they are overwritten, too old, or on {@link #close()}.
 *
 * <p>Kept is for as long as a receiver may ask: three round trips, but a second at least.
 */
public final class RetransmissionHistory {
    /** {@link #find}: no such packet is kept. */
    public static final int NOT_FOUND = -1;

    /** {@link #find}: retransmitted less than a round trip ago. */
    public static final int TOO_SOON = -2;

    /** {@link #find}: not sent yet. */
    public static final int WAITING = -3;

    /** {@link #find}: retransmitted often enough. */
    public static final int EXHAUSTED = -4;

    /** A packet is retransmitted at most so often; receivers give up then too. */
    public static final int MAX_REPETITIONS = 10;

    /** How long packets are kept before the round trip is known. */
    public static final long FIRST_AGE_NANOS = 2 * Deadlines.SECOND;

    /** Shortest time that packets are kept. */
    public static final long MIN_AGE_NANOS = Deadlines.SECOND;

    /** Longest time that packets are kept; no jitter buffer waits longer. */
    public static final long MAX_AGE_NANOS = 4 * Deadlines.SECOND;

    /** Packets kept at most: four seconds of 10 Mbit/s. */
    public static final int MAX_CAPACITY = 4096;

    private static final int AGE_ROUND_TRIPS = 3;
    private static final int INITIAL_CAPACITY = 32;
    private static final int NOT_SENT = 0xFF;
    /** Packets among which {@link #padding} looks for a large one. */
    private static final int PADDING_SEARCH = 8;
    private static final int MARKER_BIT = 0x80;

    // A packet's fields, side by side, because a subscriber's history is cold when its turn comes: each array that is touched is
    // a wait for memory.
    /** Sequence number, 48 bits; payload type and marker, 8; retransmissions so far or {@link #NOT_SENT}, 8. */
    private static final int IDENTITY = 0;

    private static final int SENT_NANOS = 1;
    private static final int REWRITE = 2;
    /** Timestamp, 32 bits; offset of the payload, 16; its length, 16. */
    private static final int PAYLOAD = 3;

    private static final int FIELDS = 4;
    private static final int SEQUENCE_SHIFT = 16;
    private static final int TYPE_SHIFT = 8;
    private static final int BYTE = 0xFF;

    private final int maxCapacity;
    private long maxAgeNanos = FIRST_AGE_NANOS;
    // Nothing before the first packet: many a slot never plays anything that is repeated.
    private @Nullable PacketBuffer[] buffers = {};
    private long[] fields = {};
    /** Of those packets that were retransmitted; nothing before the first of them. */
    private long[] retransmittedNanos = {};

    private int size;
    private long paddingSequence = -1;
    private long lowest;
    private long highest;
    private boolean started;
    private long repeatNanos;
    private long retransmissions;
    private long refused;
    private long notFound;

    /** An empty history of the usual size. */
    public RetransmissionHistory() {
        this(MAX_CAPACITY);
    }

    /**
     * An empty history.
     *
     * @param maxCapacity packets kept at most, a power of two
     * @throws IllegalArgumentException if the capacity is not a power of two
     */
    public RetransmissionHistory(int maxCapacity) {
        if (Integer.bitCount(maxCapacity) != 1 || maxCapacity > 1 << 15) {
            throw new IllegalArgumentException(
                    maxCapacity + ": retransmission history capacity (expected: a power of two up to 32768)");
        }
        this.maxCapacity = maxCapacity;
    }

    private void allocate(int capacity) {
        buffers = new @Nullable PacketBuffer[capacity];
        fields = new long[capacity * FIELDS];
    }

    /**
     * The round trip to the receiver. A repetition within three quarters of it is refused: the answer is still under
     * way. Not the whole of it, because the receiver repeats after its own estimate, which may be a little below.
     */
    public void setRttNanos(long nanos) {
        repeatNanos = Math.clamp(nanos, 0, Deadlines.SECOND) * 3 / 4;
        maxAgeNanos = Math.clamp(AGE_ROUND_TRIPS * nanos, MIN_AGE_NANOS, MAX_AGE_NANOS);
    }

    /** How long packets are kept now. */
    public long maxAgeNanos() {
        return maxAgeNanos;
    }

    /**
     * Keeps a packet that is being sent; takes a reference of its own to the buffer.
     *
     * @param buffer received plaintext, not to be modified while it is kept
     * @param sequence outgoing unwrapped sequence number, not negative, of 48 bits like SRTP's index
     * @param timestamp outgoing RTP timestamp
     * @param payloadType outgoing payload type
     * @param payloadOffset index of the payload in {@code buffer.array()}
     * @param payloadBytes without padding
     * @param rewrite what the codec's rewriting needs to be repeated, opaque here
     * @return false, with nothing kept, if the sequence number is older than the ring reaches
     */
    public boolean put(
            PacketBuffer buffer,
            long sequence,
            long timestamp,
            boolean marker,
            int payloadType,
            int payloadOffset,
            int payloadBytes,
            long rewrite,
            long nowNanos) {
        if (started && sequence <= highest - maxCapacity) {
            return false;
        }
        if (buffers.length == 0) {
            allocate(Math.min(INITIAL_CAPACITY, maxCapacity));
        }
        expire(nowNanos);
        if (size == 0) {
            lowest = sequence;
            highest = started ? Math.max(highest, sequence) : sequence;
            started = true;
        }
        long span = Math.max(highest, sequence) - Math.min(lowest, sequence) + 1;
        while (span > buffers.length && buffers.length < maxCapacity) {
            grow();
        }
        highest = Math.max(highest, sequence);
        evictBelow(highest - buffers.length + 1);
        lowest = Math.min(lowest, sequence);
        int slot = (int) sequence & (buffers.length - 1);
        evict(slot);
        buffers[slot] = buffer.retain();
        int at = slot * FIELDS;
        int type = payloadType | (marker ? MARKER_BIT : 0);
        fields[at + IDENTITY] = sequence << SEQUENCE_SHIFT | (long) type << TYPE_SHIFT;
        fields[at + SENT_NANOS] = nowNanos;
        fields[at + REWRITE] = rewrite;
        fields[at + PAYLOAD] = timestamp << 32 | (long) payloadOffset << 16 | payloadBytes;
        size++;
        while (!holds(lowest)) {
            lowest++;
        }
        return true;
    }

    /** What was put last under this sequence number has not been sent: it waits for {@link #onSent}. */
    public void setWaiting(long sequence) {
        int slot = slot(sequence);
        if (slot >= 0) {
            setRepetitions(slot, NOT_SENT);
        }
    }

    private int repetitions(int slot) {
        return (int) fields[slot * FIELDS + IDENTITY] & BYTE;
    }

    private void setRepetitions(int slot, int repetitions) {
        int at = slot * FIELDS + IDENTITY;
        fields[at] = (fields[at] & ~(long) BYTE) | repetitions;
    }

    /** The slot of a packet that has not been sent, or {@link #NOT_FOUND}. */
    public int waiting(long sequence) {
        int slot = slot(sequence);
        return slot >= 0 && repetitions(slot) == NOT_SENT ? slot : NOT_FOUND;
    }

    /** The slot of a packet, or {@link #NOT_FOUND}. */
    public int slot(long sequence) {
        return size > 0 && holds(sequence) ? (int) sequence & (buffers.length - 1) : NOT_FOUND;
    }

    /** A packet that waited has been sent. */
    public void onSent(int slot, long nowNanos) {
        setRepetitions(slot, 0);
        fields[slot * FIELDS + SENT_NANOS] = nowNanos;
    }

    /** Lets go of a packet. */
    public void forget(long sequence) {
        int slot = slot(sequence);
        if (slot >= 0) {
            evict(slot);
            while (size > 0 && !holds(lowest)) {
                lowest++;
            }
        }
    }

    /**
     * A packet to be sent again although nobody asked: one after the other from the newest back, of a few neighbours the
     * largest.
     *
     * @return a slot for the accessors, or {@link #NOT_FOUND}
     */
    public int padding(long nowNanos) {
        if (size == 0) {
            return NOT_FOUND;
        }
        if (paddingSequence < lowest || paddingSequence > highest) {
            paddingSequence = highest;
        }
        int best = NOT_FOUND;
        int found = 0;
        while (found < PADDING_SEARCH && paddingSequence >= lowest) {
            int slot = slot(paddingSequence--);
            if (slot >= 0 && repetitions(slot) != NOT_SENT && nowNanos - sentNanos(slot) < maxAgeNanos) {
                found++;
                best = best < 0 || payloadBytes(slot) > payloadBytes(best) ? slot : best;
            }
        }
        return best;
    }

    /**
     * Looks a packet up that is to be retransmitted now, and notes that it is.
     *
     * @param sequenceNumber outgoing sequence number from a NACK, 16 bits
     * @return a slot for the accessors, valid until the next {@link #put}; or {@link #NOT_FOUND}, {@link #WAITING},
     *     {@link #TOO_SOON} or {@link #EXHAUSTED}
     */
    public int find(int sequenceNumber, long nowNanos) {
        if (size == 0) {
            notFound++;
            return NOT_FOUND;
        }
        long sequence = highest - ((highest - sequenceNumber) & 0xFFFF);
        int slot = (int) sequence & (buffers.length - 1);
        if (!holds(sequence) || nowNanos - sentNanos(slot) >= maxAgeNanos) {
            notFound++;
            return NOT_FOUND;
        }
        int repetitions = repetitions(slot);
        if (repetitions == NOT_SENT) {
            return WAITING;
        }
        if (repetitions > 0 && nowNanos - retransmittedNanos[slot] < repeatNanos) {
            refused++;
            return TOO_SOON;
        }
        if (repetitions == MAX_REPETITIONS) {
            refused++;
            return EXHAUSTED;
        }
        if (retransmittedNanos.length == 0) {
            retransmittedNanos = new long[buffers.length];
        }
        setRepetitions(slot, repetitions + 1);
        retransmittedNanos[slot] = nowNanos;
        retransmissions++;
        return slot;
    }

    /** The received plaintext; retain it to keep it longer than the slot is valid. */
    public PacketBuffer buffer(int slot) {
        PacketBuffer buffer = buffers[slot];
        assert buffer != null;
        return buffer;
    }

    /** Outgoing unwrapped sequence number. */
    public long sequence(int slot) {
        return sequenceOf(fields[slot * FIELDS + IDENTITY]);
    }

    private static long sequenceOf(long identity) {
        return identity >>> SEQUENCE_SHIFT;
    }

    /** Outgoing RTP timestamp, unsigned 32 bits. */
    public long timestamp(int slot) {
        return fields[slot * FIELDS + PAYLOAD] >>> 32;
    }

    /** Outgoing marker bit. */
    public boolean marker(int slot) {
        return (type(slot) & MARKER_BIT) != 0;
    }

    /** Outgoing payload type. */
    public int payloadType(int slot) {
        return type(slot) & ~MARKER_BIT;
    }

    private int type(int slot) {
        return ((int) fields[slot * FIELDS + IDENTITY] >>> TYPE_SHIFT) & BYTE;
    }

    /** Index of the payload in the buffer's array. */
    public int payloadOffset(int slot) {
        return (int) fields[slot * FIELDS + PAYLOAD] >>> 16;
    }

    /** Bytes of payload. */
    public int payloadBytes(int slot) {
        return (int) fields[slot * FIELDS + PAYLOAD] & 0xFFFF;
    }

    /** What the codec's rewriting needs to be repeated. */
    public long rewrite(int slot) {
        return fields[slot * FIELDS + REWRITE];
    }

    /** When it was sent first, or came to wait. */
    public long sentNanos(int slot) {
        return fields[slot * FIELDS + SENT_NANOS];
    }

    /** When the oldest packet gets too old. May be early, never late. */
    public long nextDeadlineNanos() {
        assert size == 0 || holds(lowest);
        return size == 0 ? Deadlines.NEVER : sentNanos((int) lowest & (buffers.length - 1)) + maxAgeNanos;
    }

    /** Lets go of what is too old, so that a paused stream holds no buffers. */
    public void onDeadline(long nowNanos) {
        expire(nowNanos);
    }

    /** Lets go of everything; the history may be used again. */
    public void close() {
        for (int slot = 0; slot < buffers.length; slot++) {
            evict(slot);
        }
        started = false;
    }

    /** Packets kept. */
    public int size() {
        return size;
    }

    /** Packets the ring has room for now. */
    public int capacity() {
        return buffers.length;
    }

    /** Lookups that led to a retransmission. */
    public long retransmissions() {
        return retransmissions;
    }

    /** Lookups refused because the packet had been retransmitted just before, or too often. */
    public long refused() {
        return refused;
    }

    /** Lookups of packets that are not kept. */
    public long notFound() {
        return notFound;
    }

    private boolean holds(long sequence) {
        int slot = (int) sequence & (buffers.length - 1);
        return buffers[slot] != null && sequence(slot) == sequence;
    }

    // Afterwards, unless empty, lowest is held.
    private void expire(long nowNanos) {
        while (size > 0) {
            if (holds(lowest)) {
                int slot = (int) lowest & (buffers.length - 1);
                if (nowNanos - sentNanos(slot) < maxAgeNanos) {
                    return;
                }
                evict(slot);
            }
            lowest++;
        }
    }

    private void evictBelow(long newLowest) {
        long end = Math.min(newLowest, lowest + buffers.length);
        for (long sequence = lowest; sequence < end && size > 0; sequence++) {
            if (holds(sequence)) {
                evict((int) sequence & (buffers.length - 1));
            }
        }
        lowest = Math.max(lowest, newLowest);
    }

    private void evict(int slot) {
        PacketBuffer buffer = buffers[slot];
        if (buffer != null) {
            buffers[slot] = null;
            buffer.release();
            size--;
        }
    }

    private void grow() {
        int capacity = 2 * buffers.length;
        @Nullable PacketBuffer[] oldBuffers = buffers;
        long[] oldFields = fields;
        long[] oldRetransmitted = retransmittedNanos;
        allocate(capacity);
        retransmittedNanos = oldRetransmitted.length == 0 ? oldRetransmitted : new long[capacity];
        for (int old = 0; old < oldBuffers.length; old++) {
            if (oldBuffers[old] != null) {
                int slot = (int) sequenceOf(oldFields[old * FIELDS + IDENTITY]) & (capacity - 1);
                buffers[slot] = oldBuffers[old];
                System.arraycopy(oldFields, old * FIELDS, fields, slot * FIELDS, FIELDS);
                if (oldRetransmitted.length > 0) {
                    retransmittedNanos[slot] = oldRetransmitted[old];
                }
            }
        }
    }
}
