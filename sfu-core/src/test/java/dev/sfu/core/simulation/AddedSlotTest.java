package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A browser offers more slots while connected: how soon there is a picture in them. */
class AddedSlotTest {
    private final SimulatedRoom room = new SimulatedRoom(77);

    @AfterEach
    void nothingIsLeft() {
        List<String> faults = room.browsers().stream().flatMap(browser -> browser.faults().stream()).toList();
        room.close();
        assertEquals(List.of(), faults);
        assertEquals(0, room.pool().outstanding());
    }

    /**
     * Publisher and viewer are so many milliseconds from the server, and the viewer knows the answer after so many. Another keyframe
     * would come after 390 ms.
     */
    @ParameterizedTest
    @CsvSource({"1, 1, 20, 130", "1, 1, 50, 250", "1, 1, 75, 250", "30, 30, 60, 200", "1, 1, 130, 300"})
    void aKeyframeThatComesBeforeTheAnswerIsNotLost(int publisherMs, int viewerMs, int answerMs, int mostMs) {
        LinkConfig publisher = LinkConfig.of(20_000, publisherMs);
        LinkConfig viewer = LinkConfig.of(20_000, viewerMs);
        SyntheticBrowser ada = room.join("ada", publisher, publisher)
                .publishVideo(VideoSource.CAMERA_360P)
                .connect();
        SyntheticBrowser ben = room.join("ben", viewer, viewer).receive(1, 0).connect();
        room.time().run(5);
        double offered = room.time().seconds();
        ben.addSlots(0, 1, answerMs);
        room.time().run(2);
        double shownMs = (ben.video(0).playout().sourceSinceSeconds() - offered) * 1000;
        System.out.printf(
                "answer known after %d ms: picture after %.0f ms, %d packets before the answer, %d keyframe requests%n",
                answerMs, shownMs, ben.earlyPackets(), ben.video(0).keyframeRequests());
        assertEquals(ada.number(), ben.video(0).playout().source());
        assertTrue(shownMs <= mostMs, shownMs + " ms (expected: at most " + mostMs + ")");
    }
}
