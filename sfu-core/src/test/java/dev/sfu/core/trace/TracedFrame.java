package dev.sfu.core.trace;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A frame of a recorded stream: its packets, and the frames before it that a decoder must have. */
final class TracedFrame {
    final int index;
    final List<LayerTrace.Packet> packets = new ArrayList<>();
    final PayloadFields fields;
    final @Nullable Dependencies dependencies;
    final boolean key;
    final int spatial;
    final int temporal;
    /** Indexes of frames of the same stream. */
    int[] needs = {};

    TracedFrame(int index, PayloadFields fields, @Nullable Dependencies dependencies, boolean key) {
        this.index = index;
        this.fields = fields;
        this.dependencies = dependencies;
        this.key = key;
        this.spatial = dependencies == null ? fields.spatial : dependencies.spatial();
        this.temporal = dependencies == null ? fields.temporal : dependencies.temporal();
    }

    LayerTrace.Packet first() {
        return packets.getFirst();
    }

    long timestamp() {
        return first().timestamp();
    }
}
