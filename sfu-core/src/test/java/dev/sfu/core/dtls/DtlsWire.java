package dev.sfu.core.dtls;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.function.Consumer;

/** One direction of an in-memory path: loses, duplicates and delays datagrams by a seed, and can cut them into records. */
public final class DtlsWire {
    private final Random random;
    private final double loss;
    private final double duplication;
    private final double delay;
    private final boolean splitRecords;
    private final Deque<byte[]> late = new ArrayDeque<>();
    private int datagrams;
    private int largestBytes;

    /**
     * Probabilities are per datagram; a delayed one arrives after the one sent next.
     *
     * @param splitRecords whether every DTLS record travels as a datagram of its own
     */
    public DtlsWire(long seed, double loss, double duplication, double delay, boolean splitRecords) {
        this.random = new Random(seed);
        this.loss = loss;
        this.duplication = duplication;
        this.delay = delay;
        this.splitRecords = splitRecords;
    }

    /** Delivers everything once and in order. */
    public static DtlsWire perfect() {
        return new DtlsWire(0, 0, 0, 0, false);
    }

    /** Sends a datagram; it or earlier ones reach {@code receiver} during the call. */
    public void send(byte[] datagram, Consumer<byte[]> receiver) {
        datagrams++;
        largestBytes = Math.max(largestBytes, datagram.length);
        if (splitRecords) {
            int position = 0;
            while (position < datagram.length) {
                int end = position + 13 + (datagram[position + 11] & 0xFF) * 256 + (datagram[position + 12] & 0xFF);
                pass(Arrays.copyOfRange(datagram, position, end), receiver);
                position = end;
            }
        } else {
            pass(datagram, receiver);
        }
    }

    private void pass(byte[] datagram, Consumer<byte[]> receiver) {
        if (random.nextDouble() < loss) {
            return;
        }
        if (random.nextDouble() < delay) {
            late.add(datagram);
            return;
        }
        receiver.accept(datagram);
        if (random.nextDouble() < duplication) {
            receiver.accept(datagram);
        }
        while (!late.isEmpty()) {
            receiver.accept(late.poll());
        }
    }

    /** Datagrams sent. */
    public int datagrams() {
        return datagrams;
    }

    /** Bytes of the largest datagram sent. */
    public int largestBytes() {
        return largestBytes;
    }
}
