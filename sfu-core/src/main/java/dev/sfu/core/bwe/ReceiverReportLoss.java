package dev.sfu.core.bwe;

import dev.sfu.core.rtcp.ReportBlock;
import java.util.Arrays;

/** The loss between receiver reports, over all streams of a connection. Bounded in streams. */
final class ReceiverReportLoss {
    static final int MAX_STREAMS = 128;

    /** A ratio is taken from so many packets on. */
    static final int MIN_PACKETS = 20;

    // More than could be sent between two reports: the receiver has started over.
    private static final long MAX_EXPECTED = 1 << 20;

    private int[] ssrcs = new int[4];
    private long[] highest = new long[4];
    private int[] cumulativeLost = new int[4];
    private int streams;
    private long expected;
    private long lost;
    private double ratio;

    /** Takes a report on one stream; gives whether there is a new {@link #ratio()}. */
    boolean onReport(ReportBlock block) {
        int stream = find(block.ssrc());
        if (stream < 0) {
            add(block);
            return false;
        }
        long newExpected = (int) (block.extendedHighestSequence() - highest[stream]);
        long newLost = (long) block.cumulativeLost() - cumulativeLost[stream];
        highest[stream] = block.extendedHighestSequence();
        cumulativeLost[stream] = block.cumulativeLost();
        if (newExpected <= 0 || newExpected > MAX_EXPECTED) {
            return false;
        }
        expected += newExpected;
        // Late packets and duplicates count against losses of before.
        lost += Math.clamp(newLost, -newExpected, newExpected);
        if (expected < MIN_PACKETS) {
            return false;
        }
        ratio = Math.max(0, lost) / (double) expected;
        expected = 0;
        lost = 0;
        return true;
    }

    private int find(int ssrc) {
        for (int i = 0; i < streams; i++) {
            if (ssrcs[i] == ssrc) {
                return i;
            }
        }
        return -1;
    }

    private void add(ReportBlock block) {
        if (streams == MAX_STREAMS) {
            return;
        }
        if (streams == ssrcs.length) {
            ssrcs = Arrays.copyOf(ssrcs, 2 * streams);
            highest = Arrays.copyOf(highest, 2 * streams);
            cumulativeLost = Arrays.copyOf(cumulativeLost, 2 * streams);
        }
        ssrcs[streams] = block.ssrc();
        highest[streams] = block.extendedHighestSequence();
        cumulativeLost[streams++] = block.cumulativeLost();
    }

    /** Share of the packets lost between the last reports, 0 to 1. */
    double ratio() {
        return ratio;
    }
}
