package dev.sfu.core.rtcp;

import java.util.List;

/**
 * Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 section 2.2).
 *
 * @param senderSsrc who estimates
 * @param bitrateBps bits per second for all the streams together; {@link Long#MAX_VALUE} stands for anything larger
 * @param ssrcs the streams that share the bitrate, at most 255
 */
public record Remb(int senderSsrc, long bitrateBps, List<Integer> ssrcs) implements RtcpPacket {
    /** The bytes {@code REMB} that mark this among application layer feedback. */
    static final int IDENTIFIER = 0x52454D42;

    /** Copies the list. */
    public Remb {
        ssrcs = List.copyOf(ssrcs);
    }
}
