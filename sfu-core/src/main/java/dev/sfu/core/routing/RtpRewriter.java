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
 * need no memory. Packets from before the latest switch are refused.
 */
final class RtpRewriter {
    /** Below 2^15, so that a receiver that misses the first packets cannot guess the rollover counter wrongly. */
    private static final int FIRST_SEQUENCE_BOUND = 1 << 14;

    private @Nullable IncomingStream source;
    private long firstSequenceOfSource;
    private long sequenceOffset;
    private long timestampOffset;
    private @Nullable SourceClock clock;
    private long lastSequence;
    private long lastTimestamp;
    private long highestSourceSequence;
    private boolean started;

    private boolean pictureIdsKnown;
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
        firstSequenceOfSource = packet.sequence();
        highestSourceSequence = packet.sequence() - 1;
        Vp8Descriptor vp8 = packet.vp8();
        if (vp8 != null && vp8.pictureId() >= 0) {
            pictureIdOffset = pictureIdsKnown ? lastPictureId + 1 - vp8.pictureId() : 0;
            tl0Offset = pictureIdsKnown && vp8.tl0PicIdx() >= 0 ? lastTl0 + 1 - vp8.tl0PicIdx() : 0;
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
        return packet.stream() == source && packet.sequence() >= firstSequenceOfSource;
    }

    /** The outgoing unwrapped sequence number. */
    long sequence(IncomingPacket packet) {
        return packet.sequence() + sequenceOffset;
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
            if (!pictureIdsKnown || ahead(pictureId, lastPictureId, 0x7FFF)) {
                lastPictureId = pictureId;
            }
            int tl0 = tl0PicIdx(vp8);
            if (tl0 >= 0 && (!pictureIdsKnown || ahead(tl0, lastTl0, 0xFF))) {
                lastTl0 = tl0;
            }
            pictureIdsKnown = true;
        }
    }

    /**
     * Leaves out a packet of the current source that receivers do not need (padding). Closes the gap when it is the
     * newest; an older one stays a gap, because what follows it has been sent.
     */
    void skip(IncomingPacket packet) {
        if (accepts(packet) && packet.sequence() == highestSourceSequence + 1) {
            highestSourceSequence++;
            sequenceOffset--;
            // What follows must not reuse a number, and earlier packets keep theirs: refuse anything before the gap.
            firstSequenceOfSource = packet.sequence() + 1;
        }
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
