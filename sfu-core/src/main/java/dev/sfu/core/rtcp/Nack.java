package dev.sfu.core.rtcp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Generic NACK (RFC 4585 section 6.2.1): packets that the sender of this has not received. A class, not a record, to
 * keep the numbers in a flat array.
 */
public final class Nack implements RtcpPacket {
    /**
     * Sequence numbers kept of one packet. A datagram could name some six thousand; no receiver has that many missing
     * that are worth repeating, so the rest is ignored.
     */
    public static final int MAX_SEQUENCE_NUMBERS = 1024;

    private final int senderSsrc;
    private final int mediaSsrc;
    private final int[] sequenceNumbers;

    /** Takes the numbers, unsigned 16 bits each, in the order of the wire; the array must not change afterwards. */
    public Nack(int senderSsrc, int mediaSsrc, int... sequenceNumbers) {
        this.senderSsrc = senderSsrc;
        this.mediaSsrc = mediaSsrc;
        this.sequenceNumbers = sequenceNumbers;
    }

    /** Who misses packets. */
    public int senderSsrc() {
        return senderSsrc;
    }

    /** The stream of which packets are missing. */
    public int mediaSsrc() {
        return mediaSsrc;
    }

    /** How many are missing. */
    public int count() {
        return sequenceNumbers.length;
    }

    /** One of the missing, 0 to 65535. */
    public int sequenceNumber(int index) {
        return sequenceNumbers[index];
    }

    /** A copy of the numbers. */
    public int[] sequenceNumbers() {
        return sequenceNumbers.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Nack nack
                && senderSsrc == nack.senderSsrc
                && mediaSsrc == nack.mediaSsrc
                && Arrays.equals(sequenceNumbers, nack.sequenceNumbers);
    }

    @Override
    public int hashCode() {
        return 31 * mediaSsrc + Arrays.hashCode(sequenceNumbers);
    }

    @Override
    public String toString() {
        return "Nack[" + Integer.toUnsignedString(mediaSsrc) + ": " + Arrays.toString(sequenceNumbers) + "]";
    }
}
