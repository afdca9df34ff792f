package dev.sfu.core.bwe;

import java.util.Arrays;

/**
 * Which transport-wide sequence number a packet of a stream was sent under, for feedback that names packets by SSRC and
 * RTP sequence number (RFC 8888). Bounded: streams beyond {@link #MAX_STREAMS} are not found.
 */
final class StreamSequences {
    static final int MAX_STREAMS = 128;
    static final int RING = 1024;
    static final long NOT_FOUND = -1;

    private int[] ssrcs = new int[4];
    private long[][] rings = new long[4][];
    private int streams;
    private int last;

    /** Notes that a packet of a stream left under a transport-wide sequence number, which is not negative. */
    void put(int ssrc, int rtpSequence, long transportSequence) {
        int stream = find(ssrc);
        if (stream < 0) {
            if (streams == MAX_STREAMS) {
                return;
            }
            if (streams == ssrcs.length) {
                ssrcs = Arrays.copyOf(ssrcs, 2 * streams);
                rings = Arrays.copyOf(rings, 2 * streams);
            }
            stream = streams++;
            ssrcs[stream] = ssrc;
            rings[stream] = new long[RING];
            Arrays.fill(rings[stream], NOT_FOUND);
        }
        // The low bits of the RTP sequence number are the index, so the rest of it is enough to tell packets apart.
        rings[stream][rtpSequence & (RING - 1)] = transportSequence << 16 | (rtpSequence & 0xFFFF);
    }

    /** The transport-wide sequence number of a packet, or {@link #NOT_FOUND}. */
    long get(int ssrc, int rtpSequence) {
        int stream = find(ssrc);
        if (stream < 0) {
            return NOT_FOUND;
        }
        long entry = rings[stream][rtpSequence & (RING - 1)];
        return entry != NOT_FOUND && (entry & 0xFFFF) == (rtpSequence & 0xFFFF) ? entry >> 16 : NOT_FOUND;
    }

    private int find(int ssrc) {
        if (last < streams && ssrcs[last] == ssrc) {
            return last;
        }
        for (int i = 0; i < streams; i++) {
            if (ssrcs[i] == ssrc) {
                last = i;
                return i;
            }
        }
        return -1;
    }
}
