package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.api.RoomEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuardedListenerTest {
    @Test
    void aListenerThatThrowsHarmsNobodyAndIsStillTold() {
        List<RoomEvent> told = new ArrayList<>();
        GuardedListener guarded = new GuardedListener(event -> {
            told.add(event);
            throw new IllegalStateException("its loop is gone");
        });
        RoomEvent.SlotsNeeded first = new RoomEvent.SlotsNeeded(1, 1);
        RoomEvent.SlotsNeeded second = new RoomEvent.SlotsNeeded(2, 2);
        guarded.onEvent(first);
        guarded.onEvent(second);
        assertEquals(List.of(first, second), told);
    }
}
