package dev.sfu.core.trace;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A packet as a viewer got it.
 *
 * @param sequence unwrapped
 * @param timestamp as on the wire
 * @param descriptor dependency descriptor, empty without
 */
@SuppressWarnings("ArrayRecordComponent")
record OutgoingPacket(
        SourcePacket source, long sequence, long timestamp, boolean marker, byte[] payload, byte[] descriptor) {

    boolean same(OutgoingPacket other) {
        return sequence == other.sequence && timestamp == other.timestamp && marker == other.marker
                && Arrays.equals(payload, other.payload) && Arrays.equals(descriptor, other.descriptor);
    }

    SourceFrame frame() {
        return source.frame();
    }

    @Override
    public String toString() {
        return "#" + sequence + " " + timestamp + (marker ? " marker" : "") + " from " + frame() + " packet "
                + source.indexInFrame() + " #" + source.sequence() + " " + HexFormat.of().formatHex(descriptor);
    }
}
