package dev.sfu.core.trace;

import dev.sfu.core.codec.Codec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays a recorded stream for ever: from time to time, and at its end, it goes on at another of its keyframes, with all numbers
 * continuous. Where they begin is random and often just below a wrap.
 */
final class StreamPlayer {
    private static final long TICKS_PER_FRAME = 3000;
    /** One keyframe in so many pictures, besides those recorded. */
    private static final int JUMP_ONE_IN = 150;
    private static final int RECENT = 1 << 12;

    final TraceSource source;
    final int number;
    private final TracedStream stream;
    private final boolean narrow;
    private final Random random;
    private final int viewers;
    private final @Nullable SourceFrame[] played;
    private final @Nullable SourceFrame[] recent = new SourceFrame[RECENT];
    private long frames;

    private int frameIndex;
    private int packetIndex;
    private long sequence;
    private long ticks;
    private long line;
    private int pictureIdOffset;
    private int tl0Offset;
    private int frameOffset;
    private long lastTimestamp;
    private int lastPictureId;
    private int lastTl0;
    private int lastFrame;
    private long lastDueMicros = Long.MIN_VALUE;
    private @Nullable SourceFrame current;

    StreamPlayer(TraceSource source, int number, TracedStream stream, boolean narrow, int viewers, Random random) {
        this.source = source;
        this.number = number;
        this.stream = stream;
        this.narrow = narrow;
        this.viewers = viewers;
        this.random = random;
        played = new SourceFrame[stream.frames.size()];
        sequence = nearWrap(1 << 16, 300);
        lastTimestamp = nearWrap(1L << 32, 90_000 * 20);
        lastPictureId = (int) nearWrap(1 << 15, 100);
        lastTl0 = random.nextInt(256);
        lastFrame = (int) nearWrap(1 << 16, 200);
        enter(stream.keys[0]);
    }

    private long nearWrap(long cycle, int within) {
        return random.nextBoolean() ? cycle - 1 - random.nextInt(within) : random.nextLong(cycle);
    }

    TracedStream stream() {
        return stream;
    }

    /** Goes on at a keyframe of the recording. */
    private void enter(int key) {
        frameIndex = key;
        packetIndex = 0;
        TracedFrame frame = stream.frames.get(key);
        long wanted = lastTimestamp + TICKS_PER_FRAME - frame.timestamp();
        // Nine ticks are a hundred microseconds: then the line between timestamp and time is kept exactly.
        ticks = wanted + Math.floorMod(-wanted, 9L);
        while (nextDueMicros() <= lastDueMicros) {
            ticks += 3 * TICKS_PER_FRAME;
        }
        LayerTrace.Packet first = frame.first();
        PayloadFields fields = frame.fields;
        if (fields.pictureIdAt >= 0) {
            pictureIdOffset = lastPictureId + 1 - fields.pictureId(first.head());
        }
        if (fields.tl0At >= 0) {
            tl0Offset = lastTl0 + 1 - fields.tl0(first.head());
        }
        if (frame.dependencies != null) {
            frameOffset = lastFrame + 1 - frame.dependencies.frame();
        }
        Arrays.fill(played, null);
    }

    /** Sets what time of the recording is the source's time zero. */
    void begin(long recordedMicros) {
        line = -recordedMicros - ticks / 9 * 100;
        lastDueMicros = -1;
    }

    private long shiftMicros() {
        return ticks / 9 * 100 + line;
    }

    long nextDueMicros() {
        return shiftMicros() + stream.frames.get(frameIndex).packets.get(packetIndex).arrivalMicros();
    }

    /** When a frame of this play was captured, for a sender report, in microseconds of the source's time. */
    long capturedMicros(SourceFrame frame) {
        return stream.capturedMicros(frame.traced()) + shiftMicros();
    }

    SourcePacket next() {
        TracedFrame frame = stream.frames.get(frameIndex);
        LayerTrace.Packet packet = frame.packets.get(packetIndex);
        lastDueMicros = nextDueMicros();
        if (packetIndex == 0) {
            current = new SourceFrame(this, frame, frames, sequence, needs(frame), viewers);
            played[frameIndex] = current;
            recent[(int) frames++ & (RECENT - 1)] = current;
        }
        lastTimestamp = packet.timestamp() + ticks;
        byte[] descriptor = packet.descriptor().clone();
        if (descriptor.length > 0) {
            Dependencies dependencies = frame.dependencies;
            lastFrame = ((dependencies == null ? 0 : dependencies.frame()) + frameOffset) & 0xFFFF;
            descriptor[1] = (byte) (lastFrame >> 8);
            descriptor[2] = (byte) lastFrame;
        }
        SourcePacket sent = source.remember(
                Objects.requireNonNull(current), packetIndex, sequence++, lastTimestamp, packet.marker(),
                payload(packet), descriptor);
        advance(frame);
        return sent;
    }

    private SourceFrame[] needs(TracedFrame frame) {
        List<SourceFrame> needs = new ArrayList<>();
        for (int need : frame.needs) {
            SourceFrame earlier = played[need];
            if (earlier == null) {
                throw new IllegalStateException(this + ": frame " + frame.index + " refers to frame " + need
                        + ", from before the keyframe where it began");
            }
            needs.add(earlier);
        }
        return needs.toArray(SourceFrame[]::new);
    }

    private byte[] payload(LayerTrace.Packet packet) {
        byte[] payload = Arrays.copyOf(packet.head(), packet.head().length + TraceSource.TAIL_BYTES);
        PayloadFields fields = PayloadFields.of(stream.codec, packet.head());
        if (fields.tl0At >= 0) {
            lastTl0 = (fields.tl0(payload) + tl0Offset) & 0xFF;
            payload[fields.tl0At] = (byte) lastTl0;
        }
        if (fields.pictureIdAt < 0) {
            return payload;
        }
        lastPictureId = (fields.pictureId(payload) + pictureIdOffset) & fields.pictureIdMask();
        fields.putPictureId(payload, lastPictureId);
        if (!narrow || !fields.wide) {
            return payload;
        }
        byte[] shorter = new byte[payload.length - 1];
        int at = fields.pictureIdAt;
        System.arraycopy(payload, 0, shorter, 0, at);
        System.arraycopy(payload, at + 1, shorter, at, shorter.length - at);
        shorter[at] &= 0x7F;
        return shorter;
    }

    private void advance(TracedFrame frame) {
        if (++packetIndex < frame.packets.size()) {
            return;
        }
        packetIndex = 0;
        frameIndex++;
        boolean ended = frameIndex == stream.frames.size();
        boolean pictureEnds = ended || stream.frames.get(frameIndex).timestamp() != frame.timestamp();
        if (ended || (pictureEnds && random.nextInt(JUMP_ONE_IN) == 0)) {
            enter(stream.keys[random.nextInt(stream.keys.length)]);
        }
    }

    /** Packets of disturbed frames with numbers between two. */
    int disturbedBetween(long after, long before) {
        int count = 0;
        for (SourceFrame frame : recent) {
            count += frame == null ? 0 : frame.disturbedBetween(after, before);
        }
        return count;
    }

    /** Looks at the frames between two that were forwarded: those of decode targets told to be active must not be left out. */
    void checkLeftOut(SourceFrame from, SourceFrame to, int viewer, int told, Consumer<SourceFrame> violation) {
        for (long ordinal = from.ordinal() + 1; ordinal < to.ordinal(); ordinal++) {
            SourceFrame left = recent[(int) ordinal & (RECENT - 1)];
            if (left == null || left.ordinal() != ordinal || left.traced().key) {
                return;
            }
            Dependencies dependencies = left.traced().dependencies;
            boolean sent = left.fate(viewer) != SourceFrame.Fate.NONE;
            if (dependencies != null && !sent && !left.disturbed() && !left.lacks(viewer) && (dependencies.presentIn() & told) != 0) {
                violation.accept(left);
            }
        }
    }

    /** Whether layers above a frame, in its picture, are spoilt by the network. */
    boolean spoiltAbove(SourceFrame frame, int viewer) {
        for (long ordinal = frame.ordinal() + 1; ordinal < frames; ordinal++) {
            SourceFrame above = recent[(int) ordinal & (RECENT - 1)];
            if (above == null || above.traced().timestamp() != frame.traced().timestamp()) {
                return false;
            }
            if (above.disturbed() || above.lacks(viewer)) {
                return true;
            }
        }
        return false;
    }

    Codec codec() {
        return stream.codec;
    }

    @Override
    public String toString() {
        return source + " stream " + number;
    }
}
