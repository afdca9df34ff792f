package dev.sfu.core.rtcp;

import java.util.List;

/**
 * Sources that leave (RFC 3550 section 6.6).
 *
 * @param ssrcs at most 31; may be empty, which says nothing
 * @param reason at most 255 bytes of UTF-8; empty if none was given
 */
public record Goodbye(List<Integer> ssrcs, String reason) implements RtcpPacket {
    /** Copies the list. */
    public Goodbye {
        ssrcs = List.copyOf(ssrcs);
    }
}
