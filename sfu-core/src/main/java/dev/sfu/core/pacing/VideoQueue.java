package dev.sfu.core.pacing;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/**
 * Video that waits, and the frame that is being sent: decides which frames go when there is too much of it.
 *
 * <p>What goes, goes whole: from the oldest frame that may go up to the next keyframe of its stream if one is queued,
 * otherwise all that follows, and then a keyframe has to be asked for. Not dropped are a frame of which a part has been
 * sent, and a keyframe unless another is behind it.
 */
final class VideoQueue {
    /** Video older than this is dropped if a keyframe is queued behind it. */
    static final long MAX_QUEUE_NANOS = 500 * Deadlines.MILLISECOND;

    /**
     * Video older than this is dropped in any case. Then a keyframe has to be asked for, which is as large as what made the queue,
     * often the change of a whole screen: to wait for that is the shorter freeze.
     */
    static final long MAX_STALE_NANOS = 2 * Deadlines.SECOND;

    /** Packets queued at most. */
    static final int MAX_PACKETS = 512;

    private final PacerOutput output;
    private final long maxBytes;
    private final PacketQueue packets = new PacketQueue(MAX_PACKETS);
    /** Filled by {@link #findSuperseded}, by rank. */
    private boolean[] superseded = {};
    private int[] keyframeStreams = {};
    private long[] newestKeyframes = {};
    private int runStream;
    private long runFrame;
    private int runPackets;
    /** When something may be too old. */
    private long dropNanos = Deadlines.NEVER;
    private long droppedPackets;

    VideoQueue(PacerOutput output, long maxBytes) {
        this.output = output;
        this.maxBytes = maxBytes;
    }

    boolean isEmpty() {
        return packets.isEmpty();
    }

    int size() {
        return packets.size();
    }

    long queuedBytes() {
        return packets.queuedBytes();
    }

    long droppedPackets() {
        return droppedPackets;
    }

    /** Of the packet that leaves next. */
    int stream() {
        return packets.stream(0);
    }

    /** Of the packet that leaves next. */
    long frame() {
        return packets.frame(0);
    }

    /** Takes the packet out that leaves next. */
    long poll() {
        long packet = packets.packet(0);
        packets.remove(0);
        return packet;
    }

    /** A packet leaves. */
    void onSent(int stream, long frame) {
        runPackets = stream == runStream && frame == runFrame ? runPackets + 1 : 1;
        runStream = stream;
        runFrame = frame;
    }

    /** How many packets of this frame have left, if it was the last of which one did; otherwise 0. */
    int sentOf(int stream, long frame) {
        return stream == runStream && frame == runFrame ? runPackets : 0;
    }

    /** Appends, and drops what is too much. */
    void add(int stream, long packet, long frame, boolean keyframe, int bytes, long nowNanos) {
        if (!packets.add(stream, packet, frame, keyframe, bytes, nowNanos)) {
            dropOldest(nowNanos);
            if (!packets.add(stream, packet, frame, keyframe, bytes, nowNanos)) {
                // Only a frame that is being sent: the rest of it has no room.
                output.drop(stream, packet);
                droppedPackets++;
                output.onFramesDropped(stream, nowNanos);
            }
        }
        boolean dropped = true;
        while (dropped && packets.queuedBytes() > maxBytes) {
            dropped = dropOldest(nowNanos);
        }
        if (!packets.isEmpty()) {
            // A keyframe makes superfluous what is before it, however long that has waited.
            long oldNanos = keyframe ? packets.queuedNanos(0) + MAX_QUEUE_NANOS : nowNanos + MAX_STALE_NANOS;
            dropNanos = packets.size() == 1 ? oldNanos : Math.min(dropNanos, oldNanos);
        }
    }

    /** When {@link #dropOld} has something to do. */
    long dropNanos() {
        return packets.isEmpty() ? Deadlines.NEVER : dropNanos;
    }

    /** Drops what is too old. */
    void dropOld(long nowNanos) {
        dropNanos = Deadlines.NEVER;
        findSuperseded();
        // What is behind is younger, but may be the first of its stream, or superseded.
        for (int rank = 0; rank < packets.span() && packets.queuedNanos(rank) + MAX_QUEUE_NANOS < dropNanos; rank++) {
            if (packets.hole(rank)) {
                continue;
            }
            if (inTransmission(rank)) {
                // Its rest stays, unless another frame comes between.
                dropNanos = Math.min(dropNanos, Math.max(packets.queuedNanos(rank), nowNanos) + MAX_QUEUE_NANOS);
                continue;
            }
            if (!superseded[rank] && packets.keyframe(rank)) {
                continue;
            }
            long oldNanos = packets.queuedNanos(rank) + (superseded[rank] ? MAX_QUEUE_NANOS : MAX_STALE_NANOS);
            if (oldNanos > nowNanos) {
                dropNanos = Math.min(dropNanos, oldNanos);
            } else {
                int span = packets.span();
                dropFrames(rank, nextKeyframe(rank), nowNanos);
                findSuperseded();
                rank = Math.max(-1, rank - (span - packets.span()));
            }
        }
    }

    /** Drops what is queued of a stream before its keyframe, which makes it superfluous; not what follows a late packet's. */
    void makeWay(int stream, long keyframe) {
        for (int rank = packets.span() - 1; rank >= 0; rank--) {
            if (!packets.hole(rank) && packets.stream(rank) == stream && packets.frame(rank) < keyframe) {
                dropAt(rank);
            }
        }
    }

    /** Gives up what is queued of a stream. */
    void drop(int stream) {
        droppedPackets += packets.drop(stream, output);
    }

    /** Gives up all that is queued. */
    void clear() {
        packets.clear(output);
    }

    private boolean dropOldest(long nowNanos) {
        int victim = firstDroppable();
        if (victim >= 0) {
            dropFrames(victim, nextKeyframe(victim), nowNanos);
        }
        return victim >= 0;
    }

    /** Drops the frame of this rank and what follows of its stream up to the next keyframe, whose rank is given, or -1. */
    private void dropFrames(int victim, int keyframe, long nowNanos) {
        int stream = packets.stream(victim);
        int end = keyframe < 0 ? packets.span() : keyframe;
        // From the end, so that the ranks before stay what they are.
        for (int rank = end - 1; rank >= victim; rank--) {
            if (!packets.hole(rank) && packets.stream(rank) == stream) {
                dropAt(rank);
            }
        }
        if (keyframe < 0) {
            output.onFramesDropped(stream, nowNanos);
        }
    }

    private void dropAt(int rank) {
        if (!inTransmission(rank)) {
            output.drop(packets.stream(rank), packets.packet(rank));
            droppedPackets++;
            packets.remove(rank);
        }
    }

    private int firstDroppable() {
        boolean found = false;
        for (int rank = 0; rank < packets.span(); rank++) {
            if (packets.hole(rank) || inTransmission(rank)) {
                continue;
            }
            if (!packets.keyframe(rank)) {
                return rank;
            }
            if (!found) {
                found = true;
                findSuperseded();
            }
            if (superseded[rank]) {
                return rank;
            }
        }
        return -1;
    }

    /**
     * Finds out which packets have a keyframe of their stream behind their frame. In one pass: a queue may be full of keyframes, of
     * which none may be dropped, and each packet that comes asks anew.
     */
    private void findSuperseded() {
        if (superseded.length < packets.span()) {
            superseded = new boolean[MAX_PACKETS];
        }
        int streams = 0;
        for (int rank = packets.span() - 1; rank >= 0; rank--) {
            superseded[rank] = false;
            if (packets.keyframes() == 0 || packets.hole(rank)) {
                continue;
            }
            int stream = packets.stream(rank);
            long frame = packets.frame(rank);
            int at = 0;
            while (at < streams && keyframeStreams[at] != stream) {
                at++;
            }
            superseded[rank] = at < streams && newestKeyframes[at] > frame;
            if (packets.keyframe(rank)) {
                if (at == streams) {
                    streams = noteStream(streams, stream, frame);
                }
                newestKeyframes[at] = Math.max(newestKeyframes[at], frame);
            }
        }
    }

    private int noteStream(int streams, int stream, long frame) {
        if (streams == keyframeStreams.length) {
            keyframeStreams = Arrays.copyOf(keyframeStreams, Math.max(4, 2 * streams));
            newestKeyframes = Arrays.copyOf(newestKeyframes, keyframeStreams.length);
        }
        keyframeStreams[streams] = stream;
        newestKeyframes[streams] = frame;
        return streams + 1;
    }

    private boolean inTransmission(int rank) {
        return sentOf(packets.stream(rank), packets.frame(rank)) > 0;
    }

    /** Rank of the first packet of the stream's next keyframe behind the frame of this rank; -1 if there is none. */
    private int nextKeyframe(int of) {
        if (packets.keyframes() == 0) {
            return -1;
        }
        int stream = packets.stream(of);
        long frame = packets.frame(of);
        for (int rank = of + 1; rank < packets.span(); rank++) {
            if (!packets.hole(rank)
                    && packets.keyframe(rank)
                    && packets.stream(rank) == stream
                    && packets.frame(rank) > frame) {
                return rank;
            }
        }
        return -1;
    }
}
