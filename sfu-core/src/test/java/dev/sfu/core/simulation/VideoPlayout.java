package dev.sfu.core.simulation;

import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * From packets to pictures: frames wait until they are complete, what they refer to is decoded and their time has come.
 * What a frame refers to is known from the mark in its packets, so that a frame that the headers call decodable and
 * that is not is found out.
 */
public final class VideoPlayout {
    private static final int REMEMBERED = 512;
    private static final int MAX_FRAMES = 600;
    private static final int DELAY_BUCKETS = 1000;
    private static final long DELAY_BUCKET_NANOS = 10 * Deadlines.MILLISECOND;

    private final VirtualTime time;
    private final List<String> faults;
    private final Runnable onShown;
    private final List<VideoFrame> frames = new ArrayList<>();
    private final ArrayDeque<VideoFrame> idle = new ArrayDeque<>();
    private final long[] decoded = new long[REMEMBERED];
    private final PlayoutDelay delay = new PlayoutDelay();
    private final FreezeMeter freezes = new FreezeMeter();
    private final VirtualTime.Alarm alarm = new VirtualTime.Alarm(now -> play(now));
    private final long[] delays = new long[DELAY_BUCKETS];
    private int[] framesBySecond = new int[64];
    private int[] heightBySecond = new int[64];
    private boolean keyframeRequired = true;
    private long lastTimestamp = Long.MIN_VALUE;
    private int lastStream = -1;
    private int lastTl0PicIdx = -1;
    private long shown;
    private long keyframesShown;
    private long skipped;
    private int layerSwitches;
    private long firstShownNanos = -1;
    private long sourceSinceNanos;

    VideoPlayout(VirtualTime time, List<String> faults, Runnable onShown) {
        this.time = time;
        this.faults = faults;
        this.onShown = onShown;
        Arrays.fill(decoded, -1);
    }

    void stop() {
        time.set(alarm, Deadlines.NEVER);
    }

    /** Nothing is shown until a keyframe can be. */
    void requireKeyframe() {
        keyframeRequired = true;
    }

    /** Adds a packet; false if it came too late or twice. */
    boolean onPacket(long timestamp, long sequence, byte[] array, int mark, Vp8Descriptor vp8, long now) {
        if (timestamp <= lastTimestamp) {
            return false;
        }
        VideoFrame frame = frameAt(timestamp, array, mark);
        if (!frame.isOf(array, mark)) {
            fault("packet " + sequence + ": two frames with one timestamp");
            return false;
        }
        frame.layerSync = vp8.layerSync();
        frame.tl0PicIdx = vp8.tl0PicIdx();
        if (!frame.add(VideoMark.packetIndex(array, mark), sequence, now)) {
            return false;
        }
        if (frame.complete()) {
            if (!frame.contiguous()) {
                fault("frame at packet " + sequence + ": sequence numbers not contiguous");
            }
            delay.onComplete(mediaNanos(frame), now);
            play(now);
        }
        return true;
    }

    private static long mediaNanos(VideoFrame frame) {
        return frame.timestamp * 100_000 / 9;
    }

    private VideoFrame frameAt(long timestamp, byte[] array, int mark) {
        int at = frames.size();
        while (at > 0 && frames.get(at - 1).timestamp > timestamp) {
            at--;
        }
        if (at > 0 && frames.get(at - 1).timestamp == timestamp) {
            return frames.get(at - 1);
        }
        VideoFrame recycled = idle.pollLast();
        VideoFrame frame = (recycled == null ? new VideoFrame() : recycled).begin(timestamp, array, mark);
        frames.add(at, frame);
        if (frames.size() > MAX_FRAMES) {
            idle.addLast(frames.removeFirst());
            skipped++;
        }
        return frame;
    }

    /** Shows what is due and can be decoded, oldest first. */
    private void play(long now) {
        while (true) {
            int next = nextDecodable();
            if (next < 0) {
                time.set(alarm, Deadlines.NEVER);
                return;
            }
            VideoFrame frame = frames.get(next);
            long due = delay.renderNanos(mediaNanos(frame));
            if (due > now) {
                time.set(alarm, due);
                return;
            }
            for (int i = 0; i < next; i++) {
                idle.addLast(frames.get(i));
                skipped++;
            }
            frames.subList(0, next + 1).clear();
            show(frame, now);
            idle.addLast(frame);
        }
    }

    private int nextDecodable() {
        for (int i = 0; i < frames.size(); i++) {
            VideoFrame frame = frames.get(i);
            if (frame.complete() && isDecodable(frame)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isDecodable(VideoFrame frame) {
        if (frame.keyframe) {
            return true;
        }
        if (keyframeRequired) {
            return false;
        }
        boolean truly = decoded[frame.reference & (REMEMBERED - 1)] == key(frame.stream, frame.reference);
        if (!truly && !frame.suspicious && headersSayDecodable(frame)) {
            frame.suspicious = true;
            fault("frame " + frame.number + " of layer " + (frame.stream & 0xFF) + ": TL0PICIDX " + frame.tl0PicIdx
                    + " follows " + lastTl0PicIdx + ", but what it refers to was not decoded");
        }
        return truly;
    }

    /** As a receiver judges by TL0PICIDX: base layer frames follow each other, others go with the latest of them. */
    private boolean headersSayDecodable(VideoFrame frame) {
        if (lastTl0PicIdx < 0) {
            return false;
        }
        return frame.temporalLayer == 0
                ? frame.tl0PicIdx == ((lastTl0PicIdx + 1) & 0xFF)
                : frame.layerSync && frame.tl0PicIdx == lastTl0PicIdx;
    }

    private static long key(int stream, int number) {
        return (long) stream << 32 | number;
    }

    private void show(VideoFrame frame, long now) {
        keyframeRequired = false;
        decoded[frame.number & (REMEMBERED - 1)] = key(frame.stream, frame.number);
        if (frame.temporalLayer == 0) {
            lastTl0PicIdx = frame.tl0PicIdx;
        }
        boolean sameSource = lastStream >= 0 && lastStream >> 8 == frame.stream >> 8;
        if (!sameSource) {
            sourceSinceNanos = now;
        }
        layerSwitches += sameSource && lastStream != frame.stream ? 1 : 0;
        lastStream = frame.stream;
        lastTimestamp = frame.timestamp;
        shown++;
        keyframesShown += frame.keyframe ? 1 : 0;
        if (firstShownNanos < 0) {
            firstShownNanos = now;
        }
        freezes.onRendered(now);
        delays[(int) Math.min(DELAY_BUCKETS - 1, (now - frame.captureNanos) / DELAY_BUCKET_NANOS)]++;
        int second = (int) ((now - VirtualTime.ORIGIN_NANOS) / Deadlines.SECOND);
        if (second >= framesBySecond.length) {
            framesBySecond = Arrays.copyOf(framesBySecond, 2 * second);
            heightBySecond = Arrays.copyOf(heightBySecond, 2 * second);
        }
        framesBySecond[second]++;
        heightBySecond[second] = Math.max(heightBySecond[second], frame.height);
        onShown.run();
    }

    private void fault(String what) {
        if (faults.size() < 10) {
            faults.add(what);
        }
    }

    // ---- what was shown ---------------------------------------------------------------------------------------------

    /** The number of the browser that is shown, or -1. */
    public int source() {
        return lastStream < 0 ? -1 : lastStream >> 8;
    }

    /** Since when it is. */
    public double sourceSinceSeconds() {
        return (sourceSinceNanos - VirtualTime.ORIGIN_NANOS) / (double) Deadlines.SECOND;
    }

    /** Frames shown. */
    public long shown() {
        return shown;
    }

    /** Keyframes among them. */
    public long keyframesShown() {
        return keyframesShown;
    }

    /** Frames that were not shown because a later one was, whether they had been complete or not. */
    public long skipped() {
        return skipped;
    }

    /** Changes of the simulcast layer of one publisher. */
    public int layerSwitches() {
        return layerSwitches;
    }

    /** The simulcast layer shown last, 0 the smallest, or -1. */
    public int layer() {
        return lastStream < 0 ? -1 : lastStream & 0xFF;
    }

    /** Freezes so far, as webrtc-stats counts them. */
    public int freezes() {
        return freezes.freezes(time.nowNanos());
    }

    /** Seconds frozen so far. */
    public double frozenSeconds() {
        return freezes.frozenNanos(time.nowNanos()) / (double) Deadlines.SECOND;
    }

    /** Seconds of the longest freeze so far. */
    public double longestFreezeSeconds() {
        return freezes.longestNanos(time.nowNanos()) / (double) Deadlines.SECOND;
    }

    /** When the first frame was shown, seconds since the beginning, or a negative number. */
    public double firstShownSeconds() {
        return firstShownNanos < 0 ? -1 : (firstShownNanos - VirtualTime.ORIGIN_NANOS) / (double) Deadlines.SECOND;
    }

    /** Frames shown in one second. */
    public int frames(int second) {
        return second < framesBySecond.length ? framesBySecond[second] : 0;
    }

    /** The largest height shown in one second; 0 if nothing was. */
    public int height(int second) {
        return second < heightBySecond.length ? heightBySecond[second] : 0;
    }

    /** The delay from capture to screen that this share of frames did not exceed, milliseconds, in steps of ten. */
    public double delayMillis(double share) {
        long wanted = (long) Math.ceil(share * shown);
        long seen = 0;
        for (int i = 0; i < DELAY_BUCKETS; i++) {
            seen += delays[i];
            if (seen >= wanted) {
                return (i + 1) * DELAY_BUCKET_NANOS / (double) Deadlines.MILLISECOND;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    /** What the jitter buffer adds now, milliseconds. */
    public double jitterBufferMillis() {
        return delay.jitterNanos() / (double) Deadlines.MILLISECOND;
    }
}
