package dev.sfu.core.routing;

import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.codec.Vp9Descriptor;
import dev.sfu.core.layers.NumberMap;
import dev.sfu.core.layers.OffsetNumber;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.SourceClock;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one outgoing stream continuous while what feeds it changes: sequence number, timestamp, the numbers of VP8's and VP9's
 * payload descriptors, and the dependency descriptor's frame number. Switching layers, switching sources and resuming after a
 * pause are the same operation.
 *
 * <p>Packets that are left out take no sequence number, and pictures of VP8 that are left out no picture id, since decoders take
 * a gap in either for a loss. Numbers that other frames refer to by differences, which are VP9's picture ids (RFC 9628
 * section 4.2) and frame numbers, and those that count what is never left out, TL0PICIDX and KEYIDX, only move by a constant
 * between switches. Packets from before the latest switch are refused.
 *
 * <p>No outgoing sequence number is used twice as long as no incoming one is: SRTP depends on it (RFC 3711 section 9.1). And
 * whatever the source's numbers do, the outgoing ones hardly rise faster than packets leave: a receiver that misses half a cycle
 * of them guesses the rollover counter wrongly, and can read nothing of the slot ever after, whoever plays in it.
 */
final class RtpRewriter {
    /** Below 2^15, so that a receiver that misses the first packets cannot guess the rollover counter wrongly. */
    private static final int FIRST_SEQUENCE_BOUND = 1 << 14;
    /** Packets further behind the newest are not taken from the network either. */
    private static final int SEQUENCE_WINDOW = 1024;
    private static final int PICTURE_WINDOW = 128;
    /** Missing packets whose numbers are kept free at a time; no more are asked for again. */
    private static final int MAX_KEPT_FREE = 1000;
    /** The lines of two sources, and a packet's times of capture and arrival, differ by less, unless a clock is wrong. */
    private static final int SANE_SECONDS = 10;
    private static final long NEVER = Long.MIN_VALUE;
    private static final int WIDE_BITS = 15;
    private static final int WIDE_MASK = 0x7FFF;
    private static final int NARROW_BITS = 7;
    private static final int NARROW_MASK = 0x7F;
    private static final int FRAME_NUMBER_MASK = 0xFFFF;

    private final NumberMap sequences = new NumberMap(SEQUENCE_WINDOW);
    private final NumberMap pictures = new NumberMap(PICTURE_WINDOW);
    private final OffsetNumber tl0PicIdxs = new OffsetNumber(8);
    private final OffsetNumber keyIdxs = new OffsetNumber(5);
    private final OffsetNumber frameNumbers = new OffsetNumber(16);

    private @Nullable IncomingStream source;
    private @Nullable SourceClock clock;
    private boolean started;
    private int firstSequence;
    /** For how many missing packets numbers may be kept free now; each packet that comes makes up for one. */
    private int keepFree = MAX_KEPT_FREE;
    /** Places the source's timestamps on the slot's line; what is added to keep time from going back comes on top. */
    private long lineOffset;
    private long timestampOffset;
    private long lastTimestamp;
    /** When the packet that has it came. */
    private long lastArrivalNanos = NEVER;
    /** Whether the source's picture ids have been placed since the switch, and whether any were before. */
    private boolean picturesPlaced;
    private boolean picturesKnown;
    /** Whether there have been picture ids of 15 bits: from then on all are. */
    private boolean wide;

    private long picture;
    private long sequence;
    private long timestamp;
    private long rewrite;

    /** Starts at random places, as RFC 3550 section 5.1 asks. */
    RtpRewriter(int randomSequence, int randomTimestamp) {
        firstSequence = Math.floorMod(randomSequence, FIRST_SEQUENCE_BOUND) + 1;
        lastTimestamp = randomTimestamp & 0xFFFF_FFFFL;
    }

    /** The clock of the source that feeds the output, for sender reports. */
    @Nullable SourceClock clock() {
        return clock;
    }

    /** What to add to the source's unwrapped timestamps. */
    long timestampOffset() {
        return timestampOffset;
    }

    /** Makes {@code packet}, which a decoder can start with, the first of its stream to be forwarded. */
    void switchTo(IncomingPacket packet) {
        IncomingStream newSource = packet.stream();
        SourceClock newClock = newSource.clock();
        placeLine(packet, newClock);
        sequences.start(packet.sequence(), started ? sequences.lastOut() + 1 : firstSequence);
        source = newSource;
        clock = newClock;
        started = true;
        picturesPlaced = false;
        tl0PicIdxs.restart();
        keyIdxs.restart();
        frameNumbers.restart();
    }

    /** One continuous line: where the old source's line would be at the moment the new packet was captured. */
    private void placeLine(IncomingPacket packet, SourceClock newClock) {
        SourceClock oldClock = clock;
        int rate = newClock.clockRate();
        if (oldClock == null) {
            lineOffset = lastTimestamp - packet.timestamp();
            timestampOffset = lineOffset;
            return;
        }
        long saneNanos = SANE_SECONDS * Deadlines.SECOND;
        long capturedNanos = Math.clamp(
                newClock.nanosOf(packet.timestamp()),
                packet.arrivalNanos() - saneNanos,
                packet.arrivalNanos() + saneNanos);
        long onLine = oldClock.clockRate() == rate
                ? oldClock.timestampAt(capturedNanos) + lineOffset
                : lastTimestamp + rate / 50;
        // Peers say what they like of their clocks, and whoever plays here next goes on from it.
        long elapsed = Math.round((capturedNanos - lastArrivalNanos) * (double) rate / Deadlines.SECOND);
        if (lastArrivalNanos != NEVER && Math.abs(onLine - lastTimestamp - elapsed) > (long) SANE_SECONDS * rate) {
            onLine = lastTimestamp + elapsed;
        }
        lineOffset = onLine - packet.timestamp();
        // Never back: decoders drop frames older than the last one. Ten milliseconds is less than any frame lasts.
        timestampOffset = Math.max(onLine, lastTimestamp + rate / 100) - packet.timestamp();
    }

    /**
     * Gives a packet its numbers.
     *
     * @param targets what its dependency descriptor is to tell of decode targets, see {@link Rewrite#withDependencies}
     * @return false if it is refused: of another stream, left out before, or from before the switch
     */
    boolean place(IncomingPacket packet, int targets) {
        PacketLayers layers = packet.layers();
        // The picture first: a sequence number that has been placed is one to send.
        if (packet.stream() != source || (layers != null && layers.pictureId() >= 0 && !placePicture(layers.pictureId()))) {
            return false;
        }
        boundGap(packet.sequence());
        long number = sequences.place(packet.sequence());
        if (number == NumberMap.NONE) {
            return false;
        }
        sequence = number;
        timestamp = packet.timestamp() + timestampOffset;
        if (timestamp > lastTimestamp || lastArrivalNanos == NEVER) {
            lastTimestamp = timestamp;
            lastArrivalNanos = packet.arrivalNanos();
        }
        rewrite = layers == null ? Rewrite.NONE : rewriteOf(layers, targets);
        return true;
    }

    /** Keeps numbers free for what is missing before a packet, if it is not too much: then for the last of it only. */
    private void boundGap(long in) {
        long missing = in - sequences.highest() - 1;
        if (missing > keepFree) {
            missing = Math.max(1, keepFree);
            sequences.start(in, sequences.lastOut() + 1 + missing);
        }
        keepFree = (int) Math.min(MAX_KEPT_FREE, Math.max(0, keepFree - Math.max(0, missing)) + 1);
    }

    private boolean placePicture(long pictureId) {
        if (!picturesPlaced) {
            pictures.start(pictureId, picturesKnown ? pictures.lastOut() + 1 : pictureId);
            picturesPlaced = true;
            picturesKnown = true;
        }
        picture = pictures.place(pictureId);
        return picture != NumberMap.NONE;
    }

    private long rewriteOf(PacketLayers layers, int targets) {
        long result = Rewrite.NONE;
        Vp8Descriptor vp8 = layers.vp8();
        Vp9Descriptor vp9 = layers.vp9();
        if (vp8 != null) {
            result = rewriteOf(vp8.pictureId(), vp8.pictureIdBits(), vp8.tl0PicIdx(), vp8.keyIdx());
        } else if (vp9 != null) {
            result = rewriteOf(vp9.pictureId(), vp9.pictureIdBits(), vp9.tl0PicIdx(), -1);
        }
        if (layers.numbered()) {
            int in = (int) layers.frame() & FRAME_NUMBER_MASK;
            int out = frameNumbers.place(in);
            if (out != in || targets != 0) {
                result = Rewrite.withDependencies(result, out, targets);
            }
        }
        return result;
    }

    private long rewriteOf(int pictureId, int bits, int tl0PicIdx, int keyIdx) {
        wide |= bits == WIDE_BITS;
        boolean widens = wide && bits == NARROW_BITS;
        int outPictureId = bits == 0 ? -1 : (int) picture & (wide ? WIDE_MASK : NARROW_MASK);
        int outTl0PicIdx = tl0PicIdx < 0 ? -1 : tl0PicIdxs.place(tl0PicIdx);
        int outKeyIdx = keyIdx < 0 ? -1 : keyIdxs.place(keyIdx);
        if (!widens && outPictureId == pictureId && outTl0PicIdx == tl0PicIdx && outKeyIdx == keyIdx) {
            return Rewrite.NONE;
        }
        long payload = Rewrite.payload(outPictureId, outTl0PicIdx, outKeyIdx);
        return widens ? Rewrite.widened(payload) : payload;
    }

    /** The outgoing unwrapped sequence number of the packet placed last. */
    long sequence() {
        return sequence;
    }

    /** The outgoing unwrapped timestamp of the packet placed last. */
    long timestamp() {
        return timestamp;
    }

    /** The {@link Rewrite} of the packet placed last. */
    long rewrite() {
        return rewrite;
    }

    /**
     * Leaves out a packet of the stream that plays, so that it leaves no gap.
     *
     * @param gapToo whether what is missing between it and the newest packet before it is left out as well
     * @return false if it is not the newest: what follows it has been sent, and its number stays free
     */
    boolean leaveOut(IncomingPacket packet, boolean gapToo) {
        if (packet.stream() != source) {
            // Of its stream nothing has been forwarded yet, and the numbers of two streams have nothing to do with each other.
            return false;
        }
        PacketLayers layers = packet.layers();
        if (layers != null && layers.vp8() != null && layers.pictureId() >= 0 && picturesPlaced) {
            pictures.leaveOut(layers.pictureId(), false);
        }
        if (!gapToo) {
            boundGap(packet.sequence());
        }
        return sequences.leaveOut(packet.sequence(), gapToo);
    }
}
