package dev.sfu.core.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;

/** Loses, delays, repeats and repairs the packets of a source. */
public final class UnreliableLink {
    /** What a link does to packets. */
    public enum Quality {
        /** Nothing. */
        CLEAN,
        /** What is lost is repaired, some of it twice. */
        REPAIRED,
        /** Some is lost for good. */
        LOSSY
    }

    /** How a packet comes. */
    public enum Way {
        DIRECT,
        /** In another stream, by RFC 4588. */
        RTX
    }

    /**
     * A packet as it is sent.
     *
     * @param wire encrypted
     */
    // Nobody compares them.
    @SuppressWarnings("ArrayRecordComponent")
    public record Datagram(SourcePacket packet, byte[] wire) {}

    private record Delayed(Datagram datagram, long dueMicros, Way way) {}

    private static final int DISTURBED_ONE_IN = 25;
    private static final int BURST_ONE_IN = 400;
    private static final int LOST_ONE_IN = 8;
    private static final int MAX_DELAY_MICROS = 250_000;

    private final Quality quality;
    private final Random random;
    private final BiConsumer<Datagram, Way> receiver;
    private final List<Delayed> delayed = new ArrayList<>();
    private int burst;

    public UnreliableLink(Quality quality, Random random, BiConsumer<Datagram, Way> receiver) {
        this.quality = quality;
        this.random = random;
        this.receiver = receiver;
    }

    /** A packet is sent; it and what was due before it comes out now, or later. */
    public void send(Datagram packet, long nowMicros) {
        deliverDue(nowMicros);
        if (quality == Quality.CLEAN) {
            receiver.accept(packet, Way.DIRECT);
            return;
        }
        if (burst == 0 && random.nextInt(BURST_ONE_IN) == 0) {
            burst = 2 + random.nextInt(20);
        }
        boolean inBurst = burst > 0;
        burst -= inBurst ? 1 : 0;
        if (!inBurst && random.nextInt(DISTURBED_ONE_IN) != 0) {
            receiver.accept(packet, Way.DIRECT);
            return;
        }
        packet.packet().frame().disturb();
        switch (inBurst ? 0 : random.nextInt(3)) {
            case 0 -> {
                if (quality != Quality.LOSSY || random.nextInt(LOST_ONE_IN) != 0) {
                    later(packet, nowMicros, Way.RTX);
                }
            }
            case 1 -> later(packet, nowMicros, Way.DIRECT);
            default -> {
                receiver.accept(packet, Way.DIRECT);
                later(packet, nowMicros, random.nextBoolean() ? Way.DIRECT : Way.RTX);
            }
        }
    }

    private void later(Datagram packet, long nowMicros, Way way) {
        int most = random.nextInt(4) == 0 ? MAX_DELAY_MICROS : 2000;
        delayed.add(new Delayed(packet, nowMicros + random.nextInt(most), way));
    }

    /** What has been under way long enough comes out. */
    public void deliverDue(long nowMicros) {
        for (int i = 0; i < delayed.size(); i++) {
            Delayed first = delayed.get(i);
            if (first.dueMicros() <= nowMicros) {
                delayed.remove(i--);
                receiver.accept(first.datagram(), first.way());
            }
        }
    }
}
