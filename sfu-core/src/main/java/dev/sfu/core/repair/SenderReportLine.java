package dev.sfu.core.repair;

import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.util.List;

/**
 * The line that relates an outgoing stream's RTP timestamps to the server's clock, and the sender reports read off it.
 *
 * <p>Receivers synchronise audio and video by the line through the sender reports, so it must not jump with each packet
 * that is forwarded a little late. The line starts at the first packet and then turns slowly towards what packets show:
 * slowly enough to ignore jitter, fast enough to follow a source whose clock is off by the 100 ppm that crystals are.
 */
public final class SenderReportLine {
    /** A packet further off the line is another timeline: the line starts again there. */
    static final long MAX_OFFSET_NANOS = Deadlines.SECOND;

    private static final int GAIN_SHIFT = 6;
    private static final int MAX_SLEW_DIVISOR = 2000;

    private final int clockRateHz;
    private boolean started;
    private long timestamp;
    private long nanos;

    /** No packet yet; {@code clockRateHz} is the RTP clock of the stream. */
    public SenderReportLine(int clockRateHz) {
        this.clockRateHz = clockRateHz;
    }

    /** Takes note of a packet that is sent: its outgoing timestamp, of which the low 32 bits count. */
    public void onPacket(long packetTimestamp, long nowNanos) {
        int ticks = (int) (packetTimestamp - timestamp);
        if (started && ticks <= 0 && nowNanos - nanos < MAX_OFFSET_NANOS) {
            // The same frame, or one that was overtaken.
            return;
        }
        long predicted = nanos + ticks * Deadlines.SECOND / clockRateHz;
        long late = nowNanos - predicted;
        if (!started || Math.abs(late) > MAX_OFFSET_NANOS) {
            started = true;
            nanos = nowNanos;
        } else {
            long limit = Math.max(0, predicted - nanos) / MAX_SLEW_DIVISOR;
            nanos = predicted + Math.clamp(late >> GAIN_SHIFT, -limit, limit);
        }
        timestamp = packetTimestamp;
    }

    /** Whether there has been a packet. */
    public boolean started() {
        return started;
    }

    /** The timestamp that the line has at a moment, unsigned 32 bits; where a new source's first packet belongs. */
    public long timestampAt(long nowNanos) {
        long elapsed = nowNanos - nanos;
        long seconds = Math.floorDiv(elapsed, Deadlines.SECOND);
        long rest = Math.floorMod(elapsed, Deadlines.SECOND);
        return (timestamp + seconds * clockRateHz + rest * clockRateHz / Deadlines.SECOND) & 0xFFFF_FFFFL;
    }

    /**
     * The report to send now, without report blocks.
     *
     * @param packets RTP packets sent on the stream
     * @param payloadBytes sent on the stream
     */
    public SenderReport report(int ssrc, WallClock wallClock, long packets, long payloadBytes, long nowNanos) {
        return new SenderReport(
                ssrc,
                wallClock.ntp(nowNanos),
                timestampAt(nowNanos),
                packets & 0xFFFF_FFFFL,
                payloadBytes & 0xFFFF_FFFFL,
                List.of());
    }
}
