package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A link becomes narrow for half a minute and then is what it was: the viewer has the best picture again soon. */
class LiftedLimitTest {
    private static final long SEED = 1002;
    private static final int FIRST_SECOND = 30;
    private static final int NARROW_SECONDS = 30;
    private static final int WIDE_SECONDS = 40;
    private static final int TIMES = 4;
    private static final int CLIMBS_SECONDS = 15;
    private static final long MS = Deadlines.MILLISECOND;
    private static final LinkConfig CLEAN = LinkConfig.of(3_000, 20);

    @ParameterizedTest
    @ValueSource(ints = {300, 500, 1000})
    void aViewerOfACleanLinkClimbs(int narrowKbps) {
        assertClimbs(CLEAN, narrowKbps);
    }

    /** Jitter stretches short probes, so that they show less than there is. */
    @ParameterizedTest
    @ValueSource(ints = {300, 500, 1000})
    void aViewerOfAJitteryLinkClimbs(int narrowKbps) {
        assertClimbs(CLEAN.withJitterNanos(40 * MS, false).withLoss(Loss.bursts(0.005, 3)), narrowKbps);
    }

    private static void assertClimbs(LinkConfig link, int narrowKbps) {
        try (SimulatedRoom room = new SimulatedRoom(SEED)) {
            BandwidthScenarios.publisher(room, "ada");
            SyntheticBrowser ben = BandwidthScenarios.viewer(room, "ben", link);
            List<Integer> lifted = new ArrayList<>();
            for (int i = 0; i < TIMES; i++) {
                int narrow = FIRST_SECOND + i * (NARROW_SECONDS + WIDE_SECONDS);
                room.time().at(narrow, now -> ben.downlink().setRateBps(narrowKbps * 1000L));
                room.time().at(narrow + NARROW_SECONDS, now -> ben.downlink().setRateBps(link.rateBps()));
                lifted.add(narrow + NARROW_SECONDS);
            }
            room.time().run(lifted.getLast() + WIDE_SECONDS);
            List<Integer> took = lifted.stream().map(from -> climbs(ben, from)).toList();
            assertTrue(took.stream().allMatch(seconds -> seconds <= CLIMBS_SECONDS), "seconds: " + took);
        }
    }

    private static int climbs(SyntheticBrowser viewer, int from) {
        int second = from;
        while (second < from + WIDE_SECONDS && viewer.videos().getFirst().playout().height(second) < 720) {
            second++;
        }
        return second - from;
    }
}
