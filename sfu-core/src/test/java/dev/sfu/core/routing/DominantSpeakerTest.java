package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DominantSpeakerTest {
    private static final int SPEECH = 25;
    private static final int ROOM_NOISE = 75;
    private static final int SILENCE = 127;

    private final DominantSpeaker<String> speakers = new DominantSpeaker<>();
    private final Map<String, SpeakerActivity> activities = new HashMap<>();
    private final List<String> changes = new ArrayList<>();
    private long now = 7 * Deadlines.SECOND;
    private long nextDecision = now;

    private void join(String... names) {
        for (String name : names) {
            activities.put(name, speakers.add(name));
        }
    }

    private SpeakerActivity activity(String name) {
        return Objects.requireNonNull(activities.get(name));
    }

    /**
     * Lets everybody send packets of 20 ms with these levels; who is not named sends room noise, and so do speakers between
     * syllables.
     */
    private void during(long millis, Map<String, Integer> levels) {
        for (long end = now + millis * Deadlines.MILLISECOND; now < end; now += SpeakerActivity.SLOT_NANOS) {
            activities.forEach((name, activity) -> {
                boolean betweenSyllables = now / SpeakerActivity.SLOT_NANOS % 20 == 0;
                int spoken = levels.getOrDefault(name, ROOM_NOISE);
                int level = betweenSyllables && spoken >= 0 ? Math.max(spoken, ROOM_NOISE) : spoken;
                // Negative: nothing is sent, as in the silences of DTX.
                if (level >= 0) {
                    activity.onLevel(level, now);
                }
            });
            if (now >= nextDecision) {
                nextDecision += DominantSpeaker.INTERVAL_NANOS;
                if (speakers.decide(now)) {
                    changes.add(String.valueOf(speakers.dominant()));
                }
            }
        }
    }

    @Test
    void nobodyLeadsUntilSomebodySpeaks() {
        join("anna", "ben");
        during(3_000, Map.of());
        assertNull(speakers.dominant());
        during(1_000, Map.of("ben", SPEECH));
        assertEquals("ben", speakers.dominant());
    }

    @Test
    void theConversationMovesWithinASecondAndAHalf() {
        join("anna", "ben", "carl");
        during(3_000, Map.of("anna", SPEECH));
        during(1_500, Map.of("ben", SPEECH));
        assertEquals("ben", speakers.dominant());
        assertEquals(List.of("anna", "ben"), changes);
    }

    @Test
    void aCoughDoesNotTakeThePicture() {
        join("anna", "ben");
        during(3_000, Map.of("anna", SPEECH));
        during(200, Map.of("anna", SPEECH, "ben", 5));
        during(3_000, Map.of("anna", SPEECH));
        assertEquals(List.of("anna"), changes);
    }

    @Test
    void pausesBetweenWordsChangeNothing() {
        join("anna", "ben");
        for (int word = 0; word < 20; word++) {
            during(400, Map.of("anna", SPEECH));
            during(160, Map.of());
        }
        assertEquals(List.of("anna"), changes);
    }

    @Test
    void theLastSpeakerStaysWhenNobodySpeaks() {
        join("anna", "ben");
        during(2_000, Map.of("anna", SPEECH));
        during(20_000, Map.of());
        assertEquals("anna", speakers.dominant());
    }

    @Test
    void silenceOfDiscontinuousTransmissionIsSilence() {
        join("anna", "ben");
        during(2_000, Map.of("anna", SPEECH, "ben", -1));
        // Anna's client stops sending; without packets her last loud level must not count on.
        during(2_000, Map.of("anna", -1, "ben", SPEECH));
        assertEquals("ben", speakers.dominant());
    }

    @Test
    void longPacketsCountLikeShortOnes() {
        join("anna", "ben");
        during(2_000, Map.of("ben", SPEECH));
        for (int i = 0; i < 40; i++) {
            now += 3 * SpeakerActivity.SLOT_NANOS;
            activity("anna").onLevel(SPEECH, now);
            activity("ben").onLevel(ROOM_NOISE, now);
        }
        speakers.decide(now);
        assertEquals("anna", speakers.dominant());
    }

    @Test
    void whoLeavesLeadsNoMore() {
        join("anna", "ben");
        during(2_000, Map.of("anna", SPEECH));
        speakers.remove("anna");
        activities.remove("anna");
        assertNull(speakers.dominant());
        during(1_000, Map.of("ben", SPEECH));
        assertEquals("ben", speakers.dominant());
    }

    @Test
    void theLoudestKeepTheirPlacesAgainstEquals() {
        join("anna", "ben", "carl", "dora");
        during(2_000, Map.of("anna", SPEECH, "ben", 35));
        assertEquals(List.of("anna", "ben"), speakers.loudest(2));
        during(2_000, Map.of("anna", SPEECH, "ben", 35, "carl", 33));
        assertEquals(List.of("anna", "ben"), speakers.loudest(2));
        during(2_000, Map.of("anna", SPEECH, "ben", ROOM_NOISE, "carl", 33));
        assertEquals(List.of("anna", "carl"), speakers.loudest(2));
    }

    @Test
    void theSilentHaveNoPlace() {
        join("anna", "ben");
        during(2_000, Map.of("anna", SPEECH, "ben", SILENCE));
        assertEquals(List.of("anna"), speakers.loudest(5));
    }

    @Test
    void theDominantOneHasAPlaceHoweverLoudTheOthersAre() {
        join("anna", "ben", "carl");
        during(2_000, Map.of("anna", SPEECH));
        during(300, Map.of("anna", 40, "ben", 10, "carl", 12));
        assertEquals("anna", speakers.dominant());
        assertEquals("anna", speakers.loudest(1).getFirst());
    }

    @Test
    void anythingAClientSendsIsTaken() {
        Random random = new Random(3);
        join("anna", "ben");
        for (int i = 0; i < 100_000; i++) {
            now += random.nextLong(-Deadlines.SECOND, 3 * Deadlines.SECOND);
            activity(random.nextBoolean() ? "anna" : "ben").onLevel(random.nextInt(), now);
            if (i % 10 == 0) {
                speakers.decide(now);
                assertFalse(speakers.loudest(1).size() > 1);
            }
        }
    }
}
