package dev.sfu.core.rtcp;

import java.util.List;

/**
 * Full intra request (RFC 5104 section 4.3.1). The media SSRC of the header is unused; the streams are in the entries.
 *
 * @param senderSsrc who asks
 * @param entries one for each stream
 */
public record FullIntraRequest(int senderSsrc, List<Entry> entries) implements RtcpPacket {
    /**
     * One stream that should produce a keyframe.
     *
     * @param ssrc the stream
     * @param commandSequence 0 to 255; the same number again is a repetition, not a new request
     */
    public record Entry(int ssrc, int commandSequence) {}

    /** Copies the list. */
    public FullIntraRequest {
        entries = List.copyOf(entries);
    }
}
