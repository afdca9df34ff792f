package dev.sfu.core.bwe;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.rtcp.TransportFeedbackWriter;
import dev.sfu.core.rtp.SequenceUnwrapper;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * Reports to one sender when the packets of all its streams arrived
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 *
 * <p>Feedback is due some time after the first packet that has not been reported, sooner the more there are. Without
 * packets there is none, and the next packet starts the clock again. A packet that comes after it was reported missing
 * is reported again together with what follows it.
 */
public final class TransportFeedbackGenerator {
    /** From the first unreported packet to the feedback at low rates. */
    public static final long MAX_INTERVAL_NANOS = 100 * Deadlines.MILLISECOND;

    /** The same once {@link #BUSY_PACKETS} wait: about 300 packets per second. */
    public static final long MIN_INTERVAL_NANOS = 50 * Deadlines.MILLISECOND;

    static final int BUSY_PACKETS = 16;

    /** So many waiting packets are reported at once. */
    static final int MAX_PENDING = 512;

    // Arrivals remembered; a power of two, and all of it fits one feedback packet.
    private static final int WINDOW = TransportFeedbackWriter.MAX_STATUSES;
    private static final long NOT_ARRIVED = Long.MIN_VALUE;

    private final SequenceUnwrapper unwrapper = new SequenceUnwrapper();
    // Made for the first packet: most connections only receive, and these are 22 KB.
    private @Nullable TransportFeedbackWriter writer;
    private long[] arrivalTicks = {};

    private boolean started;
    private long originNanos;
    private long lowest;
    private long highest;
    private long nextReported;
    private int pending;
    private long firstPendingNanos;
    private long feedbackPackets;
    private long duplicates;
    private long tooOld;

    /** No packets yet. */
    public TransportFeedbackGenerator() {}

    /**
     * Takes note of a packet.
     *
     * @param transportSequence transport-wide sequence number from the header extension, 16 bits
     * @param arrivalNanos when it came, as close to the socket as is known
     */
    public void onPacket(int transportSequence, long arrivalNanos) {
        long sequence = unwrapper.unwrap(transportSequence);
        if (!started) {
            started = true;
            arrivalTicks = new long[WINDOW];
            originNanos = arrivalNanos;
            begin(sequence);
        } else if (sequence > highest) {
            advance(sequence);
        } else if (sequence <= highest - WINDOW) {
            tooOld++;
            return;
        } else if (sequence < lowest) {
            clear(sequence, lowest);
            lowest = sequence;
        }
        int slot = (int) sequence & (WINDOW - 1);
        if (arrivalTicks[slot] != NOT_ARRIVED) {
            duplicates++;
            return;
        }
        arrivalTicks[slot] = Math.floorDiv(arrivalNanos - originNanos, TransportFeedback.TICK_NANOS);
        nextReported = Math.min(nextReported, sequence);
        if (pending++ == 0) {
            firstPendingNanos = arrivalNanos;
        }
    }

    private void begin(long sequence) {
        lowest = sequence;
        highest = sequence;
        nextReported = sequence;
        pending = 0;
        clear(sequence, sequence + 1);
    }

    private void advance(long sequence) {
        if (sequence - highest >= WINDOW) {
            // Nothing that is remembered would stay: an outage so long that the sender has given those packets up.
            begin(sequence);
            return;
        }
        clear(highest + 1, sequence + 1);
        highest = sequence;
        lowest = Math.max(lowest, highest - WINDOW + 1);
        if (nextReported < lowest) {
            nextReported = lowest;
        }
    }

    private void clear(long from, long to) {
        for (long sequence = from; sequence < to; sequence++) {
            arrivalTicks[(int) sequence & (WINDOW - 1)] = NOT_ARRIVED;
        }
    }

    /** When {@link #write} has something to write. */
    public long nextDeadlineNanos() {
        if (pending == 0) {
            return Deadlines.NEVER;
        }
        long interval = pending >= MAX_PENDING ? 0 : pending >= BUSY_PACKETS ? MIN_INTERVAL_NANOS : MAX_INTERVAL_NANOS;
        return firstPendingNanos + interval;
    }

    /**
     * Appends one feedback packet if it is due. Call again, with another datagram when this returned false, until
     * {@link #nextDeadlineNanos()} is in the future: what does not fit stays due.
     *
     * @param senderSsrc our SSRC
     * @param mediaSsrc any stream of the sender
     * @return whether a packet was appended
     */
    public boolean write(ByteWriter out, int senderSsrc, int mediaSsrc, long nowNanos) {
        if (nextDeadlineNanos() > nowNanos) {
            return false;
        }
        long first = nextArrival(nextReported);
        assert first <= highest : "the highest has arrived";
        TransportFeedbackWriter packet = writer();
        packet.start((int) nextReported, ticks(first), out.remaining());
        long sequence = first;
        while (sequence <= highest && packet.add((int) (sequence - nextReported), ticks(sequence))) {
            sequence = nextArrival(sequence + 1);
        }
        if (!packet.write(out, senderSsrc, mediaSsrc, (int) feedbackPackets & 0xFF)) {
            return false;
        }
        feedbackPackets++;
        nextReported += packet.statusCount();
        if (sequence > highest) {
            pending = 0;
        }
        return true;
    }

    private TransportFeedbackWriter writer() {
        TransportFeedbackWriter present = writer;
        if (present == null) {
            present = new TransportFeedbackWriter();
            writer = present;
        }
        return present;
    }

    private long nextArrival(long from) {
        long sequence = from;
        while (sequence <= highest && ticks(sequence) == NOT_ARRIVED) {
            sequence++;
        }
        return sequence;
    }

    private long ticks(long sequence) {
        return arrivalTicks[(int) sequence & (WINDOW - 1)];
    }

    /** Feedback packets written. */
    public long feedbackPackets() {
        return feedbackPackets;
    }

    /** Packets that had arrived already. */
    public long duplicates() {
        return duplicates;
    }

    /** Packets too late to be reported. */
    public long tooOld() {
        return tooOld;
    }
}
