package dev.sfu.core.trace;

import dev.sfu.core.codec.Codec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One stream of a trace from its first keyframe on, and what its frames refer to. */
final class TracedStream {
    final Codec codec;
    final List<TracedFrame> frames = new ArrayList<>();
    /** Indexes of the frames to begin at. */
    final int[] keys;
    private final List<LayerTrace.Clock> clocks = new ArrayList<>();

    TracedStream(LayerTrace trace, int stream) {
        codec = trace.codec();
        Dependencies.Structure structure = null;
        TracedFrame frame = null;
        int number = -1;
        for (LayerTrace.Entry entry : trace.entries()) {
            if (entry.stream() != stream) {
                continue;
            }
            if (entry instanceof LayerTrace.Clock clock) {
                clocks.add(clock);
                continue;
            }
            LayerTrace.Packet packet = (LayerTrace.Packet) entry;
            PayloadFields fields = PayloadFields.of(codec, packet.head());
            Dependencies dependencies =
                    packet.descriptor().length == 0 ? null : Dependencies.read(packet.descriptor(), structure);
            if (packet.descriptor().length > 0 && dependencies == null) {
                // Before the first keyframe.
                continue;
            }
            structure = dependencies == null ? null : dependencies.structure();
            boolean same = frame != null && frame.timestamp() == packet.timestamp()
                    && (dependencies == null ? frame.spatial == fields.spatial : number == dependencies.frame());
            number = dependencies == null ? -1 : dependencies.frame();
            if (!same) {
                boolean key = dependencies == null ? packet.keyframeStart() : dependencies.brings();
                frame = frames.isEmpty() && !key ? null : new TracedFrame(frames.size(), fields, dependencies, key);
                if (frame != null) {
                    frames.add(frame);
                }
            }
            if (frame != null) {
                frame.packets.add(packet);
            }
        }
        if (!frames.isEmpty()) {
            // The recording may have ended within a picture.
            long last = frames.getLast().timestamp();
            frames.removeIf(cut -> cut.timestamp() == last);
        }
        for (TracedFrame each : frames) {
            each.needs = needs(each);
        }
        keys = frames.stream().filter(each -> each.key).mapToInt(each -> each.index).toArray();
    }

    /** When a frame was captured, in microseconds of the recorder's clock. */
    long capturedMicros(TracedFrame frame) {
        LayerTrace.Clock best = clocks.getFirst();
        for (LayerTrace.Clock clock : clocks) {
            if ((int) (clock.timestamp() - frame.timestamp()) <= 0) {
                best = clock;
            }
        }
        return best.capturedMicros() + (int) (frame.timestamp() - best.timestamp()) * 100L / 9;
    }

    boolean hasClocks() {
        return !clocks.isEmpty();
    }

    private int[] needs(TracedFrame frame) {
        Dependencies dependencies = frame.dependencies;
        List<TracedFrame> needs = new ArrayList<>();
        if (dependencies != null) {
            for (int difference : dependencies.differences()) {
                needs.add(before(frame, earlier -> earlier.dependencies != null
                        && (short) (dependencies.frame() - difference - earlier.dependencies.frame()) == 0));
            }
        } else if (frame.key) {
            return new int[0];
        } else if (frame.fields.flexible) {
            int id = frame.fields.pictureId(frame.first().head());
            int mask = frame.fields.pictureIdMask();
            for (int difference : frame.fields.differences) {
                needs.add(before(frame, earlier -> earlier.spatial == frame.spatial
                        && earlier.fields.pictureId(earlier.first().head()) == ((id - difference) & mask)));
            }
        } else {
            needByLayers(frame, needs);
        }
        if (dependencies == null && frame.fields.interLayer) {
            needs.add(before(frame, earlier -> earlier.timestamp() == frame.timestamp()
                    && earlier.spatial == frame.spatial - 1));
        }
        return needs.stream().mapToInt(need -> need.index).toArray();
    }

    /**
     * Without references told: the latest frame of every temporal layer up to its own, unless a switching point says that it is
     * not needed. VP8's Y bit: the base layer is enough. VP9's U bit: nothing above that picture's layer from before it.
     */
    private void needByLayers(TracedFrame frame, List<TracedFrame> needs) {
        if (!frame.fields.interPicture) {
            return;
        }
        boolean[] found = new boolean[8];
        int top = codec == Codec.VP8 && frame.fields.upSwitch ? 0 : frame.temporal;
        for (int i = frame.index - 1; i >= 0; i--) {
            TracedFrame earlier = frames.get(i);
            if (earlier.timestamp() == frame.timestamp() || earlier.spatial != frame.spatial) {
                continue;
            }
            if (earlier.temporal <= top && !found[earlier.temporal]) {
                needs.add(earlier);
                found[earlier.temporal] = true;
            }
            if (codec == Codec.VP9 && earlier.fields.upSwitch) {
                top = Math.min(top, earlier.temporal);
            }
            if (earlier.key || !earlier.fields.interPicture) {
                return;
            }
        }
    }

    private interface Test {
        boolean passes(TracedFrame frame);
    }

    private TracedFrame before(TracedFrame frame, Test test) {
        for (int i = frame.index - 1; i >= 0; i--) {
            if (test.passes(frames.get(i))) {
                return frames.get(i);
            }
        }
        throw new IllegalStateException("frame " + frame.index + " of " + codec + " refers to one that is not there");
    }

    @Override
    public String toString() {
        return codec + ": " + frames.size() + " frames, keys " + Arrays.toString(keys);
    }

    static @Nullable TracedStream ofUsable(LayerTrace trace, int stream) {
        TracedStream traced = new TracedStream(trace, stream);
        return traced.keys.length > 0 && traced.hasClocks() ? traced : null;
    }
}
