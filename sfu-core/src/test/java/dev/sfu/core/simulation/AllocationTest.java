package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EncodingDemand;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotPlayback.Playback;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What viewers get of a camera in three layers, for what they want and what their networks carry. */
class AllocationTest {
    private static final long SEED = 4711;
    private static final LinkConfig FAST = LinkConfig.of(20_000, 15);

    private final SimulatedRoom room = new SimulatedRoom(SEED);

    private void until(int seconds) {
        room.time().run(seconds - room.time().seconds());
    }

    private static int shareOf(SyntheticBrowser viewer, int from, int to, int height) {
        int good = 0;
        for (int second = from; second < to; second++) {
            good += viewer.video(0).playout().height(second) >= height ? 1 : 0;
        }
        return 100 * good / (to - from);
    }

    private static <T extends RoomEvent> List<T> told(SyntheticBrowser browser, Class<T> kind) {
        return browser.events().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static Playback playback(SyntheticBrowser browser) {
        return told(browser, RoomEvent.SlotsPlaying.class).getLast().slots().getFirst().playback();
    }

    private String explained(SyntheticBrowser browser) {
        return explained(room, browser);
    }

    private static String explained(SimulatedRoom room, SyntheticBrowser browser) {
        return browser.serverConnection().stats(room.time().nowNanos()).stats().stream()
                .filter(stats -> stats.containsKey("reason"))
                .map(stats -> stats.get("reason") + " " + stats.get("layer"))
                .findFirst()
                .orElse("");
    }

    private static String wanted(SyntheticBrowser browser) {
        StringBuilder rids = new StringBuilder();
        for (EncodingDemand demand : told(browser, RoomEvent.EncodingsWanted.class).getLast().encodings()) {
            rids.append(demand.wanted() ? demand.rid() : "");
        }
        return rids.toString();
    }

    @Test
    void nobodysConstraintLowersAnyoneElsesPicture() {
        try (room) {
            SyntheticBrowser ada = BandwidthScenarios.publisher(room, "ada");
            for (int i = 1; i < 20; i++) {
                BandwidthScenarios.viewer(room, "limited " + i, LinkConfig.of(100 * i, 20));
            }
            SyntheticBrowser free = BandwidthScenarios.viewer(room, "free", FAST);
            until(60);
            assertTrue(shareOf(free, 10, 60, 720) >= 95, shareOf(free, 10, 60, 720) + " % (seed " + SEED + ")");
            assertEquals(0, free.video(0).playout().freezes());
            SyntheticBrowser middling = room.browsers().get(16);
            assertTrue(shareOf(middling, 20, 60, 360) >= 80, middling.name() + ": " + shareOf(middling, 20, 60, 360));
            assertTrue(ada.camera(0).keyframeRequests() < 120, ada.camera(0).keyframeRequests() + " keyframes asked for");
        }
    }

    @Test
    void soundGoesOnWhereThereIsTooLittleForAnyPicture() {
        try (room) {
            BandwidthScenarios.publisher(room, "ada");
            SyntheticBrowser ben =
                    BandwidthScenarios.viewer(room, "ben", LinkConfig.of(100, 20).withLoss(Loss.random(0.1)));
            until(60);
            assertEquals(Playback.PAUSED_BY_BANDWIDTH, playback(ben));
            assertTrue(ben.audio(0).concealedShare() < 0.05, ben.audio(0).concealedShare() + " made up");
            assertTrue(ben.audio(0).packets() > 0.85 * 50 * 60, ben.audio(0).packets() + " packets of sound");
        }
    }

    @Test
    void aPicturePausesWhereThereIsTooLittleForItAndComesBackByItself() {
        try (room) {
            BandwidthScenarios.publisher(room, "ada");
            SyntheticBrowser ben = BandwidthScenarios.viewer(room, "ben", LinkConfig.of(100, 20));
            until(30);
            assertEquals(Playback.PAUSED_BY_BANDWIDTH, playback(ben));
            ben.downlink().setRateBps(3_000_000);
            until(60);
            assertEquals(Playback.PLAYING, playback(ben));
            assertTrue(ben.video(0).playout().height(58) > 0);
        }
    }

    @Test
    void aWishIsServedAtOnceAndWhatNobodyWantsIsSwitchedOff() {
        try (room) {
            SyntheticBrowser ada = BandwidthScenarios.publisher(room, "ada");
            SyntheticBrowser ben = BandwidthScenarios.viewer(room, "ben", FAST);
            until(12);
            assertEquals(720, ben.video(0).playout().height(11));
            assertEquals("best_available f/0/2", explained(ben));
            ben.show(0, 320, 180);
            until(15);
            assertEquals(180, ben.video(0).playout().height(14));
            assertEquals("wish_size q/0/2", explained(ben));
            assertEquals(3, ada.camera(0).activeLayers());
            until(20);
            assertEquals("q", wanted(ada));
            assertEquals(1, ada.camera(0).activeLayers());
            ben.show(0, 1280, 720);
            until(23);
            assertEquals("fhq", wanted(ada));
            assertEquals(720, ben.video(0).playout().height(22));
            assertEquals(0, ben.video(0).playout().freezes());
            ben.show(0, 0, 0);
            until(30);
            assertEquals(Playback.PAUSED_BY_VIEWER, playback(ben));
            assertEquals(0, ben.video(0).playout().height(28));
            until(42);
            assertEquals("", wanted(ada));
            assertEquals(0, ada.camera(0).activeLayers());
            ben.show(0, 640, 360);
            until(45);
            assertEquals(Playback.PLAYING, playback(ben));
            assertEquals(360, ben.video(0).playout().height(44));
        }
    }

    /** Narrow for minutes, so that whatever was tried has failed again and again; then it carries everything. */
    @ParameterizedTest
    @CsvSource({
        "100, 0, 1", "300, 0, 1", "1000, 0, 1", "2000, 0, 1", "100, 0.02, 1", "300, 0.02, 4", "500, 0.02, 1", "800, 0.02, 4"
    })
    void aLimitThatIsLiftedIsNoticedSoon(int limitedKbps, double loss, long seed) {
        int limitedSeconds = 180;
        int withinSeconds = 15;
        try (SimulatedRoom lifted = new SimulatedRoom(seed)) {
            BandwidthScenarios.publisher(lifted, "ada");
            LinkConfig narrow = LinkConfig.of(limitedKbps, 20).withLoss(Loss.random(loss));
            SyntheticBrowser ben = BandwidthScenarios.viewer(lifted, "ben", narrow);
            lifted.time().run(limitedSeconds);
            ben.downlink().setRateBps(4_000_000);
            lifted.time().run(withinSeconds + 5);
            int from = limitedSeconds + withinSeconds;
            assertEquals(100, shareOf(ben, from, from + 5, 720));
        }
    }

    /**
     * Half of what is sent gets lost, and the target stays what it is. Repair, which takes more, is given a fifth of the target: what
     * fits the rest goes on, and who has had everything does not have it any more.
     */
    @ParameterizedTest
    @CsvSource({
        "850000, bandwidth h/0/2, bandwidth h/0/2",
        "720000, bandwidth h/0/2, bandwidth h/0/1",
        "4400000, best_available f/0/2, best_available f/0/2",
        "3500000, best_available f/0/2, bandwidth f/0/1"
    })
    void repairLeavesFourFifthsToThePicture(long targetBps, String before, String after) {
        try (SimulatedRoom steady =
                new SimulatedRoom(SEED, new EngineConfig.Bandwidth(targetBps, targetBps, targetBps, true))) {
            BandwidthScenarios.publisher(steady, "ada");
            SyntheticBrowser ben = BandwidthScenarios.viewer(steady, "ben", FAST);
            steady.time().run(15);
            assertEquals(before, explained(steady, ben));
            ben.downlink().configure(FAST.withLoss(Loss.random(0.5)));
            steady.time().run(10);
            int[] seconds = new int[2];
            steady.time().every(Deadlines.SECOND, now -> {
                seconds[0] += explained(steady, ben).equals(after) ? 1 : 0;
                seconds[1] += ben.serverConnection().repairSentBps(now) > targetBps / 5 ? 1 : 0;
            });
            steady.time().run(30);
            assertTrue(seconds[0] >= 28, seconds[0] + " seconds of " + after + ", then " + explained(steady, ben));
            assertTrue(seconds[1] >= 28, seconds[1] + " seconds of more repair than a fifth");
        }
    }
}
