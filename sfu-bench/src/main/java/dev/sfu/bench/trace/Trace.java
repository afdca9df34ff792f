package dev.sfu.bench.trace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RTP packets of one publisher in the order in which they left it, to be played in a loop.
 *
 * @param name for the report
 * @param streams the encodings that the packets belong to
 * @param packets in order of departure; the first one of each video stream starts a keyframe, so that playing may start
 *     or jump there
 * @param tailMicros from the last packet to the first one of the next round
 */
public record Trace(String name, List<Stream> streams, List<Packet> packets, int tailMicros) {
    /**
     * One encoding.
     *
     * @param codec encoding name as in SDP: {@code VP8}, {@code VP9}, {@code H264}, {@code AV1}, {@code opus}
     * @param clockRateHz ticks of its timestamps per second
     * @param rid simulcast identifier, or null; streams of one simulcast track follow each other
     */
    public record Stream(String codec, int clockRateHz, @Nullable String rid) {
        /** Whether it is sound. */
        public boolean audio() {
            return codec.equalsIgnoreCase("opus");
        }
    }

    /**
     * One packet.
     *
     * @param stream index into {@link Trace#streams}
     * @param deltaMicros since the packet before, of whatever stream; 0 within a burst
     * @param payloadBytes without header, extensions and padding
     * @param marker the marker bit
     * @param timestampTicks since the first packet of the stream
     * @param keyframeStart whether a decoder can start with this packet
     * @param head the first payload bytes: payload descriptor and start of the frame header, at most {@code payloadBytes}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Packet(
            int stream,
            int deltaMicros,
            int payloadBytes,
            boolean marker,
            long timestampTicks,
            boolean keyframeStart,
            byte[] head) {}

    /** Copies the lists. */
    public Trace {
        streams = List.copyOf(streams);
        packets = List.copyOf(packets);
    }

    /** How long one round takes. */
    public long durationMicros() {
        return tailMicros + packets.stream().mapToLong(Packet::deltaMicros).sum();
    }
}
