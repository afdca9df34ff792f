package dev.sfu.core.pacing;

/**
 * A bounded queue of packets, each known by its stream and a number. Flat arrays; allocated with the first packet,
 * doubled when full. Packets taken out of the middle leave holes that the head skips.
 */
final class PacketQueue {
    private static final int INITIAL_CAPACITY = 32;

    private static final byte HOLE = 0;
    private static final byte DELTA = 1;
    private static final byte KEYFRAME = 2;

    private final int maxPackets;
    private int[] streams = new int[0];
    private long[] packets = new long[0];
    private long[] frames = new long[0];
    private int[] bytes = new int[0];
    private long[] queuedNanos = new long[0];
    private byte[] kinds = new byte[0];

    private int head;
    // Slots from the head on, holes included.
    private int span;
    private int size;
    private int keyframes;
    private long queuedBytes;

    PacketQueue(int maxPackets) {
        this.maxPackets = maxPackets;
    }

    /** Appends; false if it is full. */
    boolean add(int stream, long packet, long frame, boolean keyframe, int packetBytes, long nowNanos) {
        if (size == maxPackets) {
            return false;
        }
        if (span == streams.length) {
            compact(size == 0 ? INITIAL_CAPACITY : size >= span / 2 ? 2 * span : span);
        }
        int slot = slot(span++);
        streams[slot] = stream;
        packets[slot] = packet;
        frames[slot] = frame;
        bytes[slot] = packetBytes;
        queuedNanos[slot] = nowNanos;
        kinds[slot] = keyframe ? KEYFRAME : DELTA;
        size++;
        keyframes += keyframe ? 1 : 0;
        queuedBytes += packetBytes;
        return true;
    }

    private int slot(int rank) {
        int slot = head + rank;
        return slot < streams.length ? slot : slot - streams.length;
    }

    private void compact(int capacity) {
        int newCapacity = Math.min(Math.max(capacity, size), Math.max(maxPackets, INITIAL_CAPACITY));
        int[] newStreams = new int[newCapacity];
        long[] newPackets = new long[newCapacity];
        long[] newFrames = new long[newCapacity];
        int[] newBytes = new int[newCapacity];
        long[] newQueued = new long[newCapacity];
        byte[] newKinds = new byte[newCapacity];
        int count = 0;
        for (int i = 0; i < span; i++) {
            int slot = slot(i);
            if (kinds[slot] != HOLE) {
                newStreams[count] = streams[slot];
                newPackets[count] = packets[slot];
                newFrames[count] = frames[slot];
                newBytes[count] = bytes[slot];
                newQueued[count] = queuedNanos[slot];
                newKinds[count++] = kinds[slot];
            }
        }
        streams = newStreams;
        packets = newPackets;
        frames = newFrames;
        bytes = newBytes;
        queuedNanos = newQueued;
        kinds = newKinds;
        head = 0;
        span = count;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    long queuedBytes() {
        return queuedBytes;
    }

    /** Packets of keyframes. */
    int keyframes() {
        return keyframes;
    }

    /** Slots from the head on; each may be a {@link #hole}. */
    int span() {
        return span;
    }

    boolean hole(int rank) {
        return kinds[slot(rank)] == HOLE;
    }

    boolean keyframe(int rank) {
        return kinds[slot(rank)] == KEYFRAME;
    }

    int stream(int rank) {
        return streams[slot(rank)];
    }

    long packet(int rank) {
        return packets[slot(rank)];
    }

    long frame(int rank) {
        return frames[slot(rank)];
    }

    long queuedNanos(int rank) {
        return queuedNanos[slot(rank)];
    }

    /** Takes a packet out; one at the head takes the holes behind it along, so that rank 0 is never a hole. */
    void remove(int rank) {
        int slot = slot(rank);
        keyframes -= kinds[slot] == KEYFRAME ? 1 : 0;
        kinds[slot] = HOLE;
        size--;
        queuedBytes -= bytes[slot];
        while (span > 0 && kinds[head] == HOLE) {
            head = head + 1 == kinds.length ? 0 : head + 1;
            span--;
        }
    }

    /** Takes out what is of a stream; gives how many packets that were. */
    int drop(int stream, PacerOutput output) {
        int before = size;
        for (int rank = span - 1; rank >= 0; rank--) {
            if (!hole(rank) && stream(rank) == stream) {
                output.drop(stream, packet(rank));
                remove(rank);
            }
        }
        return before - size;
    }

    /** Takes out everything. */
    void clear(PacerOutput output) {
        while (size > 0) {
            output.drop(stream(0), packet(0));
            remove(0);
        }
    }
}
