package dev.sfu.bench.load;

import dev.sfu.core.repair.NackGenerator;
import dev.sfu.core.repair.ReceiveStatistics;
import dev.sfu.core.rtp.SequenceUnwrapper;

/** One SSRC that a viewer receives. */
final class ReceivedStream {
    private final int ssrc;
    private final boolean rtx;
    private final SequenceUnwrapper unwrapper = new SequenceUnwrapper();
    private final ReceiveStatistics statistics;
    private final NackGenerator nacks = new NackGenerator();

    ReceivedStream(int ssrc, int clockRateHz, boolean rtx) {
        this.ssrc = ssrc;
        this.rtx = rtx;
        this.statistics = new ReceiveStatistics(clockRateHz);
    }

    /** A packet by its header; it can be asked for again if {@code requestable}. */
    void onPacket(int sequenceNumber, int timestamp, int bytes, boolean requestable, long nowNanos) {
        long sequence = unwrapper.unwrap(sequenceNumber);
        statistics.onPacket(sequence, timestamp, bytes, nowNanos);
        if (requestable) {
            nacks.onPacket(sequence, nowNanos);
        }
    }

    void onRetransmission(int sequenceNumber, long nowNanos) {
        nacks.onRetransmission(unwrapper.peek(sequenceNumber), nowNanos);
    }

    int ssrc() {
        return ssrc;
    }

    boolean rtx() {
        return rtx;
    }

    ReceiveStatistics statistics() {
        return statistics;
    }

    NackGenerator nacks() {
        return nacks;
    }
}
