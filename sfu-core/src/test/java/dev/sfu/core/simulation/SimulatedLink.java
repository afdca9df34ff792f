package dev.sfu.core.simulation;

import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One direction of a network path with a bottleneck: see {@link LinkConfig} for what happens to packets. */
public final class SimulatedLink {
    /** IPv4 and UDP headers, which take the bottleneck's time too. */
    public static final int HEADER_BYTES = 28;

    /** Where datagrams arrive. */
    @FunctionalInterface
    public interface Receiver {
        /** Takes over the reference. */
        void onDatagram(PacketBuffer datagram, long nowNanos);
    }

    /** Where packets of cross traffic arrive. */
    @FunctionalInterface
    interface CrossReceiver {
        void onArrival(long sequence, int bytes, long nowNanos);
    }

    private final VirtualTime time;
    private final BufferPool pool;
    private final SplittableRandom random;
    private final Receiver receiver;
    private final LinkMeter meter;
    private final ArrayDeque<Crossing> queue = new ArrayDeque<>();
    private final ArrayDeque<Crossing> idle = new ArrayDeque<>();
    private final VirtualTime.Alarm departure = new VirtualTime.Alarm(this::onDeparture);
    private LinkConfig config;
    private boolean bad;
    private long queuedBytes;
    /** Of the packet that is being sent, at {@link #progressNanos}. */
    private double remainingBits;
    private long progressNanos;
    private long latestArrivalNanos;
    private int inFlight;

    /** A link whose random choices depend on the seed alone. */
    public SimulatedLink(VirtualTime time, BufferPool pool, LinkConfig config, long seed, Receiver receiver) {
        this.time = time;
        this.pool = pool;
        this.config = config;
        this.random = new SplittableRandom(seed);
        this.receiver = receiver;
        this.meter = new LinkMeter(time, config.rateBps());
    }

    /** What it does now. */
    public LinkConfig config() {
        return config;
    }

    /** What went through. */
    public LinkMeter meter() {
        return meter;
    }

    /** Changes what happens from now on; what waits leaves at the new rate. */
    public void configure(LinkConfig changed) {
        long now = time.nowNanos();
        boolean busy = !queue.isEmpty();
        if (busy) {
            remainingBits = Math.max(0, remainingBits - bitsSince(now));
            progressNanos = now;
        }
        config = changed;
        meter.onRate(changed.rateBps());
        if (busy) {
            time.set(departure, finishNanos());
        }
    }

    /** Changes the rate. */
    public void setRateBps(long bps) {
        configure(config.withRateBps(bps));
    }

    private double bitsSince(long now) {
        return config.rateBps() == 0
                ? remainingBits
                : (now - progressNanos) * (double) config.rateBps() / Deadlines.SECOND;
    }

    private long finishNanos() {
        return config.rateBps() == 0
                ? progressNanos
                : progressNanos + (long) Math.ceil(remainingBits * Deadlines.SECOND / config.rateBps());
    }

    /** Sends a datagram; takes over the reference. */
    public void send(PacketBuffer datagram) {
        Crossing crossing = acquire();
        crossing.datagram = datagram;
        crossing.bytes = datagram.length() + HEADER_BYTES;
        enqueue(crossing);
    }

    /** Sends a packet of somebody else, who shares the bottleneck. */
    void sendCross(int bytes, long sequence, CrossReceiver to) {
        Crossing crossing = acquire();
        crossing.cross = to;
        crossing.sequence = sequence;
        crossing.bytes = bytes;
        enqueue(crossing);
    }

    private void enqueue(Crossing crossing) {
        long now = time.nowNanos();
        crossing.sentNanos = now;
        meter.onOffered(crossing.own());
        if (crossing.bytes > config.mtuBytes()) {
            meter.onTooLarge(crossing.own());
            release(crossing);
            return;
        }
        boolean fits = queuedBytes + crossing.bytes <= config.queueBytes() && waitNanos() <= config.queueNanos();
        if (!queue.isEmpty() && !fits) {
            meter.onQueueFull(crossing.own());
            release(crossing);
            return;
        }
        if (config.rateBps() == 0 && queue.isEmpty()) {
            meter.onDeparted(crossing.own(), 0);
            travel(crossing, now);
            return;
        }
        queue.addLast(crossing);
        queuedBytes += crossing.bytes;
        if (queue.size() == 1) {
            startNext(now);
        }
    }

    /** How long a packet that comes now waits. */
    long waitNanos() {
        return config.rateBps() == 0 ? 0 : queuedBytes * 8 * Deadlines.SECOND / config.rateBps();
    }

    private void startNext(long now) {
        Crossing head = queue.peekFirst();
        if (head != null) {
            remainingBits = head.bytes * 8.0;
            progressNanos = now;
            time.set(departure, finishNanos());
        }
    }

    private void onDeparture(long now) {
        Crossing head = queue.removeFirst();
        queuedBytes -= head.bytes;
        meter.onDeparted(head.own(), now - head.sentNanos - serialisationNanos(head.bytes));
        startNext(now);
        travel(head, now);
    }

    private long serialisationNanos(int bytes) {
        return config.rateBps() == 0 ? 0 : bytes * 8L * Deadlines.SECOND / config.rateBps();
    }

    private void travel(Crossing crossing, long now) {
        // Always the same number of draws, so that one kind of impairment does not change what another one hits.
        boolean changes = random.nextDouble() < (bad ? config.loss().becomesGood() : config.loss().becomesBad());
        bad ^= changes;
        boolean lost = random.nextDouble() < (bad ? config.loss().whileBad() : config.loss().whileGood());
        long jitter = (long) (random.nextDouble() * config.jitterNanos());
        boolean heldBack = random.nextDouble() < config.reordered();
        boolean twice = random.nextDouble() < config.duplicated();
        if (lost) {
            meter.onLost(crossing.own());
            release(crossing);
            return;
        }
        long arrival = now + config.delayNanos() + jitter;
        if (heldBack) {
            arrival += config.reorderNanos();
        } else if (!config.jitterReorders()) {
            arrival = Math.max(arrival, latestArrivalNanos);
            latestArrivalNanos = arrival;
        }
        if (twice) {
            Crossing copy = acquire();
            copy.become(crossing);
            meter.onDuplicated(crossing.own());
            inFlight++;
            time.set(copy.arrival, arrival);
        }
        inFlight++;
        time.set(crossing.arrival, arrival);
    }

    /** Packets in the queue and under way. */
    public int held() {
        return queue.size() + inFlight;
    }

    /** Drops everything that is in it. */
    void clear() {
        for (Crossing crossing = queue.pollFirst(); crossing != null; crossing = queue.pollFirst()) {
            release(crossing);
        }
        queuedBytes = 0;
        time.set(departure, Deadlines.NEVER);
    }

    private Crossing acquire() {
        Crossing crossing = idle.pollLast();
        return crossing == null ? new Crossing() : crossing;
    }

    private void release(Crossing crossing) {
        PacketBuffer datagram = crossing.datagram;
        if (datagram != null) {
            datagram.release();
        }
        crossing.datagram = null;
        crossing.cross = null;
        idle.addLast(crossing);
    }

    /** A packet on its way. */
    private final class Crossing {
        final VirtualTime.Alarm arrival = new VirtualTime.Alarm(this::arrive);
        @Nullable PacketBuffer datagram;
        @Nullable CrossReceiver cross;
        long sequence;
        int bytes;
        long sentNanos;

        boolean own() {
            return datagram != null;
        }

        void become(Crossing other) {
            PacketBuffer original = other.datagram;
            datagram = original == null
                    ? null
                    : pool.acquire().set(original.array(), original.offset(), original.length());
            cross = other.cross;
            sequence = other.sequence;
            bytes = other.bytes;
            sentNanos = other.sentNanos;
        }

        private void arrive(long now) {
            inFlight--;
            meter.onDelivered(own(), bytes);
            PacketBuffer arrived = datagram;
            CrossReceiver to = cross;
            datagram = null;
            release(this);
            if (arrived != null) {
                receiver.onDatagram(arrived, now);
            } else if (to != null) {
                to.onArrival(sequence, bytes, now);
            }
        }
    }
}
