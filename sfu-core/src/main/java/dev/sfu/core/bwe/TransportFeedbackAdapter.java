package dev.sfu.core.bwe;

import dev.sfu.core.rtcp.CongestionControlFeedback;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.time.Deadlines;

/**
 * Joins feedback from the wire with the packets it is about.
 *
 * <p>The only place that knows the two formats; what comes out is the same for both. What the receiver says is not
 * believed further than it fits: packets that were never sent, are forgotten or were reported before are counted and
 * left out, and no feedback costs more than the history is long.
 */
final class TransportFeedbackAdapter {
    /** {@link #onPacket}: it had not arrived. */
    static final long NOT_ARRIVED = Long.MIN_VALUE;

    private static final long REFERENCE_NANOS = TransportFeedback.TICKS_PER_REFERENCE * TransportFeedback.TICK_NANOS;

    private final SentPacketHistory history;
    private final StreamSequences streams;
    private final TransportPacketsFeedback feedback = new TransportPacketsFeedback();

    private boolean clockStarted;
    private int lastClock;
    private long clockNanos;
    private long unknown;
    private long duplicates;

    TransportFeedbackAdapter(SentPacketHistory history, StreamSequences streams) {
        this.history = history;
        this.streams = streams;
    }

    /** Starts a feedback; then comes {@link #onPacket} for each packet and {@link #end}. */
    void begin(long nowNanos) {
        feedback.clear(nowNanos);
    }

    /**
     * One packet's fate.
     *
     * @param sequence unwrapped transport-wide sequence number
     * @param arrivalNanos by the receiver's clock, or {@link #NOT_ARRIVED}
     */
    void onPacket(long sequence, long arrivalNanos) {
        int slot = history.find(sequence);
        if (slot == SentPacketHistory.NOT_FOUND) {
            unknown++;
            return;
        }
        history.onReported(sequence);
        if (arrivalNanos == NOT_ARRIVED) {
            if (history.markLost(slot)) {
                feedback.addLost(history.sentNanos(slot), history.bytes(slot), history.probeCluster(slot));
            }
            return;
        }
        boolean wasLost = history.lost(slot);
        if (!history.markReceived(slot)) {
            duplicates++;
            return;
        }
        feedback.addReceived(
                history.sentNanos(slot),
                arrivalNanos,
                history.bytes(slot),
                history.audio(slot),
                history.probeCluster(slot),
                wasLost);
    }

    /** What was learnt, arrivals in the order of their times; valid until the next {@link #begin}. */
    TransportPacketsFeedback end() {
        feedback.sort();
        return feedback;
    }

    /** Takes transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01). */
    TransportPacketsFeedback onTransportFeedback(TransportFeedback wire, long nowNanos) {
        begin(nowNanos);
        // 24 bits with sign, units of 64 ms.
        advanceClock(wire.referenceTime() << 8, 8, REFERENCE_NANOS, nowNanos);
        long next = history.unwrap(wire.baseSequenceNumber());
        long base = next;
        for (int i = 0; i < wire.receivedCount(); i++) {
            long sequence = base + wire.statusIndex(i);
            lost(next, sequence);
            onPacket(sequence, clockNanos + wire.arrivalNanos(i));
            next = sequence + 1;
        }
        lost(next, base + wire.statusCount());
        return end();
    }

    private void lost(long from, long to) {
        long end = Math.min(to, history.highest() + 1);
        for (long sequence = Math.max(from, history.lowest()); sequence < end; sequence++) {
            onPacket(sequence, NOT_ARRIVED);
        }
    }

    /** Takes congestion control feedback (RFC 8888). */
    TransportPacketsFeedback onCongestionControlFeedback(CongestionControlFeedback wire, long nowNanos) {
        begin(nowNanos);
        // Units of 1/65536 s.
        advanceClock(wire.reportTimestamp(), 0, 0, nowNanos);
        for (int stream = 0; stream < wire.streamCount(); stream++) {
            int count = wire.reportCount(stream);
            for (int i = 0; i < count; i++) {
                long sequence = streams.get(wire.ssrc(stream), (wire.beginSequence(stream) + i) & 0xFFFF);
                int offset = wire.arrivalOffset(stream, i);
                if (sequence == StreamSequences.NOT_FOUND) {
                    unknown++;
                } else if (!wire.received(stream, i)) {
                    onPacket(sequence, NOT_ARRIVED);
                } else if (offset < CongestionControlFeedback.OFFSET_TOO_LARGE) {
                    onPacket(
                            sequence,
                            clockNanos - offset * Deadlines.SECOND / CongestionControlFeedback.OFFSETS_PER_SECOND);
                } else {
                    // Arrived at a time that cannot be told: neither lost nor a measurement.
                    history.onReported(sequence);
                }
            }
        }
        return end();
    }

    // The receiver's clock wraps; ours starts where the first feedback came.
    private void advanceClock(int clock, int shift, long unitNanos, long nowNanos) {
        if (!clockStarted) {
            clockStarted = true;
            clockNanos = nowNanos;
        } else {
            int delta = (clock - lastClock) >> shift;
            clockNanos += unitNanos > 0 ? delta * unitNanos : (delta * Deadlines.SECOND) >> 16;
        }
        lastClock = clock;
    }

    /** Reported packets that were never sent or are forgotten. */
    long unknown() {
        return unknown;
    }

    /** Packets reported as arrived more than once. */
    long duplicates() {
        return duplicates;
    }

    /** Another path: the receiver's clock may be another one too. */
    void reset() {
        clockStarted = false;
    }
}
