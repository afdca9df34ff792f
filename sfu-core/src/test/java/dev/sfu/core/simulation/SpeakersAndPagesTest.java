package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotAssignment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A room of ten in which not everybody has a slot: who is shown and heard, and how soon. */
class SpeakersAndPagesTest {
    private static final LinkConfig LINK = LinkConfig.of(20_000, 25);
    private static final List<String> OTHERS = List.of("ben", "cleo", "dora", "emil", "fay", "gus", "hal", "ida", "jon");

    private final SimulatedRoom room = new SimulatedRoom(4242);
    private final Map<String, SyntheticBrowser> browsers = new HashMap<>();

    @AfterEach
    void nothingIsLeft() {
        List<String> faults = room.browsers().stream().flatMap(browser -> browser.faults().stream()).toList();
        room.close();
        assertEquals(List.of(), faults);
        assertEquals(0, room.pool().outstanding());
    }

    private SyntheticBrowser browser(String name) {
        return Objects.requireNonNull(browsers.get(name));
    }

    /** The others publish and say nothing; ada has so many slots. */
    private SyntheticBrowser meeting(boolean cameras, int audioSlots, int videoSlots) {
        SyntheticBrowser ada = room.join("ada", LINK, LINK).receive(audioSlots, videoSlots);
        for (String name : OTHERS) {
            SyntheticBrowser other = room.join(name, LINK, LINK).publishMicrophone(true);
            browsers.put(name, other);
            (cameras ? other.publishVideo(VideoSource.CAMERA_360P) : other).connect();
            other.microphone().talk(false);
        }
        return ada.connect();
    }

    private List<String> shown(SyntheticBrowser viewer) {
        List<String> shown = new ArrayList<>();
        for (ReceivedVideo video : viewer.videos()) {
            shown.add(video.playout().source() < 0 ? "" : OTHERS.get(video.playout().source() - 1));
        }
        return shown;
    }

    @Test
    void aPageTurnShowsTheNewFacesWithinHalfASecondWithoutRenegotiation() {
        SyntheticBrowser ada = meeting(true, 8, 4);
        room.time().run(5);
        long asked = slotsAsked(ada);
        double slowest = 0;
        List<List<String>> pages = List.of(
                List.of("fay", "gus", "hal", "ida"),
                List.of("jon", "ben", "cleo", "dora"),
                List.of("emil", "fay", "gus", "hal"),
                List.of("dora", "cleo", "ben", "emil"));
        for (List<String> page : pages) {
            double turned = room.time().seconds();
            ada.page(page);
            room.time().run(0.5);
            assertEquals(page.stream().sorted().toList(), shown(ada).stream().sorted().toList());
            for (ReceivedVideo video : ada.videos()) {
                slowest = Math.max(slowest, video.playout().sourceSinceSeconds() - turned);
            }
            room.time().run(2.5);
        }
        System.out.printf("slowest first frame of a new page: %.0f ms%n", slowest * 1000);
        assertTrue(slowest < 0.5, slowest + " s");
        assertEquals(asked, slotsAsked(ada));
        assertTrue(asked <= 1, "asked for what the room needs, and not again for a page");
    }

    @Test
    void whoStaysOnThePageGoesOnInItsSlot() {
        SyntheticBrowser ada = meeting(true, 8, 4);
        ada.page(List.of("ben", "cleo", "dora", "emil"));
        room.time().run(5);
        List<String> before = shown(ada);
        ada.page(List.of("jon", "dora", "fay", "ben"));
        room.time().run(5);
        List<String> after = shown(ada);
        for (int i = 0; i < 4; i++) {
            String name = before.get(i);
            if (name.equals("ben") || name.equals("dora")) {
                assertEquals(name, after.get(i));
                assertTrue(ada.video(i).playout().sourceSinceSeconds() < 5);
                assertEquals(0, ada.video(i).playout().freezes());
            } else {
                assertNotEquals(name, after.get(i));
            }
        }
    }

    @Test
    void whoLeadsIsShownWhenThereAreFewerSlotsThanCameras() {
        SyntheticBrowser ada = meeting(true, 3, 3);
        room.time().run(5);
        for (String name : List.of("hal", "jon", "ida", "hal")) {
            browser(name).microphone().talk(true);
            room.time().run(2);
            browser(name).microphone().talk(false);
            room.time().run(1);
            assertTrue(shown(ada).contains(name), name + " of " + shown(ada));
        }
        assertEquals(List.of("hal", "ida", "jon"), shown(ada).stream().sorted().toList());
    }

    /** With four slots for nine voices: from the first packet of a sentence to the first that is heard. */
    @Test
    void whoBeginsToSpeakIsHeardButForTheBeginningOfASyllable() {
        SyntheticBrowser ada = meeting(false, 4, 0);
        room.time().run(3);
        Random random = new Random(5);
        double worst = 0;
        double sum = 0;
        int late = 0;
        for (int turn = 0; turn < 100; turn++) {
            String name = OTHERS.get(random.nextInt(OTHERS.size()));
            boolean heardAlready = slotOf(ada, name) >= 0;
            double began = room.time().seconds();
            browser(name).microphone().talk(true);
            room.time().run(1 + random.nextDouble());
            assertTrue(slotOf(ada, name) >= 0, name + " has no slot");
            ReceivedAudio slot = ada.audio(slotOf(ada, name));
            assertEquals(browser(name).number(), slot.source());
            if (!heardAlready) {
                double lost = slot.sourceSinceSeconds() - began;
                worst = Math.max(worst, lost);
                sum += lost;
                late++;
            }
            browser(name).microphone().talk(false);
            room.time().run(random.nextDouble());
        }
        System.out.printf("%d got a slot; lost of the beginning: mean %.0f ms, most %.0f ms%n",
                late, 1000 * sum / late, 1000 * worst);
        assertTrue(late > 10);
        assertTrue(worst < 0.15, worst + " s");
    }

    /** The audio slot that plays somebody as the client was told, or -1. */
    private static int slotOf(SyntheticBrowser viewer, String name) {
        List<SlotAssignment> slots = viewer.events().stream()
                .filter(RoomEvent.SlotsAssigned.class::isInstance)
                .map(RoomEvent.SlotsAssigned.class::cast)
                .toList()
                .getLast()
                .slots();
        for (int i = 0; i < slots.size(); i++) {
            if (name.equals(slots.get(i).participantId())) {
                return i;
            }
        }
        return -1;
    }

    private static long slotsAsked(SyntheticBrowser browser) {
        return browser.events().stream().filter(RoomEvent.SlotsNeeded.class::isInstance).count();
    }
}
