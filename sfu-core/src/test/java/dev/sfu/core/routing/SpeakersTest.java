package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.time.Deadlines;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is told to speak, from packets with levels, in rooms of one and several parts. */
class SpeakersTest {
    private static final int PACKET_MILLIS = 20;
    private static final int SPEECH = 25;
    private static final int NOISE = 80;
    private static final int SILENCE = 127;
    /** In place of a level: the packet tells none. */
    private static final int NO_LEVEL = -1;

    private final SpreadScene scene = new SpreadScene(3, 1);
    private final Map<String, Integer> sequences = new HashMap<>();

    @AfterEach
    void everyBufferComesBack() {
        assertEquals(0, scene.leaveAll());
    }

    private void join(String id, int part) {
        scene.join(id, part, Offers.audio("a", "sendonly"));
    }

    /** Everybody who is named sends packets with a level; the others send nothing. */
    private void during(int millis, Map<String, Integer> levels) {
        for (int passed = 0; passed < millis; passed += PACKET_MILLIS) {
            int at = passed;
            levels.forEach((id, level) -> {
                int sequence = sequences.merge(id, 1, Integer::sum);
                // Speech has syllables; what never falls is noise.
                int now = level == SPEECH && at / PACKET_MILLIS % 10 == 9 ? NOISE : level;
                scene.guest(id).peer.sendRtp(packet(id, sequence, now));
            });
            scene.advance(PACKET_MILLIS * Deadlines.MILLISECOND);
        }
    }

    private static byte[] packet(String id, int sequence, int level) {
        int ssrc = 0x5000 + id.hashCode() % 1000;
        Object[] mid = {4, "a"};
        Object[] withLevel = {4, "a", 1, new byte[] {(byte) level}};
        return ScriptedPeer.rtpPacket(
                ssrc, 111, sequence & 0xFFFF, 960L * sequence, new byte[40], level == NO_LEVEL ? mid : withLevel);
    }

    private List<RoomEvent.SpeakersChanged> told(String id) {
        return scene.guest(id).told(RoomEvent.SpeakersChanged.class);
    }

    private static RoomEvent.SpeakersChanged speakers(@Nullable String dominant, String... heard) {
        return new RoomEvent.SpeakersChanged(dominant, List.of(heard));
    }

    private long deadline(int part) {
        return scene.parts.get(part).room().nextDeadlineNanos();
    }

    @Test
    void everybodyIsToldWhoSpeaksAndWhoLeads() {
        join("ada", 0);
        join("ben", 0);
        scene.join("viewer", 0, JoinRequest.Role.VIEWER, Offers.audio("a0", "recvonly"));
        during(1000, Map.of("ada", SPEECH, "ben", NOISE));
        assertEquals(List.of(speakers("ada", "ada")), told("ada"));
        during(600, Map.of("ada", SPEECH, "ben", SPEECH));
        during(2000, Map.of("ada", NOISE, "ben", SPEECH));
        during(2000, Map.of("ada", NOISE, "ben", NOISE));
        List<RoomEvent.SpeakersChanged> all = List.of(
                speakers("ada", "ada"), speakers("ada", "ada", "ben"), speakers("ben", "ben"), speakers("ben"));
        assertEquals(all, told("ada"));
        assertEquals(all, told("ben"));
        assertEquals(all, told("viewer"));
        // Who comes later is told how it is.
        join("cleo", 0);
        assertEquals(List.of(speakers("ben")), told("cleo"));
    }

    @Test
    void aSilentRoomHasNoDeadline() {
        join("ada", 0);
        assertEquals(Deadlines.NEVER, deadline(0));
        during(1000, Map.of("ada", SILENCE));
        during(1000, Map.of("ada", NOISE));
        assertEquals(Deadlines.NEVER, deadline(0));
        during(500, Map.of("ada", SPEECH));
        assertTrue(deadline(0) < Deadlines.NEVER);
        // DTX: nothing comes any more.
        scene.advance(2 * Deadlines.SECOND);
        assertEquals(Deadlines.NEVER, deadline(0));
        assertEquals(speakers("ada"), told("ada").getLast());
    }

    @Test
    void whoIsMutedIsNotHeardAndLeadsUntilSomebodyElseDoes() {
        join("ada", 0);
        join("ben", 0);
        during(1000, Map.of("ada", SPEECH));
        scene.guest("ada").participant().setMuted("a", true, scene.now());
        during(400, Map.of("ada", SPEECH));
        assertEquals(speakers("ada"), told("ben").getLast());
        during(700, Map.of("ada", SPEECH, "ben", SPEECH));
        assertEquals(speakers("ben", "ben"), told("ben").getLast());
        scene.guest("ada").participant().setMuted("a", false, scene.now());
        during(200, Map.of("ben", SPEECH));
        assertEquals(speakers("ben", "ben"), told("ben").getLast(), "what was said while muted is forgotten");
    }

    @Test
    void aTrackWithoutLevelsIsSilentUnlessItIsTheOnlyOneUnmuted() {
        join("ada", 0);
        join("ben", 0);
        during(1000, Map.of("ada", NO_LEVEL));
        assertEquals(List.of(), told("ben"));
        scene.guest("ben").participant().setMuted("a", true, scene.now());
        during(3000, Map.of("ada", NO_LEVEL));
        assertEquals(List.of(speakers("ada", "ada")), told("ben"));
        scene.guest("ben").participant().setMuted("a", false, scene.now());
        during(1000, Map.of("ada", NO_LEVEL, "ben", SPEECH));
        assertEquals(speakers("ben", "ben"), told("ben").getLast());
    }

    @Test
    void whoLeavesLeadsNoMore() {
        join("ada", 0);
        join("ben", 0);
        during(1000, Map.of("ada", SPEECH));
        scene.guest("ada").leave();
        scene.advance(400 * Deadlines.MILLISECOND);
        assertEquals(speakers(null), told("ben").getLast());
    }

    @Test
    void theSameSpeakersAreToldInAllPartsWithoutAPacketCarried() {
        join("ada", 0);
        join("ben", 1);
        join("cleo", 2);
        during(1000, Map.of("ada", NOISE, "ben", SPEECH, "cleo", NOISE));
        during(2000, Map.of("ada", NOISE, "ben", NOISE, "cleo", SPEECH));
        during(2000, Map.of("ada", NOISE, "ben", NOISE, "cleo", NOISE));
        for (String id : scene.guests.keySet()) {
            List<RoomEvent.SpeakersChanged> told = told(id);
            // Led first by nobody that the deciding part has decided on yet, in the far parts.
            assertTrue(told.contains(speakers("ben", "ben")), told.toString());
            assertEquals(List.of(speakers("cleo", "cleo"), speakers("cleo")), told.subList(told.size() - 2, told.size()));
        }
        assertEquals(0, scene.carried);
        int messages = scene.sent(RoomMessage.Speaking.class).size();
        during(3000, Map.of("ada", NOISE, "ben", NOISE, "cleo", NOISE));
        assertEquals(messages, scene.sent(RoomMessage.Speaking.class).size(), "nobody is active");
    }

    @Test
    void theNextPartDecidesWhenTheDecidingOneIsGone() {
        join("ada", 0);
        join("ben", 1);
        join("cleo", 2);
        during(1000, Map.of("ben", SPEECH));
        scene.guest("ada").leave();
        scene.deliver();
        during(2000, Map.of("cleo", SPEECH));
        assertEquals(speakers("cleo", "cleo"), told("ben").getLast());
        assertEquals(speakers("cleo", "cleo"), told("cleo").getLast());
        join("dora", 0);
        scene.advance(10 * Deadlines.MILLISECOND);
        assertEquals(List.of(speakers("cleo", "cleo")), told("dora"), "a new part learns it");
    }

    /** Whatever arrives when, in the end all parts agree. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void allPartsComeToTheSame(long seed) {
        SpreadScene late = new SpreadScene(3, seed);
        Random random = new Random(seed);
        for (int i = 0; i < 7; i++) {
            late.join("g" + i, i % 3, Offers.audio("a", "sendonly"));
        }
        int sequence = 0;
        for (int round = 0; round < 12; round++) {
            List<String> ids = List.copyOf(late.guests.keySet());
            String speaks = ids.get(random.nextInt(ids.size()));
            for (int packet = 0; packet < 30; packet++) {
                sequence++;
                late.guest(speaks).peer.sendRtp(packet(speaks, sequence, packet % 10 == 9 ? NOISE : SPEECH));
                for (SpreadScene.Guest guest : List.copyOf(late.guests.values())) {
                    guest.peer.advance(PACKET_MILLIS * Deadlines.MILLISECOND);
                }
                late.onDeadlines();
                for (int arrives = random.nextInt(4); arrives > 0; arrives--) {
                    late.deliverOne();
                }
            }
            if (random.nextInt(4) == 0 && late.guests.size() > 4) {
                late.guest(ids.getFirst()).leave();
            }
        }
        late.advance(3 * Deadlines.SECOND);
        Set<String> leaders = new HashSet<>();
        for (SpreadScene.Part part : late.parts) {
            Speaker leads = part.room().speakers().dominant();
            leaders.add(leads == null ? "nobody" : leads.participantId());
        }
        assertEquals(1, leaders.size(), "seed " + seed + ": " + leaders);
        late.leaveAll();
    }
}
