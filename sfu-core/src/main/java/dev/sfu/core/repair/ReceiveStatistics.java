package dev.sfu.core.repair;

import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/**
 * What a receiver reports about one incoming stream: RFC 3550 section 6.4.1 and appendices A.1, A.3 and A.8.
 *
 * <p>Only packets that came on the stream itself count. A packet recovered by RTX stays lost here, as RFC 4588 section
 * 9 wants it, so that the sender sees what the path does.
 */
public final class ReceiveStatistics {
    /** A jump ahead by more is a restart of the stream unless the next packet says otherwise (appendix A.1). */
    static final int MAX_DROPOUT = 3000;

    /** Packets further behind than this are a restart of the stream if there are two in a row (appendix A.1). */
    static final int MAX_MISORDER = 1024;

    private static final long MAX_TRANSIT_CHANGE_SECONDS = 5;
    private static final int MAX_LOST = 0x7F_FFFF;
    private static final int MIN_LOST = -0x80_0000;

    private final int clockRateHz;
    private final long[] recent = new long[MAX_MISORDER / 64];

    private boolean started;
    private long base;
    private long highest;
    private long restartAt = Long.MIN_VALUE;
    private long receivedSinceBase;
    private long mostLost;
    private long lostBeforeBase;
    private long expectedAtReport;
    private long receivedAtReport;

    private long packets;
    private long bytes;
    private long duplicates;
    private long outOfOrder;

    private long lastTimestamp;
    private long lastArrivalNanos;
    private int jitterTimes16;

    private int lastSenderReport;
    private long senderReportNanos;
    private boolean senderReportSeen;

    /** Nothing received yet; {@code clockRateHz} is the RTP clock of the payload. */
    public ReceiveStatistics(int clockRateHz) {
        this.clockRateHz = clockRateHz;
    }

    /**
     * Takes note of a packet.
     *
     * @param sequence unwrapped sequence number
     * @param timestamp RTP timestamp, the low 32 bits count
     * @param payloadBytes without header and padding
     */
    public void onPacket(long sequence, long timestamp, int payloadBytes, long nowNanos) {
        packets++;
        bytes += payloadBytes;
        if (!started) {
            begin(sequence);
            lastTimestamp = timestamp;
            lastArrivalNanos = nowNanos;
            return;
        }
        long ahead = sequence - highest;
        if (ahead > MAX_DROPOUT || ahead <= -MAX_MISORDER) {
            if (sequence == restartAt) {
                lostBeforeBase += lostSinceBase();
                begin(sequence);
            } else {
                restartAt = sequence + 1;
            }
            lastTimestamp = timestamp;
            lastArrivalNanos = nowNanos;
            return;
        }
        if (ahead > 0) {
            for (long skipped = highest + 1; skipped < sequence && skipped <= highest + MAX_MISORDER; skipped++) {
                mark(skipped, false);
            }
            highest = sequence;
            receivedSinceBase++;
            mark(sequence, true);
            onTransit(timestamp, nowNanos);
        } else if (marked(sequence)) {
            duplicates++;
        } else {
            outOfOrder++;
            receivedSinceBase++;
            mark(sequence, true);
        }
    }

    // Expected counts from the base. A packet from before it is not expected, so it compensates a loss: appendix A.3
    // accepts that.
    private void begin(long sequence) {
        started = true;
        base = sequence;
        highest = sequence;
        restartAt = Long.MIN_VALUE;
        receivedSinceBase = 1;
        expectedAtReport = 0;
        receivedAtReport = 0;
        Arrays.fill(recent, 0);
        mark(sequence, true);
    }

    // The packets of one video frame share a timestamp but are sent one after the other: that is pacing, not jitter of
    // the path, so only the first of each timestamp counts. A jump of seconds is another source, not jitter either.
    private void onTransit(long timestamp, long nowNanos) {
        int timestampDelta = (int) (timestamp - lastTimestamp);
        if (timestampDelta == 0) {
            return;
        }
        long arrivalDelta = nowNanos - lastArrivalNanos;
        lastTimestamp = timestamp;
        lastArrivalNanos = nowNanos;
        if (arrivalDelta > 60 * Deadlines.SECOND) {
            return;
        }
        long change = Math.abs(arrivalDelta * clockRateHz / Deadlines.SECOND - timestampDelta);
        if (change < MAX_TRANSIT_CHANGE_SECONDS * clockRateHz) {
            // Appendix A.8, the variant in integers that keeps the jitter scaled by 16.
            jitterTimes16 += (int) change - ((jitterTimes16 + 8) >> 4);
        }
    }

    /** Remembers a sender report of this stream for LSR and DLSR. */
    public void onSenderReport(SenderReport report, long nowNanos) {
        senderReportSeen = true;
        lastSenderReport = report.compactNtp();
        senderReportNanos = nowNanos;
    }

    /** The block for the next report; the fraction lost is counted from one call to the next. */
    public ReportBlock report(int ssrc, long nowNanos) {
        long expected = expected();
        long expectedInterval = expected - expectedAtReport;
        long lostInterval = expectedInterval - (receivedSinceBase - receivedAtReport);
        expectedAtReport = expected;
        receivedAtReport = receivedSinceBase;
        int fraction =
                expectedInterval <= 0 || lostInterval <= 0
                        ? 0
                        : (int) Math.min(255, (lostInterval << 8) / expectedInterval);
        long delay = senderReportSeen ? compactDelay(nowNanos - senderReportNanos) : 0;
        return new ReportBlock(
                ssrc,
                fraction,
                Math.clamp(packetsLost(), MIN_LOST, MAX_LOST),
                extendedHighestSequence(),
                jitter(),
                lastSenderReport,
                delay);
    }

    /** A duration in 1/65536 s, as LSR and DLSR count; at most 32 bits. */
    static long compactDelay(long nanos) {
        long seconds = nanos / Deadlines.SECOND;
        return Math.min(0xFFFF_FFFFL, (seconds << 16) + (nanos % Deadlines.SECOND << 16) / Deadlines.SECOND);
    }

    private long expected() {
        return started ? highest - base + 1 : 0;
    }

    private long lostSinceBase() {
        return expected() - receivedSinceBase;
    }

    /** Packets expected and not received; negative when packets from before the first one outnumber losses. */
    public long packetsLost() {
        return lostBeforeBase + lostSinceBase();
    }

    /** The most that {@link #packetsLost} has been when this was asked: a count that never falls when packets come late. */
    public long mostPacketsLost() {
        mostLost = Math.max(mostLost, packetsLost());
        return mostLost;
    }

    /** Highest sequence number with its cycles, modulo 2^32. */
    public long extendedHighestSequence() {
        return highest & 0xFFFF_FFFFL;
    }

    /** Interarrival jitter in timestamp units. */
    public long jitter() {
        return jitterTimes16 >> 4;
    }

    /** Interarrival jitter in seconds. */
    public double jitterSeconds() {
        return (double) jitter() / clockRateHz;
    }

    /** Packets received, duplicates included. */
    public long packets() {
        return packets;
    }

    /** Payload bytes received, duplicates included. */
    public long payloadBytes() {
        return bytes;
    }

    /** Packets received more than once. */
    public long duplicates() {
        return duplicates;
    }

    /** Packets received after a later one. */
    public long outOfOrder() {
        return outOfOrder;
    }

    private boolean marked(long sequence) {
        return (recent[(int) (sequence >> 6) & (recent.length - 1)] >>> sequence & 1) != 0;
    }

    private void mark(long sequence, boolean received) {
        int word = (int) (sequence >> 6) & (recent.length - 1);
        recent[word] = received ? recent[word] | 1L << sequence : recent[word] & ~(1L << sequence);
    }
}
