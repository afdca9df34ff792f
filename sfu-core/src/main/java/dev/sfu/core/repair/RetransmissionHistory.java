package dev.sfu.core.repair;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * The packets sent lately on one outgoing stream, for answering NACKs.
 *
 * <p>Kept is a reference to the received plaintext, which all subscribers share, and the fields that were rewritten for
 * this one: a retransmission repeats the same rewrite. A ring keyed by outgoing sequence number; it starts small and
 * doubles while packets younger than the age bound would be overwritten, so that slow streams stay small. Buffers go
 * back when they are overwritten, too old, or on {@link #close()}.
 */
public final class RetransmissionHistory {
    /** {@link #find}: no such packet is kept. */
    public static final int NOT_FOUND = -1;

    /** {@link #find}: retransmitted less than a round trip ago. */
    public static final int TOO_SOON = -2;

    private static final int INITIAL_CAPACITY = 32;
    private static final int MARKER_BIT = 0x80;

    private final int maxCapacity;
    private final long maxAgeNanos;
    // Nothing before the first packet: many a slot never plays anything that is repeated.
    private @Nullable PacketBuffer[] buffers = {};
    private long[] sequences = {};
    private long[] rewrites = {};
    private long[] sentNanos = {};
    private long[] retransmittedNanos = {};
    private int[] timestamps = {};
    private int[] payloads = {};
    private byte[] types = {};

    private int size;
    private long lowest;
    private long highest;
    private boolean started;
    private long repeatNanos;
    private long retransmissions;
    private long refused;
    private long notFound;

    /**
     * An empty history.
     *
     * @param maxCapacity packets kept at most, a power of two
     * @param maxAgeNanos how long a packet is kept
     * @throws IllegalArgumentException if the capacity is not a power of two
     */
    public RetransmissionHistory(int maxCapacity, long maxAgeNanos) {
        if (Integer.bitCount(maxCapacity) != 1 || maxCapacity > 1 << 15) {
            throw new IllegalArgumentException(
                    maxCapacity + ": retransmission history capacity (expected: a power of two up to 32768)");
        }
        this.maxCapacity = maxCapacity;
        this.maxAgeNanos = maxAgeNanos;
    }

    private void allocate(int capacity) {
        buffers = new @Nullable PacketBuffer[capacity];
        sequences = new long[capacity];
        rewrites = new long[capacity];
        sentNanos = new long[capacity];
        retransmittedNanos = new long[capacity];
        timestamps = new int[capacity];
        payloads = new int[capacity];
        types = new byte[capacity];
    }

    /**
     * The round trip to the receiver. A repetition within three quarters of it is refused: the answer is still under
     * way. Not the whole of it, because the receiver repeats after its own estimate, which may be a little below.
     */
    public void setRttNanos(long nanos) {
        repeatNanos = Math.clamp(nanos, 0, Deadlines.SECOND) * 3 / 4;
    }

    /**
     * Keeps a packet that is being sent; takes a reference of its own to the buffer.
     *
     * @param buffer received plaintext, not to be modified while it is kept
     * @param sequence outgoing unwrapped sequence number, not negative
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
        sequences[slot] = sequence;
        rewrites[slot] = rewrite;
        sentNanos[slot] = nowNanos;
        retransmittedNanos[slot] = Deadlines.NEVER;
        timestamps[slot] = (int) timestamp;
        payloads[slot] = payloadOffset << 16 | payloadBytes;
        types[slot] = (byte) (payloadType | (marker ? MARKER_BIT : 0));
        size++;
        while (!holds(lowest)) {
            lowest++;
        }
        return true;
    }

    /**
     * Looks a packet up that is to be retransmitted now, and notes that it is.
     *
     * @param sequenceNumber outgoing sequence number from a NACK, 16 bits
     * @return a slot for the accessors, valid until the next {@link #put}; or {@link #NOT_FOUND} or {@link #TOO_SOON}
     */
    public int find(int sequenceNumber, long nowNanos) {
        if (size == 0) {
            notFound++;
            return NOT_FOUND;
        }
        long sequence = highest - ((highest - sequenceNumber) & 0xFFFF);
        int slot = (int) sequence & (buffers.length - 1);
        if (!holds(sequence) || nowNanos - sentNanos[slot] >= maxAgeNanos) {
            notFound++;
            return NOT_FOUND;
        }
        long last = retransmittedNanos[slot];
        if (last != Deadlines.NEVER && nowNanos - last < repeatNanos) {
            refused++;
            return TOO_SOON;
        }
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
        return sequences[slot];
    }

    /** Outgoing RTP timestamp, unsigned 32 bits. */
    public long timestamp(int slot) {
        return timestamps[slot] & 0xFFFF_FFFFL;
    }

    /** Outgoing marker bit. */
    public boolean marker(int slot) {
        return (types[slot] & MARKER_BIT) != 0;
    }

    /** Outgoing payload type. */
    public int payloadType(int slot) {
        return types[slot] & 0x7F;
    }

    /** Index of the payload in the buffer's array. */
    public int payloadOffset(int slot) {
        return payloads[slot] >>> 16;
    }

    /** Bytes of payload. */
    public int payloadBytes(int slot) {
        return payloads[slot] & 0xFFFF;
    }

    /** What the codec's rewriting needs to be repeated. */
    public long rewrite(int slot) {
        return rewrites[slot];
    }

    /** When it was sent first. */
    public long sentNanos(int slot) {
        return sentNanos[slot];
    }

    /** When the oldest packet gets too old. May be early, never late. */
    public long nextDeadlineNanos() {
        assert size == 0 || holds(lowest);
        return size == 0 ? Deadlines.NEVER : sentNanos[(int) lowest & (buffers.length - 1)] + maxAgeNanos;
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

    /** Lookups refused because the packet had just been retransmitted. */
    public long refused() {
        return refused;
    }

    /** Lookups of packets that are not kept. */
    public long notFound() {
        return notFound;
    }

    private boolean holds(long sequence) {
        int slot = (int) sequence & (buffers.length - 1);
        return buffers[slot] != null && sequences[slot] == sequence;
    }

    // Afterwards, unless empty, lowest is held.
    private void expire(long nowNanos) {
        while (size > 0) {
            if (holds(lowest)) {
                int slot = (int) lowest & (buffers.length - 1);
                if (nowNanos - sentNanos[slot] < maxAgeNanos) {
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
        long[] oldSequences = sequences;
        long[] oldRewrites = rewrites;
        long[] oldSent = sentNanos;
        long[] oldRetransmitted = retransmittedNanos;
        int[] oldTimestamps = timestamps;
        int[] oldPayloads = payloads;
        byte[] oldTypes = types;
        allocate(capacity);
        for (int old = 0; old < oldBuffers.length; old++) {
            if (oldBuffers[old] != null) {
                int slot = (int) oldSequences[old] & (capacity - 1);
                buffers[slot] = oldBuffers[old];
                sequences[slot] = oldSequences[old];
                rewrites[slot] = oldRewrites[old];
                sentNanos[slot] = oldSent[old];
                retransmittedNanos[slot] = oldRetransmitted[old];
                timestamps[slot] = oldTimestamps[old];
                payloads[slot] = oldPayloads[old];
                types[slot] = oldTypes[old];
            }
        }
    }
}
