package dev.sfu.core.rtcp;

import dev.sfu.core.buffer.ByteReader;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Generic NACK (RFC 4585 section 6.2.1): packets that the sender of this has not received. A class, not a record, to
 * keep the numbers in a flat array, which {@link RtcpReader} fills again and again when it reads into a {@link RtcpSink}.
 */
public final class Nack implements RtcpPacket {
    /**
     * Sequence numbers kept of one packet. A datagram could name some six thousand; no receiver has that many missing
     * that are worth repeating, so the rest is ignored.
     */
    public static final int MAX_SEQUENCE_NUMBERS = 1024;

    private static final int ENTRY_BYTES = 4;
    private static final int INITIAL_CAPACITY = 32;

    private int senderSsrc;
    private int mediaSsrc;
    private int[] sequenceNumbers;
    private int count;

    /** Takes the numbers, unsigned 16 bits each, in the order of the wire; the array must not change afterwards. */
    public Nack(int senderSsrc, int mediaSsrc, int... sequenceNumbers) {
        this.senderSsrc = senderSsrc;
        this.mediaSsrc = mediaSsrc;
        this.sequenceNumbers = sequenceNumbers;
        this.count = sequenceNumbers.length;
    }

    /** Reads what follows the common header of a feedback packet; null if it is inconsistent. */
    static @Nullable Nack readNew(ByteReader in) {
        Nack nack = new Nack(0, 0);
        return nack.read(in) ? nack : null;
    }

    /** Takes the place of what was read before; false, with nothing to rely on, if the packet is inconsistent. */
    boolean read(ByteReader in) {
        senderSsrc = in.i32();
        mediaSsrc = in.i32();
        count = 0;
        if (in.remaining() < ENTRY_BYTES) {
            return false;
        }
        while (in.remaining() >= ENTRY_BYTES) {
            int packetId = in.u16();
            // Bit 0 stands for the packet itself, bit i for the i-th after it.
            int lost = in.u16() << 1 | 1;
            reserve(count + Integer.bitCount(lost));
            for (int i = 0; lost != 0 && count < MAX_SEQUENCE_NUMBERS; i++, lost >>>= 1) {
                if ((lost & 1) != 0) {
                    sequenceNumbers[count++] = (packetId + i) & 0xFFFF;
                }
            }
        }
        return true;
    }

    private void reserve(int needed) {
        if (needed > sequenceNumbers.length && sequenceNumbers.length < MAX_SEQUENCE_NUMBERS) {
            int capacity = Math.max(needed, Math.max(INITIAL_CAPACITY, 2 * sequenceNumbers.length));
            sequenceNumbers = Arrays.copyOf(sequenceNumbers, Math.min(MAX_SEQUENCE_NUMBERS, capacity));
        }
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
        return count;
    }

    /** One of the missing, 0 to 65535. */
    public int sequenceNumber(int index) {
        return sequenceNumbers[Objects.checkIndex(index, count)];
    }

    /** A copy of the numbers. */
    public int[] sequenceNumbers() {
        return Arrays.copyOf(sequenceNumbers, count);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Nack nack
                && senderSsrc == nack.senderSsrc
                && mediaSsrc == nack.mediaSsrc
                && Arrays.equals(sequenceNumbers, 0, count, nack.sequenceNumbers, 0, nack.count);
    }

    @Override
    public int hashCode() {
        return 31 * mediaSsrc + Arrays.hashCode(sequenceNumbers());
    }

    @Override
    public String toString() {
        return "Nack[" + Integer.toUnsignedString(mediaSsrc) + ": " + Arrays.toString(sequenceNumbers()) + "]";
    }
}
