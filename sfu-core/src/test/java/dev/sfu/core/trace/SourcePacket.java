package dev.sfu.core.trace;

/**
 * A packet of a source as it was sent.
 *
 * @param indexInFrame from 0
 * @param sequence unwrapped
 * @param timestamp unwrapped
 */
@SuppressWarnings("ArrayRecordComponent")
public record SourcePacket(
        SourceFrame frame,
        int indexInFrame,
        long sequence,
        long timestamp,
        boolean marker,
        byte[] payload,
        byte[] descriptor) {

    /** Index of its stream among those of the source. */
    public int stream() {
        return frame.stream().number;
    }

    /** Whether no receiver can expect more of the frame: it is its last packet, and says so. Browsers leave some unfinished. */
    boolean endsFrame() {
        boolean last = indexInFrame == frame.traced().packets.size() - 1;
        boolean described = descriptor.length > 0 && (descriptor[0] & 0x40) != 0;
        return last && (marker || described || PayloadFields.of(frame.stream().codec(), payload).end);
    }
}
