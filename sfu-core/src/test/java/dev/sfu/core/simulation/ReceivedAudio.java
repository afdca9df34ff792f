package dev.sfu.core.simulation;

import dev.sfu.core.repair.ReceiveStatistics;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.rtp.SequenceUnwrapper;
import dev.sfu.core.rtp.TimestampUnwrapper;
import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/**
 * An audio slot at the viewer: every 20 ms something is heard. The buffer adapts like NetEq: its target is the delay
 * that was kept in 95 % of the last half minute's half seconds; when it runs dry sound is stretched, when it is too
 * full shortened.
 */
public final class ReceivedAudio {
    private static final int CLOCK_RATE = 48_000;
    private static final int RING = 1024;
    private static final int BUCKETS = 100;
    private static final double FORGET = 0.983;
    private static final double QUANTILE = 0.95;
    private static final int INITIAL_TARGET = 4;
    private static final int SPARE_PACKETS = 1;
    /** Sound is shortened at most once in so many packets. */
    private static final int SHORTEN_EVERY = 5;
    private static final long INTERVAL_NANOS = 500 * Deadlines.MILLISECOND;
    private static final long WINDOW_NANOS = 2 * Deadlines.SECOND;

    private static final byte NONE = 0;
    private static final byte SPEECH = 1;
    private static final byte DTX = 2;

    private final VirtualTime time;
    private final int ssrc;
    private final ReceiveStatistics statistics = new ReceiveStatistics(CLOCK_RATE);
    private final SequenceUnwrapper sequences = new SequenceUnwrapper();
    private final TimestampUnwrapper timestamps = new TimestampUnwrapper();
    private final VirtualTime.Alarm tick = new VirtualTime.Alarm(this::onTick);
    private final byte[] kinds = new byte[RING];
    private final long[] places = new long[RING];
    private final long[] captures = new long[RING];
    private final double[] histogram = new double[BUCKETS];
    private long base = Long.MAX_VALUE;
    private long formerBase = Long.MAX_VALUE;
    private long windowSinceNanos;
    private long latestNanos;
    private long intervalSinceNanos;
    private boolean started;
    private long play;
    private long highest;
    private boolean silent;
    /** Places of 20 ms for which something was made up since the last packet was played. */
    private long bridged;
    private int sinceShortened;

    private long packets;
    private long late;
    private long ticks;
    private long concealed;
    private int concealmentEvents;
    private boolean concealing;
    private long fecRecovered;
    private long shortened;
    private double delaySumMillis;
    private int source = -1;
    private long sourceSinceNanos;
    private long played;

    ReceivedAudio(VirtualTime time, int ssrc) {
        this.time = time;
        this.ssrc = ssrc;
        Arrays.fill(places, Long.MIN_VALUE);
    }

    int ssrc() {
        return ssrc;
    }

    ReceiveStatistics statistics() {
        return statistics;
    }

    void stop() {
        time.set(tick, Deadlines.NEVER);
    }

    void onPacket(RtpPacket rtp, long now) {
        long sequence = sequences.unwrap(rtp.sequenceNumber());
        statistics.onPacket(sequence, rtp.timestamp(), rtp.payloadBytes(), now);
        if (rtp.payloadBytes() < Microphone.MARK_BYTES) {
            return;
        }
        packets++;
        int from = Microphone.source(rtp.array(), rtp.payloadOffset());
        if (from != source) {
            source = from;
            sourceSinceNanos = Microphone.captureNanos(rtp.array(), rtp.payloadOffset());
        }
        long timestamp = timestamps.unwrap(rtp.timestamp());
        long place = Math.floorDiv(timestamp, Microphone.TICKS_PER_PACKET);
        learn(timestamp * 125_000 / 6, now);
        boolean dtx = Microphone.isDtx(rtp.array(), rtp.payloadOffset());
        if (!started) {
            started = true;
            play = place;
            highest = place;
            time.set(tick, now + INITIAL_TARGET * Microphone.PACKET_NANOS);
        } else if (place < play) {
            late++;
            return;
        }
        int slot = (int) place & (RING - 1);
        places[slot] = place;
        kinds[slot] = dtx ? DTX : SPEECH;
        captures[slot] = Microphone.captureNanos(rtp.array(), rtp.payloadOffset());
        highest = Math.max(highest, place);
    }

    /** Notes how much later than the fastest of the last seconds a packet came. */
    private void learn(long mediaNanos, long now) {
        long transit = now - mediaNanos;
        if (now - windowSinceNanos > WINDOW_NANOS) {
            formerBase = base;
            base = Long.MAX_VALUE;
            windowSinceNanos = now;
        }
        base = Math.min(base, transit);
        long lateNanos = transit - Math.min(base, formerBase);
        latestNanos = Math.max(latestNanos, lateNanos);
        if (now - intervalSinceNanos >= INTERVAL_NANOS) {
            for (int i = 0; i < BUCKETS; i++) {
                histogram[i] *= FORGET;
            }
            histogram[(int) Math.min(BUCKETS - 1, latestNanos / Microphone.PACKET_NANOS)] += 1 - FORGET;
            latestNanos = 0;
            intervalSinceNanos = now;
        }
    }

    /** Packets that should be in the buffer. */
    int targetPackets() {
        double sum = 0;
        for (int i = 0; i < BUCKETS; i++) {
            sum += histogram[i];
        }
        if (sum == 0) {
            return INITIAL_TARGET;
        }
        double seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += histogram[i];
            if (seen >= QUANTILE * sum) {
                return i + 1;
            }
        }
        return BUCKETS;
    }

    private byte kindAt(long place) {
        int slot = (int) place & (RING - 1);
        return places[slot] == place ? kinds[slot] : NONE;
    }

    private void onTick(long now) {
        time.set(tick, now + Microphone.PACKET_NANOS);
        ticks++;
        if (kindAt(play) == NONE) {
            long next = nextPlace();
            if (next == play + 1 && bridged == 0 && !silent && kindAt(next) == SPEECH) {
                fecRecovered++;
                play++;
                concealing = false;
                return;
            }
            if (next < 0 || bridged < next - play) {
                bridged++;
                conceal(!silent);
                return;
            }
            // So much has been made up that what comes next is due.
            play = next;
        }
        silent = kindAt(play) == DTX;
        delaySumMillis += (now - captures[(int) play & (RING - 1)]) / (double) Deadlines.MILLISECOND;
        played++;
        play++;
        bridged = 0;
        concealing = false;
        shortenIfTooFull();
    }

    /** The first packet after a missing one, or -1. */
    private long nextPlace() {
        for (long place = Math.max(play + 1, highest - RING + 1); place <= highest; place++) {
            if (kindAt(place) != NONE) {
                return place;
            }
        }
        return -1;
    }

    /** Sound is made up, or in silence nothing but noise. */
    private void conceal(boolean audible) {
        concealed += audible ? 1 : 0;
        concealmentEvents += audible && !concealing ? 1 : 0;
        concealing = audible;
    }

    private void shortenIfTooFull() {
        long level = highest - play + 1;
        if (++sinceShortened >= SHORTEN_EVERY
                && level > targetPackets() + SPARE_PACKETS
                && kindAt(play) == SPEECH) {
            sinceShortened = 0;
            shortened++;
            play++;
        }
    }

    /** The number of the browser that is heard, or -1. */
    public int source() {
        return source;
    }

    /** When the first packet of it was recorded that was heard here. */
    public double sourceSinceSeconds() {
        return (sourceSinceNanos - VirtualTime.ORIGIN_NANOS) / (double) Deadlines.SECOND;
    }

    /** Packets that came. */
    public long packets() {
        return packets;
    }

    /** Packets that came after their time. */
    public long late() {
        return late;
    }

    /** Share of the time in which something had to be made up. */
    public double concealedShare() {
        return ticks == 0 ? 0 : concealed / (double) ticks;
    }

    /** Runs of made-up sound. */
    public int concealmentEvents() {
        return concealmentEvents;
    }

    /** Packets recovered from the one after them, by Opus in-band FEC. */
    public long fecRecovered() {
        return fecRecovered;
    }

    /** Packets left out to catch up. */
    public long shortened() {
        return shortened;
    }

    /** From capture to ear, milliseconds. */
    public double meanDelayMillis() {
        return played == 0 ? 0 : delaySumMillis / played;
    }
}
