package dev.sfu.core.shard;

import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.routing.RoomMessage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts rooms together from what each shard has of them. */
final class RoomViews {
    private RoomViews() {}

    /** Each room once, its participants in the order of joining. */
    static List<RoomInfo> merge(List<Map<String, RoomMessage.Present>> shards) {
        Map<String, TreeMap<Long, ParticipantInfo>> members = new LinkedHashMap<>();
        Map<String, Integer> viewers = new LinkedHashMap<>();
        for (Map<String, RoomMessage.Present> rooms : shards) {
            rooms.forEach((name, present) -> {
                TreeMap<Long, ParticipantInfo> ofRoom = members.computeIfAbsent(name, key -> new TreeMap<>());
                present.members().forEach(joined -> ofRoom.put(joined.joinNumber(), joined.participant()));
                viewers.merge(name, present.viewers(), Integer::sum);
            });
        }
        return members.entrySet().stream()
                .map(room -> new RoomInfo(
                        room.getKey(), List.copyOf(room.getValue().values()), viewers.getOrDefault(room.getKey(), 0)))
                .toList();
    }
}
