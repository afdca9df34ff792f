package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.TrackSource;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decision who gets which slot, as a table and against any history. */
class SlotTableTest {
    private static final Speech SPEECH = new Speech(100, 100, 100, 90, true, true);
    private static final Speech LOUD_SPEECH = new Speech(100, 100, 100, 100, true, true);

    private final SlotTable table = new SlotTable();
    private final RoutingScene scene = new RoutingScene();
    private final Map<String, Participant> participants = new HashMap<>();
    private final Map<String, PublishedTrack> tracks = new HashMap<>();
    private final Participant viewer = scene.participant("viewer");
    private List<PublishedTrack> present = List.of();
    private @Nullable List<String> page;
    private @Nullable Speaker dominant;
    private long now;

    private PublishedTrack track(String participant, TrackSource source) {
        MediaKind kind = source == TrackSource.MICROPHONE || source == TrackSource.SCREEN_AUDIO
                ? MediaKind.AUDIO
                : MediaKind.VIDEO;
        Participant publisher = participants.computeIfAbsent(participant, scene::participant);
        return tracks.computeIfAbsent(
                participant + source,
                id -> new PublishedTrack(
                        id, publisher, scene.receiver(source.name(), kind), source, false, scene.room));
    }

    private PublishedTrack microphone(String participant) {
        return track(participant, TrackSource.MICROPHONE);
    }

    private PublishedTrack camera(String participant) {
        return track(participant, TrackSource.CAMERA);
    }

    private PublishedTrack screen(String participant) {
        return track(participant, TrackSource.SCREEN);
    }

    private void speaks(String participant, Speech speech) {
        Objects.requireNonNull(microphone(participant).speaker()).told(speech, ++now);
    }

    private void leads(String participant) {
        dominant = microphone(participant).speaker();
    }

    private @Nullable Integer seen(String participant) {
        return group(participant, false) == null ? null : table.seenAt(Objects.requireNonNull(group(participant, false)));
    }

    private @Nullable Integer heard(String participant) {
        return group(participant, false) == null ? null : table.heardAt(Objects.requireNonNull(group(participant, false)));
    }

    private @Nullable Integer screenSeen(String participant) {
        return table.seenAt(Objects.requireNonNull(group(participant, true)));
    }

    private @Nullable TrackGroup group(String participant, boolean screen) {
        return groups().stream()
                .filter(group -> group.publisher().id().equals(participant) && group.screen() == screen)
                .findAny()
                .orElse(null);
    }

    private List<TrackGroup> groups() {
        return scene.room.groupsFor(viewer);
    }

    private List<TrackGroup> wanted() {
        return Stage.wanted(groups(), page, group -> table.seenAt(group) != null, dominant);
    }

    private void publish(List<PublishedTrack> published) {
        present.stream().filter(track -> !published.contains(track)).forEach(track -> scene.room.removeTrack(track, now));
        published.stream().filter(track -> !present.contains(track)).forEach(scene.room::addTrack);
        present = List.copyOf(published);
    }

    private void assign(int audio, int video, PublishedTrack... published) {
        publish(List.of(published));
        assign(audio, video);
    }

    private void assign(int audio, int video) {
        table.assign(groups(), wanted(), dominant, upTo(audio), upTo(video));
    }

    private static BitSet upTo(int count) {
        BitSet numbers = new BitSet();
        numbers.set(0, count);
        return numbers;
    }

    private PublishedTrack[] meeting(String... names) {
        return Stream.of(names)
                .flatMap(name -> Stream.of(microphone(name), camera(name)))
                .toArray(PublishedTrack[]::new);
    }

    private String shown(String... names) {
        return Stream.of(names).filter(name -> seen(name) != null).collect(Collectors.joining(" "));
    }

    private String audible(String... names) {
        return Stream.of(names).filter(name -> heard(name) != null).collect(Collectors.joining(" "));
    }

    // ---- pairs ------------------------------------------------------------------------------------------------------

    @Test
    void voiceAloneLeavesThePairsToPictures() {
        assign(3, 2, microphone("a"), microphone("b"), camera("b"), microphone("c"), camera("c"));
        assertEquals(2, heard("a"));
        assertEquals(0, seen("b"));
        assertEquals(0, heard("b"));
        assertEquals(1, seen("c"));
        assertEquals(1, heard("c"));
    }

    @Test
    void theScreenIsAGroupOfItsOwn() {
        assign(2, 2, microphone("a"), camera("a"), screen("a"), track("a", TrackSource.SCREEN_AUDIO));
        assertEquals(0, screenSeen("a"));
        assertEquals(1, seen("a"));
        assertEquals(1, heard("a"));
    }

    @Test
    void aVoiceThatGetsAPictureMovesToAPair() {
        assign(3, 2, microphone("a"));
        assertEquals(2, heard("a"));
        assign(3, 2, microphone("a"), camera("a"));
        assertEquals(0, seen("a"));
        assertEquals(0, heard("a"));
    }

    @Test
    void aVoiceInAPairGetsItsPictureThere() {
        assign(2, 2, microphone("a"), microphone("b"));
        assertEquals(1, heard("b"));
        assign(2, 2, microphone("a"), microphone("b"), camera("b"));
        assertEquals(1, seen("b"));
        assertEquals(1, heard("b"));
        assertEquals(0, heard("a"));
    }

    @Test
    void whoGetsNoPictureKeepsItsVoicePlace() {
        assign(4, 1, microphone("x"), camera("x"), microphone("a"), microphone("b"), microphone("c"));
        assertEquals(1, heard("a"));
        assign(4, 1, microphone("x"), camera("x"), microphone("b"), camera("b"), microphone("c"), camera("c"));
        assertEquals(2, heard("b"));
        assertEquals(3, heard("c"));
        assertEquals("x", shown("x", "b", "c"));
    }

    @Test
    void aGroupThatLostItsPictureMakesRoomForAnother() {
        assign(2, 1, microphone("a"), camera("a"));
        assertEquals(0, seen("a"));
        assign(2, 1, microphone("a"), microphone("b"), camera("b"));
        assertEquals(1, heard("a"));
        assertEquals(0, seen("b"));
    }

    @Test
    void aPlaceThatIsGoneIsGivenUp() {
        assign(3, 3, microphone("a"), microphone("b"), microphone("c"));
        assertEquals(2, heard("c"));
        assign(1, 3, microphone("b"), microphone("c"));
        assertEquals("b", audible("b", "c"));
    }

    @Test
    void aScreenWithoutSoundLendsItsAudioSlot() {
        assign(1, 1, microphone("a"), camera("a"), screen("a"));
        assertEquals(0, screenSeen("a"));
        assertEquals(0, heard("a"));
        assertNull(seen("a"));
    }

    // ---- the loudest ------------------------------------------------------------------------------------------------

    @Test
    void whoBeginsToSpeakGetsTheSlotOfWhoIsLongestSilent() {
        assign(3, 1, meeting("a", "b", "c", "d", "e"));
        assertEquals("a b c", audible("a", "b", "c", "d", "e"));
        speaks("c", SPEECH);
        speaks("b", SPEECH);
        speaks("b", Speech.SILENCE);
        speaks("c", Speech.SILENCE);
        Integer placeOfB = heard("b");
        Integer placeOfC = heard("c");
        speaks("e", SPEECH);
        assign(3, 1);
        assertEquals("a b e", audible("a", "b", "c", "d", "e"));
        assertEquals(placeOfB, heard("b"));
        assertEquals(placeOfC, heard("e"));
        speaks("e", Speech.SILENCE);
        assign(3, 1);
        assertEquals("a b e", audible("a", "b", "c", "d", "e"), "he keeps it through his pauses");
    }

    @Test
    void nobodyIsCutWhoSpeaksButForTheDominantOne() {
        assign(3, 1, meeting("a", "b", "c", "d", "e"));
        for (String name : List.of("a", "b", "c")) {
            speaks(name, SPEECH);
        }
        speaks("d", LOUD_SPEECH);
        assign(3, 1);
        assertEquals("a b c", audible("a", "b", "c", "d", "e"));
        leads("d");
        assign(4, 1);
        assertEquals("a b c d", audible("a", "b", "c", "d", "e"));
        speaks("e", SPEECH);
        leads("e");
        assign(4, 1);
        assertEquals(4, Stream.of("a", "b", "c", "d", "e").filter(name -> heard(name) != null).count());
        assertNotNull(heard("e"));
    }

    @Test
    void theLouderOfTwoWhoBeginComesFirst() {
        assign(2, 1, meeting("a", "b", "c", "d"));
        Objects.requireNonNull(microphone("c").speaker()).told(SPEECH, 7);
        Objects.requireNonNull(microphone("d").speaker()).told(LOUD_SPEECH, 7);
        assign(1, 1);
        assertEquals("d", audible("a", "b", "c", "d"));
    }

    @Test
    void whoIsShownAndSilentLendsHisSlotWhenAllOthersSpeak() {
        assign(1, 1, meeting("a", "b"));
        leads("a");
        speaks("b", SPEECH);
        assign(1, 1);
        assertEquals("a", shown("a", "b"));
        assertEquals("b", audible("a", "b"));
        speaks("a", SPEECH);
        assign(1, 1);
        assertEquals("a", audible("a", "b"), "he is the dominant one");
    }

    @Test
    void theMutedGoFirst() {
        assign(3, 1, meeting("a", "b", "c", "d"));
        speaks("b", SPEECH);
        microphone("b").setMuted(true, ++now);
        speaks("d", SPEECH);
        assign(3, 1);
        assertEquals("a c d", audible("a", "b", "c", "d"));
    }

    // ---- who is shown -----------------------------------------------------------------------------------------------

    @Test
    void whoLeadsTakesThePlaceOfWhoSpokeLongestAgo() {
        assign(4, 3, meeting("a", "b", "c", "d", "e"));
        assertEquals("a b c", shown("a", "b", "c", "d", "e"));
        speaks("a", SPEECH);
        speaks("c", SPEECH);
        speaks("d", SPEECH);
        leads("d");
        Integer placeOfB = seen("b");
        assign(4, 3);
        assertEquals("a c d", shown("a", "b", "c", "d", "e"));
        assertEquals(placeOfB, seen("d"));
        leads("c");
        assign(4, 3);
        assertEquals("a c d", shown("a", "b", "c", "d", "e"));
    }

    @Test
    void aScreenComesBeforeFacesAndACameraThatIsOffLast() {
        assign(2, 2, meeting("a", "b", "c"));
        camera("a").setMuted(true, ++now);
        assign(2, 2);
        assertEquals("b c", shown("a", "b", "c"));
        publish(List.of(microphone("a"), camera("a"), microphone("b"), camera("b"), microphone("c"), camera("c"),
                screen("c")));
        assign(2, 2);
        assertNotNull(screenSeen("c"));
        assertEquals("b", shown("a", "b", "c"));
    }

    @Test
    void thePageIsShownInItsOrder() {
        assign(7, 3, meeting("a", "b", "c", "d", "e", "f"));
        page = List.of("e", "b", "a", "f");
        Integer placeOfA = seen("a");
        Integer placeOfB = seen("b");
        assign(7, 3);
        assertEquals("a b e", shown("a", "b", "c", "d", "e", "f"));
        assertEquals(placeOfA, seen("a"));
        assertEquals(placeOfB, seen("b"));
        leads("d");
        assign(7, 3);
        assertEquals("a b e", shown("a", "b", "c", "d", "e", "f"), "the page says who is shown, not who speaks");
        page = List.of("f", "nobody", "e");
        Integer placeOfE = seen("e");
        assign(7, 3);
        assertEquals("e f", shown("a", "b", "c", "d", "e", "f"));
        assertEquals(placeOfE, seen("e"));
    }

    @Test
    void aScreenIsShownBesideThePageUnlessThatIsEmpty() {
        assign(4, 4, microphone("a"), camera("a"), microphone("b"), camera("b"), screen("b"));
        page = List.of("a");
        assign(4, 4);
        assertNotNull(screenSeen("b"));
        assertEquals("a", shown("a", "b"));
        page = List.of();
        assign(4, 4);
        assertNull(screenSeen("b"));
        assertEquals("", shown("a", "b"));
        assertEquals("a b", audible("a", "b"));
    }

    // ---- need -------------------------------------------------------------------------------------------------------

    @Test
    void asksForPairsForAllAndForNoMoreThanFourBesides() {
        publish(List.of(meeting("a", "b", "c", "d", "e", "f", "g")));
        assertEquals(new SlotTable.Need(7, 7), SlotTable.need(groups(), wanted(), 48));
        assertEquals(new SlotTable.Need(7, 5), SlotTable.need(groups(), wanted(), 5));
        page = List.of("a", "b");
        assertEquals(new SlotTable.Need(6, 2), SlotTable.need(groups(), wanted(), 48));
        page = List.of("a", "b", "c", "d", "e");
        assertEquals(new SlotTable.Need(7, 5), SlotTable.need(groups(), wanted(), 48));
        page = List.of();
        assertEquals(new SlotTable.Need(4, 0), SlotTable.need(groups(), wanted(), 48));
    }

    // ---- any history ------------------------------------------------------------------------------------------------

    /** The table's promises, against any history. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void keepsItsPromises(long seed) {
        Random random = new Random(seed);
        Map<String, PublishedTrack> published = new LinkedHashMap<>();
        BitSet audio = new BitSet();
        BitSet video = new BitSet();
        for (int step = 0; step < 3000; step++) {
            String name = "p" + random.nextInt(8);
            switch (random.nextInt(12)) {
                case 0 -> audio.set(random.nextInt(10), random.nextInt(10) > 1);
                case 1 -> video.set(random.nextInt(10), random.nextInt(10) > 1);
                case 2, 3 -> {
                    if (published.containsValue(microphone(name))) {
                        speaks(name, random.nextBoolean() ? SPEECH : Speech.SILENCE);
                    }
                }
                case 4 -> dominant = published.containsValue(microphone(name)) ? microphone(name).speaker() : null;
                case 5 -> page = random.nextInt(3) > 0 ? null : List.of(name, "p" + random.nextInt(8));
                default -> {
                    PublishedTrack track = track(name, TrackSource.values()[random.nextInt(4)]);
                    if (published.remove(track.id()) == null) {
                        published.put(track.id(), track);
                    }
                }
            }
            publish(List.copyOf(published.values()));
            Map<TrackGroup, Integer> seenBefore = places(table::seenAt);
            Map<TrackGroup, Integer> heardBefore = places(table::heardAt);
            table.assign(groups(), wanted(), dominant, audio, video);
            check(audio, video, seenBefore, heardBefore, "seed " + seed + " step " + step);
            Map<TrackGroup, Integer> seen = places(table::seenAt);
            Map<TrackGroup, Integer> heard = places(table::heardAt);
            table.assign(groups(), wanted(), dominant, audio, video);
            assertEquals(seen, places(table::seenAt), "assigning again moves nobody");
            assertEquals(heard, places(table::heardAt), "assigning again moves nobody");
        }
    }

    private Map<TrackGroup, Integer> places(Function<TrackGroup, @Nullable Integer> placeOf) {
        Map<TrackGroup, Integer> places = new HashMap<>();
        for (TrackGroup group : groups()) {
            Integer place = placeOf.apply(group);
            if (place != null) {
                places.put(group, place);
            }
        }
        return places;
    }

    private void check(
            BitSet audio,
            BitSet video,
            Map<TrackGroup, Integer> seenBefore,
            Map<TrackGroup, Integer> heardBefore,
            String when) {
        Map<TrackGroup, Integer> seen = places(table::seenAt);
        Map<TrackGroup, Integer> heard = places(table::heardAt);
        assertEquals(seen.size(), new HashSet<>(seen.values()).size(), when + ": one group a place");
        assertEquals(heard.size(), new HashSet<>(heard.values()).size(), when + ": one group a place");
        assertTrue(seen.values().stream().allMatch(video::get), when + ": a place that is there");
        assertTrue(heard.values().stream().allMatch(audio::get), when + ": a place that is there");
        assertEquals(Math.min(wanted().size(), video.cardinality()), seen.size(), when + ": every picture that can be");
        long voices = groups().stream().filter(group -> group.has(MediaKind.AUDIO)).count();
        assertEquals(Math.min(voices, audio.cardinality()), heard.size(), when + ": every voice that can be");
        seen.forEach((group, place) -> {
            if (heard.containsKey(group) && audio.get(place)) {
                assertEquals(place, heard.get(group), when + ": lips and voice stay together");
            }
            if (seenBefore.containsKey(group) && video.get(seenBefore.get(group))) {
                assertEquals(seenBefore.get(group), place, when + ": nobody moves without need");
            }
        });
        heard.forEach((group, place) -> {
            Integer before = heardBefore.get(group);
            boolean shown = seen.containsKey(group) && audio.get(seen.get(group));
            if (before != null && audio.get(before) && !shown && !taken(before, seen, heard)) {
                assertEquals(before, place, when + ": nobody moves without need");
            }
        });
        boolean somebodyWaits = groups().stream()
                .anyMatch(group -> group.has(MediaKind.AUDIO) && group.sounds() && !heard.containsKey(group));
        if (somebodyWaits) {
            assertTrue(heard.keySet().stream().allMatch(TrackGroup::sounds), when + ": nobody waits for the silent");
        }
    }

    private static boolean taken(int place, Map<TrackGroup, Integer> seen, Map<TrackGroup, Integer> heard) {
        return seen.entrySet().stream()
                .anyMatch(entry -> entry.getValue() == place && heard.containsKey(entry.getKey()));
    }
}
