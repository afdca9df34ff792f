package dev.sfu.core.simulation;

import java.util.BitSet;

/** A frame that is being put together at the viewer. */
final class VideoFrame {
    long timestamp;
    /** Publisher and simulcast layer. */
    int stream;
    int number;
    int reference;
    int temporalLayer;
    boolean keyframe;
    boolean layerSync;
    int height;
    long captureNanos;
    int tl0PicIdx;
    long completeNanos;
    boolean suspicious;
    private final BitSet received = new BitSet();
    private int packetCount;
    private int packets;
    private long lowest;
    private long highest;

    VideoFrame begin(long newTimestamp, byte[] array, int mark) {
        timestamp = newTimestamp;
        stream = VideoMark.source(array, mark) << 8 | VideoMark.layer(array, mark);
        number = VideoMark.frame(array, mark);
        reference = VideoMark.reference(array, mark);
        temporalLayer = VideoMark.temporalLayer(array, mark);
        keyframe = VideoMark.keyframe(array, mark);
        height = VideoMark.height(array, mark);
        captureNanos = VideoMark.captureNanos(array, mark);
        packetCount = VideoMark.packetCount(array, mark);
        completeNanos = 0;
        suspicious = false;
        received.clear();
        packets = 0;
        lowest = Long.MAX_VALUE;
        highest = Long.MIN_VALUE;
        return this;
    }

    boolean isOf(byte[] array, int mark) {
        return number == VideoMark.frame(array, mark)
                && stream == (VideoMark.source(array, mark) << 8 | VideoMark.layer(array, mark));
    }

    /** Adds a packet; false if it is there already. */
    boolean add(int index, long sequence, long nowNanos) {
        if (received.get(index)) {
            return false;
        }
        received.set(index);
        lowest = Math.min(lowest, sequence);
        highest = Math.max(highest, sequence);
        if (++packets == packetCount) {
            completeNanos = nowNanos;
        }
        return true;
    }

    boolean complete() {
        return packets == packetCount;
    }

    /** Whether its sequence numbers are what its packets need, so that a real receiver knows that it is complete. */
    boolean contiguous() {
        return highest - lowest + 1 == packetCount;
    }
}
