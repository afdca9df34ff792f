package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.TrackSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotTableTest {
    private final SlotTable table = new SlotTable();
    private final RoutingScene scene = new RoutingScene();
    private final Map<String, Participant> participants = new HashMap<>();

    private PublishedTrack track(String participant, TrackSource source) {
        MediaKind kind = source == TrackSource.MICROPHONE || source == TrackSource.SCREEN_AUDIO
                ? MediaKind.AUDIO
                : MediaKind.VIDEO;
        Participant publisher = participants.computeIfAbsent(participant, scene::participant);
        return new PublishedTrack(participant + source, publisher, scene.receiver(source.name(), kind), source, false);
    }

    private PublishedTrack microphone(String participant) {
        return track(participant, TrackSource.MICROPHONE);
    }

    private PublishedTrack camera(String participant) {
        return track(participant, TrackSource.CAMERA);
    }

    private @Nullable Integer place(String participant) {
        return table.pairOf(new SlotTable.Group(participant, false));
    }

    private void assign(int audio, int video, PublishedTrack... tracks) {
        table.assign(List.of(tracks), upTo(audio), upTo(video));
    }

    private static BitSet upTo(int count) {
        BitSet numbers = new BitSet();
        numbers.set(0, count);
        return numbers;
    }

    @Test
    void voiceAloneLeavesThePairsToPictures() {
        assign(3, 2, microphone("a"), microphone("b"), camera("b"), microphone("c"), camera("c"));
        assertEquals(2, place("a"));
        assertEquals(0, place("b"));
        assertEquals(1, place("c"));
    }

    @Test
    void theScreenIsAGroupOfItsOwn() {
        assign(2, 2, microphone("a"), camera("a"), track("a", TrackSource.SCREEN), track("a", TrackSource.SCREEN_AUDIO));
        assertEquals(0, place("a"));
        assertEquals(1, table.pairOf(new SlotTable.Group("a", true)));
    }

    @Test
    void aVoiceThatGetsAPictureMovesToAPair() {
        assign(3, 2, microphone("a"));
        assertEquals(2, place("a"));
        assign(3, 2, microphone("a"), camera("a"));
        assertEquals(0, place("a"));
    }

    @Test
    void whoGetsNoPictureKeepsItsVoicePlace() {
        assign(4, 1, microphone("x"), camera("x"), microphone("a"), microphone("b"), microphone("c"));
        assertEquals(1, place("a"));
        assign(4, 1, microphone("x"), camera("x"), microphone("b"), camera("b"), microphone("c"), camera("c"));
        assertEquals(2, place("b"));
        assertEquals(3, place("c"));
    }

    @Test
    void aGroupThatLostItsPictureMakesRoomForAnother() {
        assign(2, 1, microphone("a"), camera("a"));
        assertEquals(0, place("a"));
        assign(2, 1, microphone("a"), microphone("b"), camera("b"));
        assertEquals(1, place("a"));
        assertEquals(0, place("b"));
        // Nowhere else to be heard: the picture waits.
        assign(1, 1, microphone("b"));
        assign(1, 1, microphone("b"), microphone("c"), camera("c"));
        assertEquals(0, place("b"));
        assertNull(place("c"));
    }

    @Test
    void aPlaceThatIsGoneIsGivenUp() {
        assign(3, 3, microphone("a"), microphone("b"), microphone("c"));
        assertEquals(2, place("c"));
        assign(1, 3, microphone("b"), microphone("c"));
        assertEquals(0, place("b") == null ? place("c") : place("b"));
    }

    /** The table's promises, against any history. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void keepsItsPromises(long seed) {
        Random random = new Random(seed);
        Map<String, PublishedTrack> present = new LinkedHashMap<>();
        BitSet audio = new BitSet();
        BitSet video = new BitSet();
        for (int step = 0; step < 3000; step++) {
            switch (random.nextInt(8)) {
                case 0 -> audio.set(random.nextInt(10), random.nextInt(10) > 1);
                case 1 -> video.set(random.nextInt(10), random.nextInt(10) > 1);
                default -> {
                    PublishedTrack track = track("p" + random.nextInt(8), TrackSource.values()[random.nextInt(4)]);
                    if (present.remove(track.id()) == null) {
                        present.put(track.id(), track);
                    }
                }
            }
            List<PublishedTrack> tracks = new ArrayList<>(present.values());
            Map<SlotTable.Group, Integer> before = places(tracks);
            table.assign(tracks, audio, video);
            check(tracks, audio, video, before, "seed " + seed + " step " + step);
            Map<SlotTable.Group, Integer> after = places(tracks);
            table.assign(tracks, audio, video);
            assertEquals(after, places(tracks), "assigning again moves nobody");
        }
    }

    private Map<SlotTable.Group, Integer> places(List<PublishedTrack> tracks) {
        Map<SlotTable.Group, Integer> places = new HashMap<>();
        for (PublishedTrack track : tracks) {
            Integer place = table.pairOf(SlotTable.Group.of(track));
            if (place != null) {
                places.put(SlotTable.Group.of(track), place);
            }
        }
        return places;
    }

    private void check(
            List<PublishedTrack> tracks,
            BitSet audio,
            BitSet video,
            Map<SlotTable.Group, Integer> before,
            String when) {
        Map<SlotTable.Group, Integer> after = places(tracks);
        assertEquals(after.size(), new HashSet<>(after.values()).size(), when + ": one group a place");
        Set<SlotTable.Group> seen = new HashSet<>();
        Set<SlotTable.Group> heard = new HashSet<>();
        Set<SlotTable.Group> all = new HashSet<>();
        for (PublishedTrack track : tracks) {
            all.add(SlotTable.Group.of(track));
            (track.kind() == MediaKind.VIDEO ? seen : heard).add(SlotTable.Group.of(track));
        }
        after.forEach((group, place) -> assertTrue(
                audio.get(place) || (seen.contains(group) && video.get(place)), when + ": a place that is there"));
        long shown = after.entrySet().stream()
                .filter(entry -> seen.contains(entry.getKey()) && video.get(entry.getValue()))
                .count();
        boolean audioCoversVideo = video.stream().allMatch(audio::get);
        if (audioCoversVideo && all.size() <= audio.cardinality()) {
            assertTrue(after.keySet().containsAll(heard), when + ": room for everybody who can be heard");
            assertEquals(Math.min(seen.size(), video.cardinality()), shown, when + ": every picture that can be");
        }
        before.forEach((group, place) -> {
            boolean good = seen.contains(group) ? video.get(place) : audio.get(place) && !video.get(place);
            if (good) {
                assertEquals(place, after.get(group), when + ": nobody moves without need");
            }
        });
    }
}
