package dev.sfu.bench;

import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/** People who come, stay, and leave together. */
final class Soak implements LongRun.Population {
    private final Supplier<Rooms> make;
    private final int count;
    private Rooms rooms;

    /** So many rooms, each time made anew. */
    Soak(Supplier<Rooms> make, int count) {
        this.make = make;
        this.count = count;
        this.rooms = make.get();
    }

    @Override
    public void begin() throws IOException, InterruptedException {
        rooms = make.get();
        rooms.resize(count);
    }

    @Override
    public boolean steady() {
        return true;
    }

    @Override
    public void onSecond(double serverPercent) {
        // Steady.
    }

    @Override
    public void end() throws IOException, InterruptedException {
        rooms.resize(0);
    }

    @Override
    public List<String> report(Result result) {
        return List.of();
    }
}
