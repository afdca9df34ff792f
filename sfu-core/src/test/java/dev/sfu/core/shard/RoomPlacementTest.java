package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomPlacementTest {
    private final double[] loads = new double[3];
    private final RoomPlacement placement =
            new RoomPlacement(3, new EngineConfig.Limits(4, 12, 3, 1, 25_000), shard -> loads[shard]);

    private int shardOf(String room) {
        return placement.enter(room).shard();
    }

    private List<Integer> shardsOf(String room, int count) {
        List<Integer> shards = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shards.add(shardOf(room));
        }
        return shards;
    }

    @Test
    void roomsGoWhereThereAreFewestParticipants() {
        assertEquals(List.of(0, 0), shardsOf("a", 2));
        assertEquals(1, shardOf("b"));
        assertEquals(2, shardOf("c"));
        assertEquals(1, shardOf("d"));
    }

    @Test
    void roomsGoWhereThereIsLeastToDo() {
        loads[0] = 0.5;
        loads[1] = 0.25;
        loads[2] = 0.29;
        // The second and third are the same to the tenth.
        assertEquals(1, shardOf("a"));
        assertEquals(2, shardOf("b"));
        loads[0] = 0.1;
        assertEquals(0, shardOf("c"));
    }

    @Test
    void aFullShardsRoomGoesOnToTheNextAndThenSpreadsEvenly() {
        assertEquals(List.of(0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 1, 2), shardsOf("a", 12));
        EngineException refused = assertThrows(EngineException.class, () -> placement.enter("a"));
        assertEquals(ErrorCode.LIMIT_REACHED, refused.code());
    }

    @Test
    void aBusyShardIsLeftForOneThatIsNotAndTakenAgainLater() {
        assertEquals(0, shardOf("a"));
        loads[0] = 0.8;
        loads[1] = 0.2;
        assertEquals(List.of(2, 2), shardsOf("a", 2));
        loads[0] = 0.1;
        assertEquals(0, shardOf("a"));
    }

    @Test
    void whenAllAreBusyTheLeastBusyTakesIt() {
        assertEquals(0, shardOf("a"));
        loads[0] = 0.95;
        loads[1] = 0.9;
        loads[2] = 0.75;
        assertEquals(2, shardOf("a"));
        loads[0] = 0.71;
        loads[2] = 0.99;
        assertEquals(0, shardOf("a"));
    }

    @Test
    void placesComeBack() {
        List<RoomPlacement.Seat> seats = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            seats.add(placement.enter("a"));
        }
        assertEquals(List.of(1L, 2L, 3L, 4L), seats.stream().map(RoomPlacement.Seat::number).toList());
        placement.leave(seats.get(0));
        assertEquals(0, shardOf("a"));
        assertEquals(1, placement.rooms());
        seats.subList(1, 4).forEach(placement::leave);
        assertEquals(1, placement.rooms());
        placement.leave(new RoomPlacement.Seat("a", 0, 5, () -> 0));
        assertEquals(0, placement.rooms());
        assertEquals(1, seats.getFirst().trackNumbers().getAsInt());
    }

    @Test
    void thereAreNotTooManyRooms() {
        for (String room : List.of("a", "b", "c", "d")) {
            shardOf(room);
        }
        EngineException refused = assertThrows(EngineException.class, () -> placement.enter("e"));
        assertEquals(ErrorCode.LIMIT_REACHED, refused.code());
        assertEquals(4, placement.rooms());
    }
}
