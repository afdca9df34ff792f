package dev.sfu.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Rooms of one kind, each with its publishers and as many viewers as the others. */
final class Rooms implements Ramp.Crowd {
    private final IntFunction<Room> make;
    private final int viewers;
    private final List<Room> rooms = new ArrayList<>();

    /** None yet; {@code make} gives an empty one by its number. */
    Rooms(IntFunction<Room> make, int viewers) {
        this.make = make;
        this.viewers = viewers;
    }

    @Override
    public int size() {
        return rooms.size();
    }

    @Override
    public void resize(int size) throws IOException, InterruptedException {
        while (rooms.size() < size) {
            Room room = make.apply(rooms.size());
            rooms.add(room);
            room.fill(viewers);
        }
        while (rooms.size() > size) {
            rooms.removeLast().end();
        }
    }

    Room first() {
        return rooms.getFirst();
    }
}
