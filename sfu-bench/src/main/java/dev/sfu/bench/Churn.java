package dev.sfu.bench;

import dev.sfu.bench.load.Load;
import dev.sfu.bench.load.LoadPeer;
import dev.sfu.bench.load.Track;
import dev.sfu.bench.target.Target;
import dev.sfu.bench.trace.Trace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Rooms in which people come and go all the time: members publish and view over one connection that WebSocket signals, viewers
 * come by WHEP. They join, leave, vanish, mute, and offer again with more or fewer slots, as often as makes the server use a
 * wanted share of its processor.
 */
final class Churn implements LongRun.Population {
    /** How many places there are; about half of them are taken at a time. */
    record Shape(int rooms, int members, int viewers) {}

    /** What somebody does. */
    enum Operation {
        JOIN,
        LEAVE,
        VANISH,
        MUTE,
        SLOTS
    }

    private static final int AT_ONCE = 32;
    private static final int MOST_PER_SECOND = 400;
    private static final int LEAST_PER_SECOND = 2;
    private static final double FASTEST_CHANGE = 1.25;
    private static final long PACE_MILLIS = 10;
    private static final double MILLIS_PER_SECOND = 1e3;
    private static final int PERCENT = 100;
    private static final int VANISHING_PERCENT = 5;
    private static final int LEAVING_PERCENT = 35;
    private static final int MUTING_PERCENT = 65;
    /** The first section that {@link dev.sfu.bench.trace.SyntheticTraces#call} has. */
    private static final String CAMERA = "0";

    private final Target target;
    private final Load load;
    private final Trace trace;
    private final int wantedPercent;
    private final RandomGenerator random;
    private final List<Seat> seats = new ArrayList<>();
    private final Map<Operation, AtomicLong> counts = new EnumMap<>(Operation.class);
    private final Map<String, AtomicLong> failures = new ConcurrentHashMap<>();
    private final Semaphore places = new Semaphore(AT_ONCE);
    private volatile double perSecond = LEAST_PER_SECOND;
    private volatile boolean going;
    private @Nullable ExecutorService threads;
    private @Nullable Thread pacer;

    Churn(Target target, Load load, Trace trace, Shape shape, int wantedPercent, RandomGenerator random) {
        this.target = target;
        this.load = load;
        this.trace = trace;
        this.wantedPercent = wantedPercent;
        this.random = random;
        for (int room = 0; room < shape.rooms(); room++) {
            for (int place = 0; place < shape.members() + shape.viewers(); place++) {
                seats.add(new Seat("churn" + room, place < shape.members(), shape.members()));
            }
        }
        for (Operation operation : Operation.values()) {
            counts.put(operation, new AtomicLong());
        }
    }

    @Override
    public boolean steady() {
        return false;
    }

    @Override
    public void begin() {
        going = true;
        threads = Executors.newVirtualThreadPerTaskExecutor();
        pacer = Thread.ofVirtual().name("churn").start(this::pace);
    }

    /** Starts operations at the wanted rate; those that find no place or somebody busy are let go. */
    private void pace() {
        double due = 0;
        try {
            while (going) {
                Thread.sleep(PACE_MILLIS);
                for (due += perSecond * PACE_MILLIS / MILLIS_PER_SECOND; due >= 1; due--) {
                    Seat seat = seats.get(random.nextInt(seats.size()));
                    if (places.tryAcquire()) {
                        Objects.requireNonNull(threads).execute(() -> operate(seat));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void operate(Seat seat) {
        try {
            if (seat.lock.tryLock()) {
                try {
                    counts(seat.operate(random.nextInt(PERCENT)));
                } finally {
                    seat.lock.unlock();
                }
            }
        } catch (IOException | RuntimeException e) {
            failures.computeIfAbsent(String.valueOf(e.getMessage()), message -> new AtomicLong()).incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            places.release();
        }
    }

    private void counts(Operation operation) {
        Objects.requireNonNull(counts.get(operation)).incrementAndGet();
    }

    /** What somebody who is there does next; {@code dice} shows 0 to 99. */
    static Operation choose(boolean member, int dice) {
        if (dice < VANISHING_PERCENT) {
            return Operation.VANISH;
        }
        if (dice < LEAVING_PERCENT || !member) {
            return Operation.LEAVE;
        }
        return dice < MUTING_PERCENT ? Operation.MUTE : Operation.SLOTS;
    }

    @Override
    public void onSecond(double serverPercent) {
        perSecond = rate(perSecond, serverPercent, wantedPercent);
    }

    /** Operations per second to go on with. */
    static double rate(double perSecond, double percent, double wantedPercent) {
        double factor = Math.clamp(wantedPercent / Math.max(1, percent), 1 / FASTEST_CHANGE, FASTEST_CHANGE);
        return Math.clamp(perSecond * factor, LEAST_PER_SECOND, MOST_PER_SECOND);
    }

    @Override
    public void end() throws IOException, InterruptedException {
        going = false;
        Objects.requireNonNull(pacer).join();
        // Waits for what is under way.
        Objects.requireNonNull(threads).close();
        for (Seat seat : seats) {
            seat.leave();
        }
    }

    @Override
    public List<String> report(Result result) {
        counts.forEach((operation, count) -> result.put(operation.name().toLowerCase(Locale.ROOT), count.get()));
        List<String> problems = new ArrayList<>();
        failures.forEach((message, count) -> problems.add(count + " × " + message));
        return problems;
    }

    /** A place in a room that somebody has or nobody. */
    private final class Seat {
        private final ReentrantLock lock = new ReentrantLock();
        private final String room;
        private final boolean member;
        private final int mostSlots;
        private @Nullable LoadPeer peer;
        private Target.@Nullable Session session;
        private boolean muted;

        Seat(String room, boolean member, int mostSlots) {
            this.room = room;
            this.member = member;
            this.mostSlots = mostSlots;
        }

        Operation operate(int dice) throws IOException, InterruptedException {
            Target.Session present = session;
            LoadPeer somebody = peer;
            Operation operation = present == null ? Operation.JOIN : choose(member, dice);
            if (present == null || somebody == null) {
                join();
                return operation;
            }
            switch (operation) {
                case MUTE -> {
                    muted = !muted;
                    present.mute(CAMERA, muted);
                }
                case SLOTS -> {
                    somebody.setActiveSlots(pairs() * Track.of(trace).size(), Track.of(trace));
                    present.negotiate(somebody);
                }
                case VANISH -> vanish(somebody, present);
                case LEAVE, JOIN -> leave();
            }
            return operation;
        }

        private int pairs() {
            return 1 + random.nextInt(mostSlots);
        }

        private List<Track> slots() {
            return Collections.nCopies(pairs(), Track.of(trace)).stream().flatMap(List::stream).toList();
        }

        private void join() throws IOException, InterruptedException {
            LoadPeer coming = member ? load.newMember(trace, slots()) : load.newViewer(slots());
            try {
                session = member ? target.participate(room, coming) : target.view(room, coming);
                peer = coming;
                muted = false;
            } catch (IOException | InterruptedException | RuntimeException e) {
                load.dismiss(List.of(coming));
                throw e;
            }
        }

        /** A WHEP viewer has nothing but its media to be missed by. */
        private void vanish(LoadPeer somebody, Target.Session present) {
            load.abandon(somebody);
            if (member) {
                present.vanish();
            }
            session = null;
            peer = null;
        }

        void leave() throws IOException, InterruptedException {
            Target.Session present = session;
            LoadPeer somebody = peer;
            session = null;
            peer = null;
            if (present != null && somebody != null) {
                try {
                    present.leave();
                } finally {
                    load.dismiss(List.of(somebody));
                }
            }
        }
    }
}
