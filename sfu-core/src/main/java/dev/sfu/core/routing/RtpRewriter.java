package dev.sfu.core.routing;

import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.SourceClock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one outgoing stream continuous while what feeds it changes: sequence number, timestamp, VP8 picture id and
 * TL0PICIDX. Switching layers, switching sources and resuming after a pause are the same operation.
 *
 * <p>Between switches every field differs from the incoming one by a constant, so reordered and retransmitted packets
 * need no memory; only the sequence offset changes where a packet is left out, and the latest of these places are
 * remembered. Packets from before the latest switch are refused.
 *
 * <p>No outgoing sequence number is used twice as long as no incoming one is: SRTP depends on it (RFC 3711 section 9.1).
 */
final class RtpRewriter {
    /** Below 2^15, so that a receiver that misses the first packets cannot guess the rollover counter wrongly. */
    private static final int FIRST_SEQUENCE_BOUND = 1 << 14;

    /** Left-out packets whose surroundings may still come late. */
    private static final int SEGMENTS = 16;

    private @Nullable IncomingStream source;
    /** The first sequence number to which {@link #sequenceOffset} applies; what is before it is in a segment. */
    private long firstSequence;
    private long sequenceOffset;
    private long timestampOffset;
    private @Nullable SourceClock clock;
    private long lastSequence;
    private long lastTimestamp;
    private long highestSourceSequence;
    private boolean started;

    /** Stretches of the source between packets that were left out: from, to (exclusive) and offset; a ring. */
    private final long[] segmentFrom = new long[SEGMENTS];
    private final long[] segmentTo = new long[SEGMENTS];
    private final long[] segmentOffset = new long[SEGMENTS];
    private int segments;
    private int nextSegment;

    private boolean pictureIdsKnown;
    private boolean tl0Known;
    private int pictureIdOffset;
    private int tl0Offset;
    private int lastPictureId;
    private int lastTl0;

    /** Starts at random places, as RFC 3550 section 5.1 asks. */
    RtpRewriter(int randomSequence, int randomTimestamp) {
        lastSequence = Math.floorMod(randomSequence, FIRST_SEQUENCE_BOUND);
        lastTimestamp = randomTimestamp & 0xFFFF_FFFFL;
    }

    /** The stream that feeds the output now. */
    @Nullable IncomingStream source() {
        return source;
    }

    /** The clock of the source that feeds the output, for sender reports. */
    @Nullable SourceClock clock() {
        return clock;
    }

    /** What to add to the source's unwrapped timestamps. */
    long timestampOffset() {
        return timestampOffset;
    }

    /**
     * Makes {@code packet}, which a decoder can start with, the first of its stream to be forwarded.
     */
    void switchTo(IncomingPacket packet) {
        IncomingStream newSource = packet.stream();
        SourceClock newClock = newSource.clock();
        long out = started ? timestampAfterSwitch(packet, newClock) : lastTimestamp;
        timestampOffset = out - packet.timestamp();
        sequenceOffset = lastSequence + 1 - packet.sequence();
        source = newSource;
        clock = newClock;
        firstSequence = packet.sequence();
        segments = 0;
        nextSegment = 0;
        highestSourceSequence = packet.sequence() - 1;
        Vp8Descriptor vp8 = packet.vp8();
        if (vp8 != null && vp8.pictureId() >= 0) {
            pictureIdOffset = pictureIdsKnown ? lastPictureId + 1 - vp8.pictureId() : 0;
            tl0Offset = tl0Known && vp8.tl0PicIdx() >= 0 ? lastTl0 + 1 - vp8.tl0PicIdx() : 0;
        }
        started = true;
    }

    private long timestampAfterSwitch(IncomingPacket packet, SourceClock newClock) {
        SourceClock oldClock = clock;
        int rate = newClock.clockRate();
        long capturedNanos = newClock.nanosOf(packet.timestamp());
        // One continuous line: where the old source's line would be at the moment the new packet was captured.
        long onLine = oldClock != null && oldClock.clockRate() == rate
                ? oldClock.timestampAt(capturedNanos) + timestampOffset
                : lastTimestamp + rate / 50;
        // Never back: decoders drop frames older than the last one. Ten milliseconds is less than any frame lasts.
        return Math.max(onLine, lastTimestamp + rate / 100);
    }

    /** Whether {@code packet} belongs to the current source and not to the time before it was switched to. */
    boolean accepts(IncomingPacket packet) {
        return packet.stream() == source
                && (packet.sequence() >= firstSequence || segmentOf(packet.sequence()) >= 0);
    }

    /** The outgoing unwrapped sequence number of an accepted packet. */
    long sequence(IncomingPacket packet) {
        long sequence = packet.sequence();
        return sequence + (sequence >= firstSequence ? sequenceOffset : segmentOffset[segmentOf(sequence)]);
    }

    private int segmentOf(long sequence) {
        for (int i = 0; i < segments; i++) {
            if (sequence >= segmentFrom[i] && sequence < segmentTo[i]) {
                return i;
            }
        }
        return -1;
    }

    /** The outgoing unwrapped timestamp. */
    long timestamp(IncomingPacket packet) {
        return packet.timestamp() + timestampOffset;
    }

    /** The outgoing VP8 picture id with the incoming one's width, or -1 when there is none to write. */
    int pictureId(Vp8Descriptor vp8) {
        if (vp8.pictureId() < 0) {
            return -1;
        }
        return (vp8.pictureId() + pictureIdOffset) & (vp8.pictureIdBits() == 15 ? 0x7FFF : 0x7F);
    }

    /** The outgoing TL0PICIDX, or -1 when there is none. */
    int tl0PicIdx(Vp8Descriptor vp8) {
        return vp8.tl0PicIdx() >= 0 ? (vp8.tl0PicIdx() + tl0Offset) & 0xFF : -1;
    }

    /** Whether VP8 descriptors leave as they came, so that the payload needs no rewritten prefix. */
    boolean leavesVp8Unchanged() {
        return pictureIdOffset == 0 && tl0Offset == 0;
    }

    /** Remembers what was forwarded, for the next switch. */
    void onForwarded(IncomingPacket packet) {
        highestSourceSequence = Math.max(highestSourceSequence, packet.sequence());
        lastSequence = Math.max(lastSequence, sequence(packet));
        if (timestamp(packet) > lastTimestamp) {
            lastTimestamp = timestamp(packet);
        }
        Vp8Descriptor vp8 = packet.vp8();
        if (vp8 != null && vp8.pictureId() >= 0) {
            int pictureId = pictureId(vp8);
            if (!pictureIdsKnown || ahead(pictureId, lastPictureId, vp8.pictureIdBits() == 15 ? 0x7FFF : 0x7F)) {
                lastPictureId = pictureId;
            }
            int tl0 = tl0PicIdx(vp8);
            if (tl0 >= 0 && (!tl0Known || ahead(tl0, lastTl0, 0xFF))) {
                lastTl0 = tl0;
                tl0Known = true;
            }
            pictureIdsKnown = true;
        }
    }

    /**
     * Leaves out an accepted packet that receivers do not need (padding), so that it leaves no gap.
     *
     * @return false when it is not the newest: what follows it has been sent, so it has to be sent too
     */
    boolean skip(IncomingPacket packet) {
        long sequence = packet.sequence();
        if (sequence <= highestSourceSequence) {
            return false;
        }
        if (sequence > firstSequence) {
            segmentFrom[nextSegment] = firstSequence;
            segmentTo[nextSegment] = sequence;
            segmentOffset[nextSegment] = sequenceOffset;
            nextSegment = (nextSegment + 1) % SEGMENTS;
            segments = Math.min(segments + 1, SEGMENTS);
        }
        // What was lost just before may still come and has its numbers reserved.
        lastSequence = sequence + sequenceOffset - 1;
        highestSourceSequence = sequence;
        firstSequence = sequence + 1;
        sequenceOffset--;
        return true;
    }

    /** Where the output stands at {@code nowNanos}, for a sender report: an unwrapped RTP timestamp. */
    long timestampAt(long nowNanos) {
        SourceClock current = clock;
        return current == null ? lastTimestamp : current.timestampAt(nowNanos) + timestampOffset;
    }

    private static boolean ahead(int a, int b, int mask) {
        int distance = (a - b) & mask;
        return distance != 0 && distance <= mask >>> 1;
    }
}
