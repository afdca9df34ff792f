package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DominantSpeakerTest {
    private static final int SPEECH = 25;
    private static final int ROOM_NOISE = 75;
    private static final int SILENCE = 127;

    private final DominantSpeaker dominant = new DominantSpeaker();
    private final List<Speaker> speakers = new ArrayList<>();
    private final Speakers nobody = new Speakers(new Room("room", () -> 0, () -> {}, null));
    private final Map<String, SpeakerActivity> activities = new HashMap<>();
    private final List<String> changes = new ArrayList<>();
    private long now = 7 * Deadlines.SECOND;
    private long nextDecision = now;

    private void join(String... names) {
        for (String name : names) {
            SpeakerActivity activity = new SpeakerActivity();
            activities.put(name, activity);
            speakers.add(new Speaker("t-" + name, name, nobody, activity, false));
        }
    }

    private @Nullable String leads() {
        Speaker leads = dominant.dominant();
        return leads == null ? null : leads.participantId();
    }

    private boolean decide() {
        speakers.forEach(speaker -> speaker.refresh(now));
        return dominant.decide(speakers);
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
                if (decide()) {
                    changes.add(String.valueOf(leads()));
                }
            }
        }
    }

    @Test
    void nobodyLeadsUntilSomebodySpeaks() {
        join("anna", "ben");
        during(3_000, Map.of());
        assertNull(leads());
        during(1_000, Map.of("ben", SPEECH));
        assertEquals("ben", leads());
    }

    @Test
    void theConversationMovesWithinASecondAndAHalf() {
        join("anna", "ben", "carl");
        during(3_000, Map.of("anna", SPEECH));
        during(1_500, Map.of("ben", SPEECH));
        assertEquals("ben", leads());
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
        assertEquals("anna", leads());
    }

    @Test
    void silenceOfDiscontinuousTransmissionIsSilence() {
        join("anna", "ben");
        during(2_000, Map.of("anna", SPEECH, "ben", -1));
        // Anna's client stops sending; without packets her last loud level must not count on.
        during(2_000, Map.of("anna", -1, "ben", SPEECH));
        assertEquals("ben", leads());
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
        decide();
        assertEquals("anna", leads());
    }

    @Test
    void whoLeavesLeadsNoMore() {
        join("anna", "ben");
        during(2_000, Map.of("anna", SPEECH));
        dominant.remove(speakers.removeFirst());
        activities.remove("anna");
        assertNull(leads());
        during(1_000, Map.of("ben", SPEECH));
        assertEquals("ben", leads());
    }

    @Test
    void aSilentOneIsNotHeardAndASpeakerIsAtOnce() {
        join("anna", "ben");
        during(3_000, Map.of("ben", SILENCE));
        assertFalse(activity("anna").speaking(), "room noise");
        for (int packet = 0; packet < 2; packet++) {
            assertFalse(activity("anna").speaking());
            activity("anna").onLevel(SPEECH, now);
            now += SpeakerActivity.SLOT_NANOS;
        }
        assertTrue(activity("anna").speaking(), "two packets");
        during(400, Map.of());
        assertTrue(activity("anna").speaking(), "a short pause");
        during(200, Map.of());
        assertFalse(activity("anna").speaking(), "a long pause");
    }

    @Test
    void aClickIsNoSpeechAndAFarVoiceIs() {
        join("anna");
        during(3_000, Map.of());
        during(20, Map.of("anna", 10));
        during(20, Map.of());
        assertFalse(activity("anna").speaking());
        during(140, Map.of("anna", 62));
        assertTrue(activity("anna").speaking());
    }

    @Test
    void steadyNoiseIsNoSpeech() {
        join("anna");
        for (int packet = 0; packet < 150; packet++) {
            now += SpeakerActivity.SLOT_NANOS;
            activity("anna").onLevel(40, now);
        }
        assertFalse(activity("anna").speaking());
    }

    @Test
    void anythingAClientSendsIsTaken() {
        Random random = new Random(3);
        join("anna", "ben");
        for (int i = 0; i < 100_000; i++) {
            now += random.nextLong(-Deadlines.SECOND, 3 * Deadlines.SECOND);
            activity(random.nextBoolean() ? "anna" : "ben").onLevel(random.nextInt(), now);
            if (i % 10 == 0) {
                decide();
            }
        }
    }
}
